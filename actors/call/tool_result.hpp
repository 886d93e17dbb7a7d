#pragma once

#include "messages/answer.hpp"

#include <string_view>

namespace hub {

/// Turns an error of a server, or a failure of ours, into the result of a tool
/// that failed, in words that a model can act on. Other answers stay as they are.
rpc_answer as_tool_result(std::string_view server, rpc_answer answer);

/// A result with one more member in its `_meta`; what is there stays.
/// @param result A JSON object.
/// @param value JSON.
json_text with_meta(const json_text& result, std::string_view key, std::string_view value);

} // namespace hub
