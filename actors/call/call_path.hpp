#pragma once

#include "actors/call/calls.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace hub {

// What the parts of the call path share.

using call_path = call_actor::stateful_pointer<calls_state>;

call_table::time_point now_of(call_path self);

rpc_answer failed(failure::kind what, std::string server, std::string cause, std::string fix);

/// Takes a new call in, or the retry of one whose client was asked something (`admission.cpp`).
caf::result<rpc_answer> take(call_path self, make_call& x);

/// Has `calls_tick` come while there is something to watch.
void keep_ticking(call_path self);

/// Answers a call and forgets it. Everything that is not the answer goes to
/// the supervisor in one message that nobody waits for.
void finish(call_path self, call_id id, rpc_answer answer);

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
