#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace hub {

/// How much a search reply says of each tool.
enum class search_detail : uint8_t {
  /// The input schemas of the first tools, and a line for each of the others.
  fitting,
  names,
  signature,
  schema,
};

/// The arguments of `hub__search_tools`.
struct search_request {
  static constexpr size_t default_limit = 8;
  static constexpr size_t largest_limit = 50;

  /// What is wanted, as it was written; empty for everything.
  std::string query;

  /// How many tools to name, 1 to `largest_limit`.
  size_t limit = default_limit;

  /// A server name or pattern; empty for all.
  std::string server;

  search_detail detail = search_detail::fitting;

  /// How many tokens the reply may have; 0 if there is no bound. One token is
  /// counted as four bytes.
  size_t budget_tokens = 0;
};

/// What is wrong with the arguments, and what would be right.
struct bad_search {
  std::string message;
};

/// Reads the arguments of a search: `query` (required), `limit`, `server`,
/// `detail` (`names`, `signature` or `schema`) and `budget`. Numbers out of range
/// are brought into it; other members are ignored.
/// @param arguments A JSON object; may be empty.
/// @param budget_tokens What counts if the arguments name no budget. With
///        `detail: "schema"` there is none unless the arguments name it.
std::variant<search_request, bad_search> read_search_request(std::string_view arguments, size_t budget_tokens);

} // namespace hub
