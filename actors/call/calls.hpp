#pragma once

#include "actors/call/asking_requests.hpp"
#include "actors/call/call_feed.hpp"
#include "actors/call/call_table.hpp"
#include "actors/call/exclusive_runs.hpp"
#include "actors/call/guarded_calls.hpp"
#include "actors/call/held_answers.hpp"
#include "actors/call/read_flights.hpp"
#include "messages/call.hpp"
#include "messages/large_result.hpp"
#include "messages/ledger.hpp"
#include "messages/plugin.hpp"
#include "messages/savings.hpp"
#include "messages/supervisor.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub {

/// A run of a server: the shared one, that of one session, or one that carries a
/// call at a time.
struct run_name {
  std::string server;
  uint64_t scope = 0;

  auto operator<=>(const run_name&) const = default;
};

/// Finds a run without a copy of its server's name.
struct run_order {
  using is_transparent = void;
  using view = std::pair<std::string_view, uint64_t>;

  static view view_of(const run_name& x) noexcept {
    return {x.server, x.scope};
  }

  static view view_of(const view& x) noexcept {
    return x;
  }

  template <class A, class B>
  bool operator()(const A& a, const B& b) const noexcept {
    return view_of(a) < view_of(b);
  }
};

/// What the call path needs to know.
struct call_settings {
  supervisor_actor supervisor;

  /// How many calls may be in flight.
  size_t capacity = 10'000;

  /// What a call may take that says nothing of its own.
  std::chrono::milliseconds time_limit{300'000};

  /// How long a stateless client may take to come back with what it was asked.
  std::chrono::milliseconds answer_limit{600'000};

  /// The shards of what is kept; none if nothing is.
  std::vector<cache_shard_actor> cache = {};

  /// The largest result that is kept, in bytes.
  size_t kept_result_limit = 8 << 20;

  /// Who hears how calls ended.
  call_observers observers = nullptr;

  /// Who writes down what calls cost; null if nobody does.
  ledger_actor ledger = {};

  /// Null for no budgets.
  std::shared_ptr<const budget_cell> budgets = nullptr;

  /// What was spent of them in runs before.
  std::vector<spent_row> spent = {};

  /// Where it is counted what the cache spares; may be null.
  std::shared_ptr<savings_counter> saved = nullptr;

  /// Seconds since 1970, by which budgets begin anew.
  std::function<int64_t()> wall_clock = [] {
    using namespace std::chrono;
    return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
  };

  /// Cuts results that are too large for their clients; null if none is cut.
  result_keeper_actor results = {};

  /// How much of the text of such a result comes at once, in bytes.
  size_t result_head = 16 * 1024;

  /// Whether calls without a trace begin one, because their traces are sent somewhere.
  bool begins_traces = false;
  double sampled_share = 1;
};

/// Sent by the call path to itself: a plugin has had its time to say something. One that was
/// overtaken by an earlier one has an old number.
struct guard_tick {
  uint64_t number = 0;
};

/// The call path as it is wired: plugins may deny calls.
using wired_call_actor = protocol<
  caf::reacts_to<guard_tick>>::also<guarded_actor>::also<call_actor>::handle;

/// The call path: owns every call in flight. It holds the handles
/// of running servers and asks the supervisor only when it has none; a handle
/// is dropped when that run ends. If this actor dies, `reply` answers each of
/// its calls.
struct calls_state {
  call_settings settings;
  call_table table{0};
  std::map<run_name, backend_actor, run_order> backends;
  asking_requests asking;
  exclusive_runs exclusive;
  read_flights flights;

  /// Who is asked before calls; null if nobody is.
  call_guards guards;

  /// Calls that wait for that.
  guarded_calls guarded;

  /// When the `guard_tick` with the number `guard_ticks` comes.
  std::optional<call_table::time_point> guard_tick_at;
  uint64_t guard_ticks = 0;
  std::optional<reply<calls_drained>> drained;
  std::chrono::steady_clock::time_point drain_deadline;
  calls_drained drain_counts;
  call_counts counts;

  /// What may be spent, and what calls in flight may spend of it.
  budget_keeper budgets;

  /// What calls of tools whose price is known only afterwards have cost at most, by server and
  /// tool; 1,000 tools at the most.
  std::map<std::pair<std::string, std::string>, money> dearest;

  /// Tools that failed in a cascade, and until when the others go before them.
  std::map<std::pair<std::string, std::string>, std::chrono::steady_clock::time_point> failed_tools;

  /// How many calls in flight may go to other tools.
  size_t cascading = 0;

  /// Results that are being cut.
  size_t cutting = 0;

  /// Answers whose cost is not on disk yet.
  held_answers held;

  /// Ends of calls that the observers have not heard of.
  call_feed ends;
  bool draining = false;
  bool ticking = false;

  static constexpr const char* name = "calls";
};

wired_call_actor::behavior_type calls(wired_call_actor::stateful_pointer<calls_state> self,
                                      call_settings settings);

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::guard_tick)
