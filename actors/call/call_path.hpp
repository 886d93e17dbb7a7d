#pragma once

#include "actors/call/calls.hpp"

#include <string>
#include <string_view>

namespace hub {

// What the parts of the call path share.

using call_path = call_actor::stateful_pointer<calls_state>;

call_table::time_point now_of(call_path self);

rpc_answer failed(failure::kind what, std::string server, std::string cause, std::string fix);

/// Answers a call and forgets it. Everything that is not the answer goes to
/// the supervisor in one message that nobody waits for.
void finish(call_path self, call_id id, rpc_answer answer);

/// Sends a call to its server, which is started if need be.
void send_on(call_path self, call_id id, open_call& call);

// -- what clients are asked on the way (`call_questions.cpp`) --------------------

/// Has a question of a server answered by the client of its call.
caf::result<rpc_answer> put_question(call_path self, server_question& x);

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
