#include "actors/watchdog/watchdog.hpp"

#include "actors/runtime/asio_coordinator.hpp"

#include <utility>

namespace hub {

shard_pulse::behavior_type shard_pulse::make_behavior() {
  return {[](feel_pulse) { return pulse_felt{}; }};
}

watchdog::watchdog(caf::actor_config& config, shard& home, size_t shards, std::chrono::microseconds interval,
                   std::function<void()> alive)
  : pinned(config, home), shards_(shards), interval_(interval), alive_(std::move(alive)) {
  // nop
}

watchdog::behavior_type watchdog::make_behavior() {
  for (size_t i = 0; i < shards_; ++i)
    pulses_.push_back(spawn_pinned<shard_pulse>(system(), shard_of(system(), i)));
  ask_all();
  delayed_send(this, interval_, watchdog_tick{});
  return {
    [this](watchdog_tick) {
      delayed_send(this, interval_, watchdog_tick{});
      // A round that is open belongs to a shard that does not answer.
      if (silent_ == 0)
        ask_all();
    },
  };
}

void watchdog::ask_all() {
  silent_ = pulses_.size();
  for (auto& pulse : pulses_)
    request(pulse, caf::infinite, feel_pulse{}).then([this](pulse_felt) {
      if (--silent_ == 0)
        alive_();
    });
}

void watchdog::on_exit() {
  for (auto& pulse : std::exchange(pulses_, {}))
    send_exit(pulse, caf::exit_reason::user_shutdown);
}

} // namespace hub
