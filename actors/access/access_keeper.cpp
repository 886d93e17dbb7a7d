#include "actors/access/access_keeper.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace hub {

namespace {

using pointer = access_actor::stateful_pointer<access_keeper_state>;

/// The longest time to sleep, since the clock of the machine may be set.
constexpr int64_t longest_sleep = 60;

int64_t seconds_since_1970() {
  using namespace std::chrono;
  return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

void sleep(pointer self) {
  auto& st = self->state;
  if (st.wakes_at != 0)
    return;
  auto now = seconds_since_1970();
  auto next = st.settings.cell->load()->next_expiry(now);
  if (next == 0)
    return;
  auto length = std::clamp<int64_t>(next - now, 1, longest_sleep);
  st.wakes_at = now + length;
  self->delayed_send(self, std::chrono::seconds{length}, access_expires{});
}

void tell(pointer self) {
  for (auto& reader : self->state.readers)
    self->send(reader, access_changed{self->state.settings.cell->load()});
}

} // namespace

access_actor::behavior_type access_keeper(pointer self, access_keeper_settings settings) {
  self->state.settings = std::move(settings);
  sleep(self);
  return {
    [self](reload_access) {
      auto& st = self->state;
      auto read = st.settings.read();
      if (auto* why = std::get_if<std::string>(&read))
        return access_reloaded{false, st.settings.cell->load()->size(), std::move(*why)};
      auto table = std::make_shared<const access_table>(std::move(std::get<access_table>(read)));
      auto count = table->size();
      st.settings.cell->store(std::move(table));
      tell(self);
      sleep(self);
      return access_reloaded{true, count};
    },
    [self](const watch_access& x) {
      self->state.readers.push_back(x.reader);
      self->send(x.reader, access_changed{self->state.settings.cell->load()});
    },
    [self](access_expires) {
      self->state.wakes_at = 0;
      tell(self);
      sleep(self);
    },
  };
}

} // namespace hub
