#pragma once

#include "actors/call/calls.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace hub {

// What the parts of the call path share.

using call_path = wired_call_actor::stateful_pointer<calls_state>;

call_table::time_point now_of(call_path self);

rpc_answer failed(failure::kind what, std::string server, std::string cause, std::string fix);

/// Takes a new call in, or the retry of one whose client was asked something (`admission.cpp`).
caf::result<rpc_answer> take(call_path self, make_call& x);

/// Has `calls_tick` come while there is something to watch.
void keep_ticking(call_path self);

/// Whoever drains gets an answer when nothing is in flight.
void check_drained(call_path self);

/// The steps of a call before its server, in their order. Each lets it pass at once, answers it
/// by `finish`, or goes on with it later.
void admit(call_path self, call_id id, open_call& call, cache_rule_ptr rule);

/// Tells everybody but the asker how a call, or one try of it, has ended.
void tell_end(call_path self, open_call& call, const rpc_answer& answer);

/// Answers whoever asked; a call that has cost something waits for that to be kept.
void deliver_answer(call_path self, reply<rpc_answer> asker, rpc_answer answer, settle_costs costs);

/// Answers a call and forgets it. Everything that is not the answer goes to
/// the supervisor in one message that nobody waits for.
void finish(call_path self, call_id id, rpc_answer answer);

// -- what plugins say before a call (`plugin_guard.cpp`) -----------------------------

/// Asks the plugins that want it; there is one at least. False if the call waits for them, and
/// `rule` with it. If all have as much to say as they may, nobody is waited for.
bool ask_guards(call_path self, call_id id, open_call& call, cache_rule_ptr& rule);

/// Goes on without those plugins that have had their time.
void watch_guards(call_path self, const guard_tick& tick);

/// The steps of a call that no plugin denies.
void pass_guards(call_path self, call_id id, open_call& call, cache_rule_ptr rule);

/// The steps of a call behind the cache: only what its server is to answer gets here.
void ask_server(call_path self, call_id id, open_call& call);

/// Sends a call to its server, which is started if need be.
void send_on(call_path self, call_id id, open_call& call);

/// Ends a call that nobody waits for any more; the server is told.
void take_back(call_path self, call_id id, const std::string& reason);

// -- runs that carry one call at a time (`exclusive_calls.cpp`) -------------------

/// Sees to it that a call which needs a run for itself has one. False if it waits for
/// one, or was answered because too many do.
bool enter_run(call_path self, call_id id, open_call& call);

/// The call is over at the server; if not (`busy`), nobody else gets the run.
void leave_run(call_path self, open_call& call, bool busy);

/// Takes back the call whose client has been away for longest and long enough, of
/// those that `whose` accepts; false if there is none.
bool make_room(call_path self, const std::function<bool(const open_call&)>& whose);

/// Ends runs that nobody uses, and calls whose runs others wait for.
void tend_runs(call_path self);

// -- what is kept and shared (`cached_calls.cpp`) -----------------------------------

/// The cache's step, for calls that have a rule. False if the call was answered, or waits
/// for what is kept or for the answer to an equal call.
bool pass_cache(call_path self, call_id id, open_call& call, cache_rule_ptr rule);

/// Those who wait for the answer to a call hear of its progress from the run that has it now.
void join_followers(call_path self, call_id id, const open_call& call, const backend_actor& backend);

/// The answer to a call may be for its own client alone: those who wait for it ask by themselves.
void part_followers(call_path self, call_id id);

/// The client of a call is gone, but others wait for its answer: one of them takes its
/// place. False if there is none.
bool hand_over(call_path self, call_id id, open_call& call);

/// A call that the cache has to do with has left the table with this answer.
void end_cached(call_path self, open_call& call, const rpc_answer& answer);

/// Whether a run of its server was asked for a call.
inline bool needs_server(const open_call& call) noexcept {
  return call.cache != cache_use::hit && call.cache != cache_use::shared && !(call.priced && call.priced->refused);
}

caf::result<results_dropped> drop_kept(call_path self, const drop_results& x);

caf::result<cache_figures_told> tell_figures(call_path self);

// -- what calls cost (`priced_calls.cpp`) --------------------------------------------

/// Keeps money free for a call that has a price. False if it was answered because a budget has too little.
bool reserve_cost(call_path self, call_id id, open_call& call);

/// A call that has a price is over: what it costs is spent, the rest is free again.
settle_costs settle_cost(call_path self, open_call& call, const rpc_answer& answer);

/// Answers a call when its cost is on disk, or the disk is too slow.
void answer_when_kept(call_path self, reply<rpc_answer> asker, rpc_answer answer, settle_costs costs);

/// What is kept free for a call of a tool while it is in flight.
money expected_cost(call_path self, const price& x, const std::string& server, const std::string& tool);

// -- results that are too large for their clients (`cut_results.cpp`) -----------------

/// Whether the answer to a call is more than its client takes at once.
bool is_too_large(call_path self, const open_call& call, const rpc_answer& answer);

/// Gives an asker what it takes of its answer, once the cost of the call is kept.
void cut_and_deliver(call_path self, open_call& call, rpc_answer answer, settle_costs costs);

// -- tools that do the same (`cascading_calls.cpp`) -----------------------------------

/// Chooses the tool that a call goes to first. Returns the cache's rule for it.
cache_rule_ptr begin_cascade(call_path self, open_call& call, std::shared_ptr<const call_choices> choices);

/// Lets a call in a cascade go on with the next tool if its answer is none. False if it is one.
bool fall_to_next(call_path self, call_id id, open_call& call, const rpc_answer& answer);

/// Which tool of the cascade it was, and which were tried before it: a JSON object.
std::string cascade_meta(const open_call& call);

/// What is to be said of other tools when a budget stops a call.
std::string equivalents_text(call_path self, const open_call& call, money wanted);

// -- what clients are asked on the way (`call_questions.cpp`) --------------------

/// Has a question of a server answered by the client of its call.
caf::result<rpc_answer> put_question(call_path self, server_question& x);

/// The server may have asked for this call, and nobody could tell.
void doubt(call_path self, call_id id);

/// Tells the stateless client of a call what it is asked; it comes back with a retry.
void park(call_path self, call_id id);

/// The token in the `requestState` of a retry that belongs to a call of ours;
/// empty for any other request.
std::string token_of(const make_call& x);

/// A client comes back with its answers.
caf::result<rpc_answer> resume(call_path self, make_call& x, const std::string& token);

/// Takes an answer that is none yet: the server wants input first, or the client is
/// away. Returns false if the answer is one.
bool take_input_required(call_path self, call_id id, rpc_answer& answer);

} // namespace hub
