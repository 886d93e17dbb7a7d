#pragma once

#include "actors/session/route.hpp"

#include <cstddef>
#include <string_view>

namespace hub {

inline constexpr std::string_view read_result_name = "hub__read_result";

/// Reads the arguments of `hub__read_result`; what is wrong with them is a tool's result. Whose
/// the result is, is for the session to fill in.
/// @param piece How many bytes are read if they do not say it.
route read_read_result(std::string_view arguments, size_t piece);

/// The answer to `tools/list` of a transparent door with `hub__read_result` before the server's own tools.
rpc_answer with_read_result(rpc_answer answer);

} // namespace hub
