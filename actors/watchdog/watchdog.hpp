#pragma once

#include "actors/runtime/pinned.hpp"
#include "messages/protocol.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <vector>

namespace hub {

/// Asks a shard for a sign of life.
struct feel_pulse {};

struct pulse_felt {};

/// Sent by the watchdog to itself.
struct watchdog_tick {};

using pulse_actor = protocol<caf::replies_to<feel_pulse>::with<pulse_felt>>::handle;

using watchdog_actor = protocol<caf::reacts_to<watchdog_tick>>::handle;

/// Answers on one shard, if that still runs. Owned by the watchdog.
class shard_pulse : public pinned<pulse_actor::base> {
public:
  shard_pulse(caf::actor_config& config, shard& home) : pinned(config, home) {
    // nop
  }

  behavior_type make_behavior() override;
};

/// Says `alive` again and again as long as every shard works: in each interval once, when
/// all of them have answered what the watchdog asked in it. One shard that is stuck is
/// enough to silence it, and whoever listens restarts the hub. It lives on the first shard
/// and owns a pulse on each; when it dies, the hub is taken for stuck.
class watchdog : public pinned<watchdog_actor::base> {
public:
  /// @param alive Called on the first shard; must not wait.
  watchdog(caf::actor_config& config, shard& home, size_t shards, std::chrono::microseconds interval,
           std::function<void()> alive);

  behavior_type make_behavior() override;

  void on_exit() override;

private:
  void ask_all();

  size_t shards_;
  std::chrono::microseconds interval_;
  std::function<void()> alive_;
  std::vector<pulse_actor> pulses_;

  /// How many shards have not answered in this round.
  size_t silent_ = 0;
};

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::feel_pulse)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::pulse_felt)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::watchdog_tick)
