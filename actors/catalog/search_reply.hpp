#pragma once

#include "actors/catalog/search_request.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// A tool that a search found, best first.
struct found_tool {
  /// The name under which clients call it.
  std::string_view exposed_name;

  /// The name at its server.
  std::string_view name;

  /// The configured name of its server.
  std::string_view server;

  std::string_view description;

  /// JSON as the server wrote it; empty counts as `{"type":"object"}`.
  std::string_view input_schema;
};

/// What a search found.
struct search_outcome {
  /// How many tools match in all.
  size_t total = 0;

  /// The best of them.
  std::span<const found_tool> tools;

  /// Says that the hits are a guess; empty if they are not.
  std::string_view hint;

  /// Configured names of servers to propose if nothing was found.
  std::vector<std::string_view> nearest_servers;
};

/// Puts the JSON text of a search reply together:
/// `{"found":N,"query":"…","tools":[…]}`. A tool is `{tool, server, description,
/// inputSchema}` as long as the whole reply stays within the budget, else `{tool,
/// server, signature}`, and `more` says how to get the schemas that are missing.
/// Of the best tool's schema, where it is too large, as little is left out as must be, and `left_out` says
/// what, unless the request wants names or signatures.
std::string compose_search_reply(const search_request& request, const search_outcome& outcome);

} // namespace hub
