#pragma once

#include "actors/supervisor/start_queue.hpp"
#include "actors/supervisor/supervised_server.hpp"
#include "actors/supervisor/supervisor.hpp"

#include <caf/actor_clock.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

namespace hub {

/// Something is due. A tick that was overtaken by an earlier one has an old
/// number.
struct supervisor_tick {
  uint64_t number = 0;
};

using supervising_actor = protocol<caf::reacts_to<supervisor_tick>>::also<wired_supervisor_actor>::handle;

/// The actor behind `spawn_supervisor`. The lives of the servers are state
/// machines (`lifecycle`), whose turn it is decides `start_queue`; here events
/// meet them and backends are made, stopped and killed.
class supervisor final : public supervising_actor::base {
public:
  supervisor(caf::actor_config& cfg, supervisor_settings settings);

  const char* name() const override {
    return "supervisor";
  }

  behavior_type make_behavior() override;

  void on_exit() override;

private:
  using time_point = lifecycle::time_point;

  time_point now() {
    return time_point{clock().now().time_since_epoch()};
  }

  supervised_server* find(const std::string& name) {
    auto i = index_.find(name);
    return i == index_.end() ? nullptr : &servers_[i->second];
  }

  /// The server whose present run `x` is about.
  template <class Message>
  supervised_server* of_run(const Message& x) {
    auto server = find(x.server);
    return server && server->backend && server->run == x.run ? server : nullptr;
  }

  size_t place_of(const supervised_server& server) const {
    return static_cast<size_t>(&server - servers_.data());
  }

  // -- questions -------------------------------------------------------------------

  caf::result<backend_lease> lease(const need_backend& x);
  caf::result<server_restarted> restart(const restart_server& x);
  caf::result<shut_down_done> shut_down_all(const shut_down& x);
  hub_status status();

  // -- runs --------------------------------------------------------------------------

  void enqueue(supervised_server& server, urgency why);
  void start_next();
  void start(supervised_server& server);
  void became_ready(supervised_server& server, const backend_ready& x);
  void ended(supervised_server& server, run_end how);
  void answer_waiters(supervised_server& server);
  void stop(supervised_server& server, bool only_if_idle);
  void stop_if_learned(supervised_server& server);
  void check_all_gone();
  void forgive(supervised_server& server);
  void authorization(supervised_server& server, const authorization_changed& x);

  // -- time ----------------------------------------------------------------------------

  std::optional<time_point> next_due(const supervised_server& server) const;
  void arm();
  void tick(const supervisor_tick& x);
  void do_what_is_due(supervised_server& server, time_point now);

  supervisor_settings settings_;
  std::vector<supervised_server> servers_;
  std::unordered_map<std::string, size_t> index_;
  start_queue queue_;
  std::minstd_rand random_;
  time_point born_;
  size_t waiting_ = 0;

  /// Who waits for the end of everything.
  std::vector<reply<shut_down_done>> downs_;
  bool shutting_down_ = false;
  uint64_t killed_ = 0;

  /// When the tick with the number `ticks_` comes.
  std::optional<time_point> armed_;
  uint64_t ticks_ = 0;
};

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::supervisor_tick)
