#pragma once

#include "actors/catalog/search_index.hpp"
#include "actors/learning/habit_table.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace hub {

/// What speaks for tools in one search, by what was learnt: nothing that was never learnt is in it.
class tie_breaker {
public:
  /// A tool passes another one if it scored at least this share of it.
  static constexpr double near = 0.8;

  /// The most tools that one search moves up, so the most places that another one falls.
  static constexpr size_t most_moved = 3;

  /// How many more than are shown take part.
  static constexpr size_t margin = 24;

  /// @param project The kind of the client's project; empty if it is unknown.
  /// @param previous The tool that was called before, see `habit_tool`; 0 for none.
  tie_breaker(const habit_table& habits, std::string_view request, std::string_view project, uint64_t previous);

  /// Whether anything speaks for any tool.
  bool empty() const noexcept {
    return words_.empty() && next_.empty() && use_.empty();
  }

  /// How much speaks for a tool, 0 to below 1.
  double favour(uint64_t tool) const noexcept;

  /// Moves those that more speaks for before others that scored about the same, and cuts off what is
  /// beyond `limit`.
  /// @param tool_of The hash of a hit's tool, see `habit_tool`.
  void arrange(search_result& result, size_t limit, const std::function<uint64_t(uint32_t)>& tool_of) const;

private:
  /// A context, of the project's kind or of all projects.
  struct source {
    habit_table::found found;
    double weight;
  };

  static double share(const std::vector<source>& sources, uint64_t tool, double doubt) noexcept;

  /// Of each word that is known.
  std::vector<std::vector<source>> words_;
  size_t word_count_ = 0;
  std::vector<source> next_;
  std::vector<source> use_;
};

/// Tools that are called often in such a project and by this client, the most often first.
/// @param candidates The hashes of those that may be chosen; the order decides among equals.
/// @return Places among the candidates, with those of which nothing is known at the end.
std::vector<size_t> most_useful(const habit_table* habits, std::string_view project, std::string_view client,
                                const std::vector<uint64_t>& candidates);

} // namespace hub
