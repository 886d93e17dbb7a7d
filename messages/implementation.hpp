#pragma once

#include <string_view>

namespace hub {

/// Who the hub says it is, to clients (`serverInfo`) and to servers
/// (`clientInfo`): an `Implementation` of MCP as JSON.
inline constexpr std::string_view own_implementation
  = R"({"name":"slm-hub","title":"SLM Hub","version":")" HUB_VERSION R"("})";

} // namespace hub
