#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::rpc {

/// An argument of a tool that HTTP clients repeat in a header (MCP 2026-07-28,
/// "Custom Headers from Tool Parameters").
struct header_parameter {
  /// The end of the header's name: `Region` for `Mcp-Param-Region`.
  std::string header;

  /// Where the argument is: names of properties from the outside in.
  std::vector<std::string> path;
};

/// What a tool's `inputSchema` says about headers.
struct header_parameters {
  std::vector<header_parameter> list;

  /// What breaks the rules, a sentence; clients over HTTP drop such a tool.
  std::optional<std::string> fault;
};

/// Reads the `x-mcp-header` members of an `inputSchema`, at most 64 of them.
header_parameters read_header_parameters(std::string_view input_schema);

/// The value of the argument at `path`, as JSON; empty if it is absent or null.
std::string_view argument_at(std::string_view arguments, const std::vector<std::string>& path);

} // namespace hub::rpc
