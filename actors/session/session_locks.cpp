#include "actors/session/lock_tools.hpp"
#include "actors/session/session_parts.hpp"

#include <memory>
#include <utility>

namespace hub {

namespace {

lock_owner owner_of(session_pointer self, const client_request& request) {
  auto name = request.client ? request.client->name : std::string{};
  return {self->state.settings.number, name.empty() ? "unnamed client" : std::move(name), is_stateless(self)};
}

/// Asks the keeper, and puts what it says into the form of a tool's result.
template <class Answer, class Question, class Render>
void ask_keeper(session_pointer self, Question question, reply<rpc_answer> asker, Render render) {
  auto owed = std::make_shared<reply<rpc_answer>>(std::move(asker));
  auto name = question.name;
  self->request(self->state.settings.locks, caf::infinite, std::move(question))
    .then([owed, name, render](const Answer& x) { owed->deliver(render(name, x)); },
          [owed](const caf::error&) {
            owed->deliver(tool_error("The locks are lost, because the hub ends or their keeper has failed. Try again."));
          });
}

} // namespace

void ask_for_lock(session_pointer self, const client_request& request, lock_wish wish, reply<rpc_answer> asker) {
  if (auto* take = std::get_if<take_lock>(&wish.what)) {
    take->owner = owner_of(self, request);
    take->request_scope = is_stateless(self) ? request.from.id : self->state.settings.number;
    take->request_id = request.message.id.view();
    if (!is_stateless(self))
      take->session = caf::actor_cast<session_actor>(self);
    ask_keeper<lock_taken>(self, std::move(*take), std::move(asker), lock_result);
  } else {
    auto& release = std::get<release_lock>(wish.what);
    release.owner = owner_of(self, request);
    ask_keeper<lock_released>(self, std::move(release), std::move(asker), unlock_result);
  }
}

void cancel_lock(session_pointer self, uint64_t scope, std::string request_id) {
  if (self->state.settings.locks)
    self->send(self->state.settings.locks, cancel_lock_wait{scope, std::move(request_id)});
}

} // namespace hub
