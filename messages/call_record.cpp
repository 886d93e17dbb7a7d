#include "messages/call_record.hpp"

namespace hub {

size_t weight_of(const std::vector<call_record>& records) noexcept {
  size_t result = 0;
  for (auto& x : records)
    result += x.params.size();
  return result;
}

} // namespace hub
