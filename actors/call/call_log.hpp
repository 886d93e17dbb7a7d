#pragma once

#include "messages/trace_context.hpp"

#include <spdlog/logger.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace hub {

/// The log for lines about one call, which then tell its ids. They travel in the name of the logger, where
/// no text of a line can get to.
/// @param request The id of the request as its client wrote it, JSON; empty if it is not known.
/// @param trace All zero for none.
std::shared_ptr<spdlog::logger> call_log(std::string_view request, const trace_id& trace);

/// The ids that a line has. Views into the name of its logger.
struct call_mark {
  std::string_view request;
  std::string_view trace;
};

/// Reads them from the name of a logger; nothing if the line is about no call.
std::optional<call_mark> read_call_mark(std::string_view logger) noexcept;

} // namespace hub
