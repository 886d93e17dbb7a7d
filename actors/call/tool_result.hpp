#pragma once

#include "messages/answer.hpp"

#include <string_view>

namespace hub {

/// Turns an error of a server, or a failure of ours, into the result of a tool
/// that failed, in words that a model can act on. Other answers stay as they are.
rpc_answer as_tool_result(std::string_view server, rpc_answer answer);

} // namespace hub
