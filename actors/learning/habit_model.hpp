#pragma once

#include "actors/learning/habit_table.hpp"

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hub {

/// A tool by the configured name of its server and the name that this gave it.
struct habit_name {
  std::string server;
  std::string tool;

  auto operator<=>(const habit_name&) const = default;
};

/// Learns from searches and calls which tool is called when: after a search with which words,
/// after which other tool, in which kind of project, by which client. All of it are counts that halve in a month, so it
/// explains itself. It has no clock; whoever drives it says what time it is.
class habit_model {
public:
  using time_point = std::chrono::system_clock::time_point;

  /// What lies further apart has nothing to do with each other.
  static constexpr std::chrono::minutes horizon{10};

  /// After so long a count is worth half.
  static constexpr std::chrono::hours half_life{30 * 24};

  /// The most contexts, tools of one (of a project or client), sessions, searches of one, and words of a search that are
  /// remembered.
  static constexpr size_t most_contexts = 4'000;
  static constexpr size_t most_tools = 8;
  static constexpr size_t most_used_tools = 256;
  static constexpr size_t most_sessions = 1'000;
  static constexpr size_t most_searches = 8;
  static constexpr size_t most_words = 16;

  /// When so much was counted in a context, all of it is halved.
  static constexpr double most_weight = 64;
  static constexpr double most_use = 1'024;

  /// What is less than that is forgotten.
  static constexpr double least_weight = 0.2;

  /// A search was answered.
  /// @param session Tells whose searches and calls belong together.
  /// @param project The kind of the project that it is about; empty if it is unknown.
  void searched(const std::string& session, std::string_view project, std::string_view request,
                std::vector<habit_name> shown, time_point now);

  /// A tool was called. It may be told after later searches.
  /// @param project As above; empty takes that of the session's last search.
  /// @param client The name of the client; may be empty.
  /// @param began When it was called.
  void called(const std::string& session, std::string_view project, std::string_view client, const habit_name& tool,
              bool succeeded, time_point began);

  /// What is known by now, for searches.
  /// @param folders The kinds of the projects in these folders.
  std::shared_ptr<const habit_table> table(std::map<std::string, std::string, std::less<>> folders, time_point now) const;

  /// Searches and calls that were taken in, and calls of a tool that a search had shown.
  struct figures {
    uint64_t searches = 0;
    uint64_t calls = 0;
    uint64_t led = 0;
  };

  const figures& counted() const noexcept {
    return figures_;
  }

  /// In what tools were called, with the tools, most first.
  struct shown_context {
    habit_kind what;
    std::string project;
    std::string of;

    /// What was counted in it.
    double sum = 0;
    std::vector<std::pair<habit_name, double>> tools;
  };

  /// All that is known, what counts most first.
  std::vector<shown_context> contexts(time_point now) const;

  size_t size() const noexcept {
    return contexts_.size();
  }

  /// As text for `read`, JSON.
  std::string write(time_point now) const;

  /// What `write` wrote; an empty model for anything else.
  static habit_model read(std::string_view text);

private:
  struct context_id {
    habit_kind what;
    std::string project;
    std::string of;

    auto operator<=>(const context_id&) const = default;
  };

  struct context {
    std::map<habit_name, double> tools;

    /// When the weights were as they stand here.
    time_point as_of{};
  };

  struct search {
    std::vector<std::string> words;
    std::vector<habit_name> shown;
    time_point at;
  };

  struct session {
    std::string project;

    /// The newest last.
    std::vector<search> searches;
    habit_name last;
    time_point called{};
    std::list<std::string>::iterator place;
  };

  session& session_of(const std::string& id);

  /// Counts in a context of the project's kind, and in that of all projects.
  void count(habit_kind what, const std::string& project, const std::string& of, const habit_name& tool, double weight,
             time_point now);
  void count_in(context_id id, const habit_name& tool, double weight, time_point now);

  /// Forgets a quarter of the contexts, those that count least.
  void make_room(time_point now);

  std::map<context_id, context> contexts_;
  std::unordered_map<std::string, session> sessions_;

  /// Their ids, the one that was used last in front.
  std::list<std::string> order_;
  figures figures_;
};

} // namespace hub
