#pragma once

#include "actors/supervisor/start_queue.hpp"
#include "actors/supervisor/supervised_server.hpp"
#include "actors/supervisor/supervisor.hpp"

#include <caf/actor_clock.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <deque>
#include <functional>
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

/// A run whose server has another configuration by now. No call is sent there any more.
struct retiring_run {
  backend_actor backend;
  uint64_t run = 0;

  /// When it is told to end at once, and then when it is killed.
  std::optional<lifecycle::time_point> deadline;
  bool hurried = false;
};

using supervising_actor = protocol<caf::reacts_to<supervisor_tick>,
                                   caf::reacts_to<memory_measured>>::also<wired_supervisor_actor>::handle;

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

  /// How often the memory of a server is measured that has a bound.
  static constexpr std::chrono::seconds memory_interval{5};

  /// The longest name, in bytes, by which the habits of a client are told apart from those of others.
  static constexpr size_t longest_name = 64;

  /// How long a use of the same server by the same client is not looked at.
  static constexpr std::chrono::seconds same_use{5};

  /// How often what is learnt of use is kept, at most.
  static constexpr std::chrono::seconds keep_interval{60};

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
    for (auto& server : servers_)
      if (server.backend && server.run == x.run)
        return &server;
    return nullptr;
  }

  /// A new server, at a place that is free.
  supervised_server& place_for(server_entry_facts facts);

  /// A configured one.
  supervised_server& add(server_entry_facts facts);

  /// What a session has of a server for itself, made if need be; null if there are
  /// too many.
  supervised_server* own_run(const supervised_server& shared, const need_backend& x);

  /// The session of a run has ended.
  void release(supervised_server& server);

  // -- changes of the configuration ----------------------------------------------------

  void configure(const configure_servers& x);

  /// Gives a server another configuration.
  void change(supervised_server& server, const server_entry_facts& facts);

  /// Takes a server out; nobody finds it any more.
  void remove(supervised_server& server);

  /// The present run ends when what is in flight there is answered; the server may
  /// have another run meanwhile.
  void retire(supervised_server& server);

  /// What is due for a run that was retired: it is told to end, and then killed.
  void hurry(retiring_run& x);

  /// A run that was retired has ended.
  void retired_ended(const std::function<bool(const retiring_run&)>& is_it);

  /// A server is used: what follows it is learnt, and may be started.
  void used(const supervised_server& server, const std::shared_ptr<const client_context>& client);

  /// The servers among `names` that can be used.
  std::vector<std::string> usable(std::vector<std::string> names);

  /// What the memory daemon has seen, in place of what it told before.
  void learn_from(const behaviour_seen& x);

  /// Has what was learnt kept for the next hub.
  void keep_uses();

  /// Starts what runs without being asked for.
  void start_unasked(supervised_server& server);

  // -- questions -------------------------------------------------------------------

  caf::result<backend_lease> lease(const need_backend& x);
  caf::result<server_restarted> restart(const restart_server& x);
  caf::result<shut_down_done> shut_down_all(const shut_down& x);
  hub_status status();

  // -- runs --------------------------------------------------------------------------

  /// @param reason Goes on after "because".
  void enqueue(supervised_server& server, urgency why, std::string reason);
  void start_next();
  void start(supervised_server& server);
  void became_ready(supervised_server& server, const backend_ready& x);
  void ended(supervised_server& server, run_end how);

  /// A run that took calls takes none any more; the plugins are told.
  void disconnected(supervised_server& server, std::string cause, bool asked_for);

  void answer_waiters(supervised_server& server);
  void stop(supervised_server& server, bool only_if_idle, std::string reason);
  void stop_if_learned(supervised_server& server);
  void check_all_gone();
  void forgive(supervised_server& server);
  void authorization(supervised_server& server, const authorization_changed& x);

  // -- time ----------------------------------------------------------------------------

  std::optional<time_point> next_due(const supervised_server& server) const;
  std::optional<time_point> next_due_while_ready(const supervised_server& server) const;
  void arm();
  void tick(const supervisor_tick& x);
  void do_what_is_due(supervised_server& server, time_point now);

  /// Has the memory of a server with a bound measured now and then.
  void watch_memory(supervised_server& server, time_point now);

  /// Ends a server that has more memory than it may.
  void check_memory(supervised_server& server, int64_t used);

  supervisor_settings settings_;

  /// In no order; those of single sessions and places that are free among them.
  std::deque<supervised_server> servers_;

  use_model uses_;
  prediction_tally predictions_;

  /// What the memory daemon has seen, and predictions from both.
  use_model uses_elsewhere_;
  prediction_tally joined_predictions_;
  uint64_t uses_seen_ = 0;

  /// The last use that was counted: more of the same says nothing new for a while.
  struct last_use {
    std::shared_ptr<const client_context> client;
    std::string server;
    time_point at;
  };
  last_use last_use_;

  /// Whether `uses_` knows more than was kept, and when that was.
  bool uses_changed_ = false;
  time_point uses_kept_{};

  /// What ends while its server goes on.
  std::vector<retiring_run> retiring_;

  /// Numbers the runs of all servers.
  uint64_t runs_ = 0;
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
