#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// In what a server is used. Either may be empty, if it is not known.
struct use_context {
  /// The name that the client gives itself.
  std::string client;

  /// The kind of its project, such as `rust`.
  std::string project;

  auto operator<=>(const use_context&) const = default;
};

/// What is often used after what: counts, for each server, which one was used next within
/// some minutes; for each client in each kind of project, for each kind of project, and for all.
/// A small model that predicts and explains itself; what is long ago counts for less.
/// It has no clock; every call says what time it is.
class use_model {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Uses that lie further apart have nothing to do with each other.
  static constexpr std::chrono::minutes horizon{10};

  /// How often something must have followed, and in what share of the cases, to be predicted.
  static constexpr double least_weight = 3;
  static constexpr double least_share = 0.4;

  /// How much must have been counted after a server in a context for its own habits to count
  /// instead of those of all.
  static constexpr double enough = 5;

  /// When so much was counted after a server, all of it is halved.
  static constexpr double most_weight = 64;

  /// The most servers that are remembered, in how many contexts, and that are predicted at once.
  static constexpr size_t most_servers = 500;
  static constexpr size_t most_rows = 1000;
  static constexpr size_t most_predicted = 3;

  /// The most users at a time, and servers that each has used lately.
  static constexpr size_t most_users = 200;
  static constexpr size_t most_recent = 16;

  /// A server is used.
  /// @param user Whose uses follow each other.
  /// @return Whether it is another one than this user used before, so that `predict` has something new to say.
  bool observe(const std::string& user, const use_context& where, const std::string& server, time_point now);

  /// What will probably be used within `horizon` after `server`, the likeliest first.
  std::vector<std::string> predict(const use_context& where, const std::string& server) const;

  /// The same, where what `other` knows of all users counts too. Both may have seen the same uses, so
  /// the one that saw more of a server that follows counts, and not the sum.
  std::vector<std::string> predict(const use_context& where, const std::string& server, const use_model& other) const;

  /// Forgets a server that is not configured any more.
  void forget(const std::string& server);

  bool empty() const noexcept {
    return all_.empty();
  }

  /// As text for `read`, JSON.
  std::string write() const;

  /// What `write` wrote, here or in a hub that knew no contexts; an empty model for anything else.
  static use_model read(std::string_view text);

private:
  using followers = std::map<std::string, double>;

  struct row {
    use_context where;
    std::string server;

    auto operator<=>(const row&) const = default;
  };

  struct use {
    std::string server;
    time_point at;
  };

  /// Counts one that follows.
  static void count(followers& after, const std::string& server);

  /// Makes room for another row: what was seen once is forgotten first.
  bool has_room();

  /// Counts what follows for a context, if there is room.
  void count_in(const use_context& where, const std::string& before, const std::string& server);

  /// What a context knows by itself; null if that is little.
  const followers* own_habits(const use_context& where, const std::string& server) const;

  std::map<std::string, followers> all_;
  std::map<row, followers> rows_;

  /// The uses of the last minutes of each user, the newest last; one for each server.
  std::map<std::string, std::vector<use>> recent_;
};

/// Predictions of what a user uses next, and how often they were right.
class prediction_tally {
public:
  using time_point = use_model::time_point;

  /// These servers, at least one, were predicted to be used next.
  void expect(const std::string& user, std::vector<std::string> servers, time_point now);

  /// A user goes on to another server; was it expected?
  void used(const std::string& user, const std::string& server, time_point now);

  /// Predictions whose time is up were wrong.
  void expire(time_point now);

  uint64_t hits() const noexcept {
    return hits_;
  }

  uint64_t misses() const noexcept {
    return misses_;
  }

private:
  struct prediction {
    std::vector<std::string> servers;
    time_point until;
  };

  std::map<std::string, prediction> open_;
  uint64_t hits_ = 0;
  uint64_t misses_ = 0;
};

/// The server whose tool an agent has used, by the name under which it knows the tool:
/// `github__search` for a hub, `mcp__github__search` for a client that starts servers itself, and
/// `mcp__hub__github__search` for one that has the server from a hub. Empty if it is none that `is_server` knows.
std::string server_of_tool(std::string_view tool, const std::function<bool(const std::string&)>& is_server);

} // namespace hub
