#include "messages/call_record.hpp"

#include <algorithm>

namespace hub {

std::string_view to_string(call_outcome x) noexcept {
  switch (x) {
    case call_outcome::ok:
      return "ok";
    case call_outcome::tool_error:
      return "tool_error";
    case call_outcome::error:
      return "error";
    case call_outcome::failed:
      return "failed";
    case call_outcome::cancelled:
      return "cancelled";
    default:
      return "denied";
  }
}

bool is_wanted(const call_observers& observers) noexcept {
  return observers && std::ranges::any_of(*observers, [](const observer_outlet& x) {
           return x.gauge->wanted.load(std::memory_order_relaxed);
         });
}

size_t weight_of(const std::vector<call_record>& records) noexcept {
  size_t result = 0;
  for (auto& x : records)
    result += x.params.size();
  return result;
}

} // namespace hub
