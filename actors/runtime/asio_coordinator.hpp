#pragma once

#include "actors/runtime/asio_clock.hpp"
#include "actors/runtime/printer.hpp"
#include "actors/runtime/shard.hpp"

#include <caf/actor_system.hpp>
#include <caf/detail/type_list.hpp>
#include <caf/fwd.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace hub {

/// The scheduler of the hub: a module of the actor system that owns the shards,
/// the clock and the printer. It starts one thread a shard and no other.
///
/// Settings (both read from the configuration of the system):
/// - `scheduler.max-threads`, the number of shards: 1 to 64, default 1;
/// - `scheduler.max-throughput`, the messages that an actor handles before the
///   next one runs: at least 1, default 64.
///
/// When the system goes out of scope, the threads are joined, actors that still
/// wait for their turn end with `user_shutdown`, pending handlers are destroyed
/// without running, and the contexts go last, so that sockets may be destroyed
/// until then.
class asio_coordinator final : public caf::scheduler::abstract_coordinator {
public:
  /// @param sink Takes what actors print; stderr does when it is empty.
  explicit asio_coordinator(caf::actor_system& system, line_sink sink = {});

  ~asio_coordinator() override;

  /// For `config.load<asio_coordinator>()`.
  static caf::actor_system::module* make(caf::actor_system& system,
                                         caf::detail::type_list<>);

  /// The shard at `index`, which must be less than `size()`. Safe from any thread.
  shard& at(size_t index) noexcept {
    return *shards_[index];
  }

  /// How many shards there are; at least one. Safe from any thread.
  size_t size() const noexcept {
    return shards_.size();
  }

  /// Runs a job on the caller's shard, or on the next one in turn when the caller
  /// runs on none. Safe from any thread.
  void enqueue(caf::resumable* job) override;

  bool detaches_utility_actors() const override {
    return false;
  }

  asio_clock& clock() noexcept override {
    return *clock_;
  }

protected:
  void init(caf::actor_system_config& config) override;

  void start() override;

  void stop() override;

private:
  /// Ends the actors that wait on any shard, and those that they wake. The
  /// printer runs on.
  void drain();

  line_sink sink_;
  std::vector<std::unique_ptr<shard>> shards_;
  std::unique_ptr<asio_clock> clock_;
};

/// Gives the actor systems made from `config` this scheduler.
/// @param shards How many threads run actors, 1 to 64.
/// @param sink Takes what actors print, on a shard; stderr does when it is empty.
void load_runtime(caf::actor_system_config& config, size_t shards = 1, line_sink sink = {});

/// The shard `index % size` of a system. Safe from any thread.
/// @throws std::logic_error when the system runs on another scheduler.
shard& shard_of(caf::actor_system& system, size_t index = 0);

} // namespace hub
