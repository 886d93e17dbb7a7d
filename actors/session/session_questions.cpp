#include "actors/session/session_parts.hpp"
#include "messages/rpc/compose.hpp"

#include <caf/send.hpp>

#include <utility>

namespace hub {

namespace {

/// How many questions a client may have open, and how long a person may take.
constexpr size_t max_questions = 256;
constexpr std::chrono::minutes question_limit{10};

} // namespace

rpc_answer no_answer(std::string_view why) {
  return error_of(internal_error, why);
}

caf::result<rpc_answer> put_question(session_pointer self, const client_question& x) {
  auto& st = self->state;
  if (is_stateless(self))
    return no_answer("A stateless client is not asked on a stream");
  if (st.questions.size() >= max_questions)
    return no_answer("The client has too many questions open");
  auto id = ++st.last_question;
  auto promise = self->make_response_promise<rpc_answer>();
  st.questions.emplace(id, session_state::question{reply<rpc_answer>{promise}, now_of(self) + question_limit});
  if (x.on.gate)
    self->send(x.on.gate, stream_event{x.on.id, rpc::make_request(std::to_string(id), x.method, x.params), id,
                                       caf::actor_cast<session_actor>(self)});
  keep_ticking(self);
  return promise;
}

void answer_question(session_pointer self, int64_t id, rpc_answer answer) {
  auto& questions = self->state.questions;
  if (auto i = questions.find(id); i != questions.end()) {
    i->second.asker.deliver(std::move(answer));
    questions.erase(i);
  }
}

void expire_questions(session_pointer self) {
  auto& questions = self->state.questions;
  for (auto i = questions.begin(); i != questions.end();) {
    if (now_of(self) < i->second.deadline) {
      ++i;
      continue;
    }
    i->second.asker.deliver(no_answer("The client did not answer in time"));
    i = questions.erase(i);
  }
}

} // namespace hub
