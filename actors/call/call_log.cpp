#include "actors/call/call_log.hpp"

#include <spdlog/spdlog.h>

namespace hub {

namespace {

constexpr std::string_view prefix = "call:";

/// More of an id is of no use to anybody.
constexpr size_t longest_request = 128;

} // namespace

std::shared_ptr<spdlog::logger> call_log(std::string_view request, const trace_id& trace) {
  auto name = std::string{prefix} + (trace ? to_string(trace) : "") + ":";
  return spdlog::default_logger()->clone(name.append(request.substr(0, longest_request)));
}

std::optional<call_mark> read_call_mark(std::string_view logger) noexcept {
  if (!logger.starts_with(prefix))
    return std::nullopt;
  logger.remove_prefix(prefix.size());
  auto end = logger.find(':');
  if (end == std::string_view::npos)
    return std::nullopt;
  return call_mark{logger.substr(end + 1), logger.substr(0, end)};
}

} // namespace hub
