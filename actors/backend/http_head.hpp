#pragma once

#include "messages/catalogue.hpp"
#include "messages/json_text.hpp"
#include "messages/rpc/header_parameters.hpp"
#include "messages/trace_context.hpp"
#include "messages/transport.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hub {

/// The arguments that are repeated in headers, by the name of the tool.
using tool_header_map = std::unordered_map<std::string, std::vector<rpc::header_parameter>>;

/// Reads `x-mcp-header` of all tools. Takes those out of `tools` that break its
/// rules, as clients over HTTP must (MCP 2026-07-28), with a sentence for each in
/// `remarks`.
tool_header_map take_tool_headers(std::vector<json_text>& tools, std::vector<std::string>& remarks);

/// What the head of a POST says of a message with this method and these params.
/// @param trace What it tells of the trace; null for nothing.
std::shared_ptr<const http_hints> hints_for(std::string_view version, bool stateless,
                                            std::string_view method, std::string_view params,
                                            const tool_header_map& tools, const trace_context* trace);

} // namespace hub
