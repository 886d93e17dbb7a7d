#pragma once

#include "actors/supervisor/call_figures.hpp"
#include "actors/supervisor/lifecycle.hpp"
#include "messages/answer.hpp"
#include "messages/reply.hpp"
#include "messages/server_config.hpp"
#include "messages/supervisor.hpp"

#include <caf/typed_actor.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hub {

/// How many things a server offers; negative if nobody ever asked.
struct offer_counts {
  int64_t tools = -1;
  int64_t resources = 0;
  int64_t prompts = 0;
};

/// What the supervisor is told of a server when the hub starts.
struct server_entry_facts {
  server_config config;

  /// The file that its stderr goes to, for messages.
  std::string log;

  /// From the catalogue on disk, if there is one.
  offer_counts offer;

  /// The era that an earlier run found.
  std::optional<hub::era> era;
};

/// One server as the supervisor sees it: what it is, where its life stands, the
/// run that it has and who waits for it.
struct supervised_server {
  using time_point = lifecycle::time_point;

  supervised_server(server_entry_facts known, time_point now);

  /// Where the supervisor keeps it.
  size_t place = 0;

  server_entry_facts facts;
  lifecycle life;
  call_figures figures;

  // -- a server that one session, or one call at a time, has for itself -----------------

  /// As in `need_backend`.
  uint64_t scope = 0;
  std::shared_ptr<const client_context> client;
  session_actor session;

  /// The plugins were told that its present run takes calls.
  bool connected = false;

  /// The session has ended, or the server is not configured any more; the place is
  /// free when the run is over.
  bool released = false;

  /// Where it stands in the configuration.
  size_t rank = 0;

  /// Whether it carries one call at a time.
  bool exclusive() const noexcept {
    return (scope & exclusive_scope) != 0;
  }

  /// Whether its place can be given to another.
  bool is_free() const noexcept {
    return released && !backend;
  }

  // -- the present run -----------------------------------------------------------

  backend_actor backend;

  /// Counts the runs; messages of earlier ones are not for us.
  uint64_t run = 0;

  int64_t pid = 0;

  /// What the last run found it to speak, if that is not what the configuration says.
  std::optional<transport_kind> spoken;

  /// When the run is given up if it has not shaken hands, or killed if it has not
  /// stopped.
  std::optional<time_point> deadline;

  /// True while it was told to stop only if it is idle: it may say that it goes on.
  bool may_stay = false;

  /// True while nobody but the hub itself, which wants to know its tools, needed
  /// this run; what it offers is known when `learned`.
  bool learning = false;
  bool learned = false;

  /// Whether somebody watches what it does, so that it runs like one that is
  /// always on.
  bool held = false;

  bool always_on() const noexcept {
    return facts.config.always_on() || held;
  }

  /// Why it is in its state, as far as that is not said by the state itself: goes on after
  /// `because`. Empty if nobody knows better.
  std::string why;

  /// Whether it takes nothing before the user has logged in; `fix` says how.
  bool wants_login = false;

  /// Set while a run ends whose cause is mended already.
  bool mended = false;

  // -- who waits -------------------------------------------------------------------

  std::vector<reply<backend_lease>> waiters;
  std::vector<reply<server_restarted>> restarters;

  // -- for status --------------------------------------------------------------------

  /// Why it is in its state, as it goes on after `because`; empty if its last error says it.
  std::string reason() const;

  /// What comes next in its present state, a sentence; empty if nothing is sure to.
  std::string next_step(time_point now, std::chrono::milliseconds idle) const;

  /// The last call that began or ended.
  time_point last_used;

  /// When its memory was measured last, where it has a bound.
  time_point last_measured;

  std::string last_error;

  /// What can be done about the last crash; empty once it is ready again.
  std::string fix;

  const std::string& name() const noexcept {
    return facts.config.name;
  }

  /// A life that begins now, by the rules of the present configuration.
  lifecycle new_life(time_point now) const;

  /// How long it may go without a call, zero for ever; how long it may take to start.
  std::chrono::milliseconds idle_limit(std::chrono::milliseconds by_default) const;
  std::chrono::milliseconds start_limit(std::chrono::milliseconds by_default) const;

  /// The most memory that it may have, in bytes; 0 is no bound.
  int64_t memory_limit() const noexcept {
    return facts.config.policy.memory_limit.value_or(0);
  }

  /// @param idle What `idle_limit` says.
  server_status status(time_point now, std::chrono::milliseconds idle) const;

  /// Why nobody gets this server at `now`.
  std::shared_ptr<const failure> refusal(time_point now) const;
};

/// The refusal of a hub that is about to end.
std::shared_ptr<const failure> shutting_down_refusal(const std::string& server);

} // namespace hub
