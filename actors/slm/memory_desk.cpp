#include "actors/slm/memory_desk.hpp"

#include "messages/reply.hpp"

#include <memory>

namespace hub {

namespace {

using pointer = memory_desk_actor::stateful_pointer<memory_desk_state>;

/// Passes a question on; `otherwise` is the answer where nobody gives one.
template <class Answer, class Handle, class Question>
caf::result<Answer> pass_on(pointer self, const Handle& to, const Question& x, Answer otherwise,
                            caf::duration limit = caf::infinite) {
  if (!to)
    return otherwise;
  auto promise = self->template make_response_promise<Answer>();
  auto owed = std::make_shared<reply<Answer>>(promise);
  self->request(to, limit, x)
    .then([owed](Answer& answer) { owed->deliver(std::move(answer)); },
          [owed, otherwise](const caf::error&) { owed->deliver(otherwise); });
  return promise;
}

report no_mesh() {
  return {409, "application/json", R"({"error":"There is no mesh: its plugin does not run","fix":"See slm-hub plugins list"})"};
}

caf::result<recalled> recall(pointer self, const get_recall& x) {
  auto& st = self->state;
  if (x.from == get_recall::source::memory)
    return pass_on(self, st.memory, x, recalled{}, caf::duration{x.limit});
  if (!st.mesh)
    return recalled{};
  auto promise = self->make_response_promise<recalled>();
  auto owed = std::make_shared<reply<recalled>>(promise);
  self->request(st.mesh, caf::infinite, get_report{"mesh", {}})
    .then([owed](report& answer) { owed->deliver(recalled{std::move(answer.text)}); },
          [owed](const caf::error&) { owed->deliver(recalled{}); });
  return promise;
}

} // namespace

memory_desk_actor::behavior_type memory_desk(pointer self) {
  self->set_down_handler([self](const caf::down_msg& x) {
    auto& st = self->state;
    if (st.memory && st.memory.address() == x.source)
      st.memory = recall_actor{};
    if (st.mesh && st.mesh.address() == x.source)
      st.mesh = mesh_actor{};
  });
  return {
    [self](const open_memory& x) {
      self->monitor(x.who);
      self->state.memory = x.who;
    },
    [self](const open_mesh& x) {
      self->monitor(x.who);
      self->state.mesh = x.who;
    },
    [self](const watch_behaviour& x) { self->state.learns = x.who; },
    [self](const behaviour_seen& x) {
      if (self->state.learns)
        self->send(self->state.learns, x);
    },
    [self](const get_recall& x) { return recall(self, x); },
    [self](const take_mesh_lock& x) { return pass_on(self, self->state.mesh, x, mesh_lock_taken{}); },
    [self](const release_mesh_lock& x) {
      if (self->state.mesh)
        self->send(self->state.mesh, x);
    },
    [self](const get_report& x) { return pass_on(self, self->state.mesh, x, no_mesh()); },
  };
}

} // namespace hub
