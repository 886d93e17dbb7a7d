#include "actors/call/call_path.hpp"

#include <caf/send.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace hub {

namespace {

/// How long the client of a call may be away before its run is given to another.
constexpr std::chrono::seconds time_to_return{30};

void release(call_path self, const std::string& server, uint64_t run) {
  auto& st = self->state;
  st.backends.erase({server, run});
  self->send(st.settings.supervisor, release_scope{run});
}

/// Calls in the line get the runs that are free.
void serve_line(call_path self, const std::string& server) {
  auto& st = self->state;
  while (auto id = st.exclusive.first_waiting(server)) {
    auto* call = st.table.find(*id);
    auto run = call ? st.exclusive.take(server) : std::nullopt;
    if (call && !run)
      return;
    st.exclusive.stop_waiting(server, *id);
    if (!call)
      continue;
    call->holds_run = true;
    call->isolated = *run;
    send_on(self, *id, *call);
  }
}

} // namespace

bool make_room(call_path self, const std::function<bool(const open_call&)>& whose) {
  auto id = self->state.table.longest_parked(now_of(self) - time_to_return, whose);
  if (id)
    take_back(self, *id, "the client did not come back to answer");
  return id.has_value();
}

bool enter_run(call_path self, call_id id, open_call& call) {
  if (!call.exclusive || call.holds_run)
    return true;
  auto& st = self->state;
  auto run = st.exclusive.take(call.server);
  if (!run && make_room(self, [&](const open_call& x) { return x.holds_run && x.server == call.server; }))
    run = st.exclusive.take(call.server);
  if (run) {
    call.holds_run = true;
    call.isolated = *run;
    return true;
  }
  if (!st.exclusive.wait(call.server, id))
    finish(self, id, failed(failure::kind::overloaded, call.server,
                            "too many calls wait for a run of server " + call.server + " of their own",
                            "Wait for some of them to end; calls whose clients do not come back to answer are given "
                            "up after a while."));
  return false;
}

void leave_run(call_path self, open_call& call, bool busy) {
  auto& st = self->state;
  if (!call.holds_run) {
    if (call.exclusive)
      st.exclusive.stop_waiting(call.server, call.request.call);
    return;
  }
  call.holds_run = false;
  // The call may be taken out of the table meanwhile.
  auto server = call.server;
  if (busy) {
    st.exclusive.discard(server, call.isolated);
    release(self, server, call.isolated);
  } else {
    if (!call.was_asked)
      st.asking.clear(subject_of(server, call.request.method, call.request.params));
    st.exclusive.give_back(server, call.isolated, now_of(self));
  }
  serve_line(self, server);
}

void tend_runs(call_path self) {
  auto& st = self->state;
  for (auto& server : st.exclusive.awaited())
    make_room(self, [&](const open_call& x) { return x.holds_run && x.server == server; });
  for (auto& [server, run] : st.exclusive.take_idle(now_of(self)))
    release(self, server, run);
}

} // namespace hub
