#pragma once

#include "actors/session/session.hpp"

#include "actors/session/route.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>

namespace hub {

// What the parts of a session share.

using session_pointer = owned_session_actor::stateful_pointer<session_state>;
using session_time = std::chrono::steady_clock::time_point;

session_time now_of(session_pointer self);

/// Whether it serves the stateless clients of a door.
bool is_stateless(session_pointer self);

rpc_answer failed(failure x);

/// For requests that were taken back, and streams that are over.
rpc_answer ended();

/// The server behind a transparent door; null if it is gone.
const known_server* server_of(session_pointer self);

/// Sees to it that a tick comes while anything waits.
void keep_ticking(session_pointer self);

/// A door as its address names it, behind `/mcp/`.
std::string text_of(const door& x);

// -- what permission rules let it see and do (`session_permissions.cpp`) ------------

/// Whether the client sees only a part of what there is.
bool has_view(session_pointer self);

/// Asks for the part that the client sees.
get_view view_wanted(session_pointer self, bool searchable);

/// Takes what the door shows of a new snapshot, which is the client's view of it if it
/// has one; returns the one before.
snapshot_ptr take_snapshot(session_pointer self, const snapshot_ptr& news);

/// Lets the rules judge a request that goes to a server, which must have a policy: why
/// not, or nothing.
std::optional<rpc_answer> refuse(session_pointer self, const client_request& request, forward& to);

/// Tells the observers of calls that a request was refused.
/// @param rule The permission rule that decided; null if none did.
void tell_refusal(session_pointer self, const client_request& request, const forward& to, const permission_rule* rule);

/// The tools that a call may go to instead, which must be in a cascade; null if there are none.
std::shared_ptr<const call_choices> choices_of(session_pointer self, const forward& call);

/// Where its calls come from.
std::shared_ptr<const call_origin> origin_of(session_pointer self);

// -- what is learnt (`session_learning.cpp`) --------------------------------------

/// What a search of a client of the federated door makes use of besides the index.
class session_memory : public search_memory {
public:
  /// @param meaning What tools mean about what is searched for; null if nobody was asked yet.
  session_memory(session_pointer self, const client_request& request, const meaning_ranked* meaning);

  /// Whether there is anything besides the index.
  bool empty() const;

  bool wants_meaning(const std::string& request) const override;
  size_t margin() const override;
  void arrange(const catalog_snapshot& snapshot, const search_request& request, search_result& result) override;

private:
  void fuse(const catalog_snapshot& snapshot, const search_request& request, search_result& result) const;

  session_pointer self_;
  const client_request& request_;
  const meaning_ranked* meaning_;
};

/// Has a search answered that waits for what tools mean, or for the time limit.
void ask_for_meaning(session_pointer self, client_request request, meaning_wish wish, reply<rpc_answer> asker);

/// Answers a request that had to wait for something (`session.cpp`).
void answer_now(session_pointer self, client_request request, reply<rpc_answer> asker, const hub_status* states,
                const meaning_ranked* meaning = nullptr);

/// The tools that a client sees by themselves at the federated door.
std::vector<tool_ref> chosen_tools(session_pointer self, const client_request& request);

/// A tool is called, and something is learnt.
void note_called(session_pointer self, const client_request& request, const forward& to);

// -- large results (`result_tools.cpp`) --------------------------------------------

/// Asks the keeper of large results.
void ask_for_result(session_pointer self, const client_request& request, read_result wish, reply<rpc_answer> asker);

// -- what the client is asked (`session_questions.cpp`) -------------------------

/// Writes a question to the stream of the exchange that made a server ask.
caf::result<rpc_answer> put_question(session_pointer self, const client_question& x);

/// Hands an answer to whoever asked.
void answer_question(session_pointer self, int64_t id, rpc_answer answer);

/// The answer to a question that nobody answers.
rpc_answer no_answer(std::string_view why);

/// Gives up questions that nobody has answered in time.
void expire_questions(session_pointer self);

// -- locks (`session_locks.cpp`) -------------------------------------------------

/// Asks the keeper of the locks in the name of the client.
void ask_for_lock(session_pointer self, const client_request& request, lock_wish wish, reply<rpc_answer> asker);

/// Takes requests for locks back that wait: one, or all of the scope if the id is empty.
void cancel_lock(session_pointer self, uint64_t scope, std::string request_id);

// -- the memory (`session_recall.cpp`) ---------------------------------------------

/// Answers with what the memory holds, or without it.
void ask_memory(session_pointer self, client_request request, memory_wish wish, reply<rpc_answer> asker);

// -- what the client is told by itself (`session_changes.cpp`) -------------------

/// A stream for changes opens; it is answered when it ends.
caf::result<rpc_answer> add_listener(session_pointer self, change_listener x);

/// A stream for changes is over.
void end_listener(session_pointer self, change_listener& x);

/// `subscriptions/listen` (2026-07-28): the acknowledgement comes first and
/// names what is honoured; the answer comes when the stream ends.
caf::result<rpc_answer> listen(session_pointer self, const client_request& request);

/// Whether a method is `resources/subscribe` or `resources/unsubscribe`.
bool is_subscription(std::string_view method);

/// Answers `resources/subscribe` and `resources/unsubscribe` (to 2025-11-25).
caf::result<rpc_answer> subscribe(session_pointer self, const client_request& request);

/// Lists have changed.
void tell_changes(session_pointer self, const visible_changes& changes);

/// A resource has changed.
void tell_change(session_pointer self, const resource_changed& x);

/// Writes a notification to the stream for what belongs to no request.
void tell_client(session_pointer self, const text_parts& message);

} // namespace hub
