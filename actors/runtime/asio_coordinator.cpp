#include "actors/runtime/asio_coordinator.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <utility>

namespace hub {

namespace {

/// More threads than this are a mistake in the configuration.
constexpr size_t shards_max = 64;

/// Keeps an actor with a full mailbox from holding up the rest: 64 messages take
/// some tens of microseconds.
constexpr size_t max_throughput_default = 64;

void print_to_stderr(std::string_view line) {
  std::string text{line};
  text += '\n';
  std::fputs(text.c_str(), stderr);
}

} // namespace

asio_coordinator::asio_coordinator(caf::actor_system& system, line_sink sink)
  : abstract_coordinator(system), sink_(sink ? std::move(sink) : print_to_stderr) {
  // nop
}

asio_coordinator::~asio_coordinator() = default;

caf::actor_system::module* asio_coordinator::make(caf::actor_system& system,
                                                  caf::detail::type_list<>) {
  return new asio_coordinator(system);
}

void asio_coordinator::init(caf::actor_system_config& config) {
  num_workers_ = std::clamp(get_or(config, "scheduler.max-threads", size_t{1}), size_t{1},
                            shards_max);
  max_throughput_ = std::max(
    get_or(config, "scheduler.max-throughput", max_throughput_default), size_t{1});
  for (size_t i = 0; i < num_workers_; ++i)
    shards_.push_back(std::make_unique<shard>(system_, i, max_throughput_));
  clock_ = std::make_unique<asio_clock>(*shards_.front());
}

void asio_coordinator::start() {
  for (auto& x : shards_)
    x->start();
  utility_actors_[printer_id] = system_.spawn<caf::hidden>(hub::printer, sink_);
}

void asio_coordinator::enqueue(caf::resumable* job) {
  auto here = shard::current();
  if (here == nullptr || &here->system() != &system_)
    here = shards_[next_worker_.fetch_add(1, std::memory_order_relaxed) % size()].get();
  here->exec_later(job);
}

void asio_coordinator::stop() {
  for (auto& x : shards_)
    x->stop();
  // Only this thread and detached actors are left, and these reach the shards by
  // the inbox alone.
  drain();
  clock_->close();
  for (auto& x : shards_)
    x->drop_handlers();
  drain();
  anon_send_exit(utility_actors_[printer_id], caf::exit_reason::user_shutdown);
  drain();
  for (auto& x : shards_)
    x->close();
  drain();
}

void asio_coordinator::drain() {
  auto last = dynamic_cast<caf::resumable*>(
    caf::actor_cast<caf::abstract_actor*>(utility_actors_[printer_id]));
  for (auto any = true; any;) {
    any = false;
    for (auto& x : shards_)
      any |= x->drain(last);
  }
}

void load_runtime(caf::actor_system_config& config, size_t shards, line_sink sink) {
  config.set("scheduler.max-threads", shards);
  config.module_factories.push_back(
    [sink = std::move(sink)](caf::actor_system& system) -> caf::actor_system::module* {
      return new asio_coordinator(system, sink);
    });
}

shard& shard_of(caf::actor_system& system, size_t index) {
  auto coordinator = dynamic_cast<asio_coordinator*>(&system.scheduler());
  if (coordinator == nullptr)
    throw std::logic_error("this actor system has no shards: its configuration lacks "
                           "hub::load_runtime()");
  return coordinator->at(index % coordinator->size());
}

} // namespace hub
