#include "messages/server_config.hpp"

namespace hub {

run_policy run_policy::under(const run_policy& preferred) const {
  auto result = preferred;
  auto fill = [this, &result](auto member) {
    if (!(result.*member))
      result.*member = this->*member;
  };
  fill(&run_policy::eager);
  fill(&run_policy::always_on);
  fill(&run_policy::idle_limit);
  fill(&run_policy::start_limit);
  fill(&run_policy::request_limit);
  fill(&run_policy::max_concurrent);
  fill(&run_policy::crash_limit);
  fill(&run_policy::memory_limit);
  fill(&run_policy::processors);
  fill(&run_policy::processor_seconds);
  return result;
}

} // namespace hub
