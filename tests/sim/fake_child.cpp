#include "tests/sim/fake_child.hpp"

#include <caf/actor_cast.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <utility>

namespace hub::sim {

/// Sent by a child to itself.
struct child_starts {};
struct child_ends {
  bool asked_for = false;
};

} // namespace hub::sim

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::sim::deed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::sim::child_starts)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::sim::child_ends)

namespace hub::sim {

namespace {

using child_actor = protocol<
  caf::reacts_to<child_starts>,
  caf::reacts_to<deed>,
  caf::reacts_to<child_ends>>::also<transport_actor>::handle;

struct child_state {
  std::shared_ptr<ledger> book;
  uint64_t number = 0;
  bool closing = false;

  ~child_state() {
    if (book)
      book->children.erase(number);
  }
};

using pointer = child_actor::stateful_pointer<child_state>;

void end(pointer self, const transport_owner& owner, bool asked_for) {
  transport_closed x;
  x.cause = asked_for ? "was stopped" : "exited with 1";
  x.last_stderr = {"last words"};
  x.asked_for = asked_for;
  self->send(owner, std::move(x));
  self->quit();
}

child_actor::behavior_type child(pointer self, transport_owner owner, std::string name, temper character,
                                 std::shared_ptr<dice> luck, std::shared_ptr<ledger> book) {
  auto& st = self->state;
  st.book = book;
  st.number = ++book->children_born;
  book->children[st.number] = {std::move(name), owner.id()};
  auto server = std::make_shared<flaky_server>(character, luck);
  auto pid = static_cast<int64_t>(st.number);
  self->send(self, child_starts{});
  return {
    [=](child_starts) { self->send(owner, transport_opened{pid}); },
    [=](deed& x) {
      if (x.says.empty())
        end(self, owner, self->state.closing);
      else if (x.answers.empty() || !server->forgets(x.answers))
        self->send(owner, messages_received{{{json_text{std::move(x.says)}, 0}}});
    },
    [=](const child_ends& x) { end(self, owner, x.asked_for); },
    [=](const send_message& x) {
      for (auto& what : server->hear(x.message.to_string())) {
        // What is said at once keeps its order; what takes time is overtaken.
        if (what.after.count() == 0)
          self->send(self, std::move(what));
        else
          self->delayed_send(self, what.after, std::move(what));
      }
      for (auto& complaint : server->take_complaints())
        book->violations.push_back(std::move(complaint));
    },
    [](const abandon_request&) {},
    [=](const close_transport& x) {
      if (std::exchange(self->state.closing, true))
        return;
      // SIGTERM ends a good one in a moment, SIGKILL a stubborn one in the end.
      auto grace = std::chrono::milliseconds{x.grace_ms};
      auto wait = luck->chance(character.stubborn) ? 2 * grace : luck->between({}, grace / 4);
      self->delayed_send(self, wait, child_ends{true});
    },
  };
}

} // namespace

transport_actor spawn_fake_child(caf::actor_system& system, const transport_owner& owner, std::string server,
                                 temper character, std::shared_ptr<dice> luck, std::shared_ptr<ledger> book) {
  return caf::actor_cast<transport_actor>(
    system.spawn(child, owner, std::move(server), character, std::move(luck), std::move(book)));
}

} // namespace hub::sim
