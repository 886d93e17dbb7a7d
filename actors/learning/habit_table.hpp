#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// In what a tool was called.
enum class habit_kind : char {
  word = 'w', ///< After a search with this word.
  next = 'n', ///< After this tool.
  use = 'u',  ///< In such a project.
  client = 'c' ///< By this client.
};

/// The hash by which a tool is known: the same on every machine.
/// @param server The configured name. @param tool The name that its server gave it.
uint64_t habit_tool(std::string_view server, std::string_view tool) noexcept;

/// The hash of that in which a tool was called.
/// @param project The kind of the project; empty for all of them.
uint64_t habit_context(habit_kind what, std::string_view project, std::string_view of) noexcept;

/// The same for what was called after a tool, see `habit_tool`.
uint64_t habit_next(std::string_view project, uint64_t tool) noexcept;

/// What was learnt of which tool is called when, at one moment. It never changes and can be read from any thread.
class habit_table {
public:
  struct entry {
    uint64_t tool = 0;

    /// How often, where what is long ago counts for less.
    float weight = 0;
  };

  /// The tools that were called in one context.
  struct found {
    /// By tool.
    std::span<const entry> tools;

    /// Of all of them.
    float sum = 0;

    /// That of one tool.
    float weight_of(uint64_t tool) const noexcept;
  };

  /// @param folders The kinds of the projects in these folders.
  explicit habit_table(std::map<std::string, std::string, std::less<>> folders = {});

  /// Only for the one who makes it, before it is published; each context once. `seal` ends it.
  void add(uint64_t context, std::vector<entry> tools);
  void seal();

  found find(uint64_t context) const noexcept;

  bool empty() const noexcept {
    return contexts_.empty();
  }

  /// The kind of the project in a folder; empty if it is none that is known.
  std::string_view kind_of(std::string_view folder) const noexcept;

private:
  struct context {
    uint64_t hash;
    uint32_t first;
    uint32_t count;
    float sum;
  };

  std::vector<context> contexts_;
  std::vector<entry> entries_;
  std::map<std::string, std::string, std::less<>> folders_;
};

/// Where what was learnt is left for the sessions of all shards. Null before anything is.
using habit_cell = std::atomic<std::shared_ptr<const habit_table>>;

} // namespace hub
