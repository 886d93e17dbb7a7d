#include "actors/store/store.hpp"

#include "actors/store/catalogue_text.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

namespace hub {

namespace {

/// A batch is written when it is full, or this long after its first change.
constexpr size_t batch_size = 100;
constexpr std::chrono::milliseconds batch_time{50};

} // namespace

store_state::~store_state() {
  write();
}

bool store_state::write() {
  auto changes = std::exchange(batch, {});
  if (!disk || changes.empty())
    return disk != nullptr;
  auto wrong = disk->apply(changes);
  if (auto notice = disk->take_notice(); !notice.empty())
    spdlog::warn("{}", notice);
  if (wrong && !failing)
    spdlog::error("nothing is kept for the next start: {}", wrong->message);
  else if (!wrong && failing)
    spdlog::info("what is learnt is kept again");
  if (wrong)
    trouble->store(std::make_shared<const std::string>(wrong->message));
  else if (failing)
    trouble->store(nullptr);
  failing = wrong.has_value();
  return !failing;
}

void store_state::reopen() {
  auto opened = open();
  if (auto* wrong = std::get_if<database_error>(&opened)) {
    trouble->store(std::make_shared<const std::string>(wrong->message + "; it is tried again each half minute"));
    return;
  }
  open = nullptr;
  std::shared_ptr<database> found{std::move(std::get<std::unique_ptr<database>>(opened))};
  if (!found->is_new()) {
    spdlog::warn("hub.db can be opened again; to go on with what it holds: slm-hub restart");
    trouble->store(std::make_shared<const std::string>("hub.db could not be opened at the start and can be now; to go on with what it holds: slm-hub restart"));
    return;
  }
  spdlog::info("what is learnt is kept again");
  trouble->store(nullptr);
  disk = std::move(found);
}

namespace {

using pointer = wired_store_actor::stateful_pointer<store_state>;

void retry_later(pointer self) {
  auto& st = self->state;
  if (st.retry_at || (st.disk ? !st.failing : !st.open))
    return;
  st.retry_at = self->clock().now() + store_state::retry_time;
  self->delayed_send(self, store_state::retry_time, write_batch{});
}

void retry_if_due(pointer self) {
  auto& st = self->state;
  if (!st.retry_at || self->clock().now() < *st.retry_at)
    return;
  st.retry_at.reset();
  if (!st.disk) {
    st.reopen();
  } else if (st.failing) {
    // Something that leaves nothing behind, to see whether the disk takes it.
    st.batch.push_back(note_row{"probe", "written"});
    st.batch.push_back(note_row{"probe", ""});
  }
}

} // namespace

wired_store_actor::behavior_type store(wired_store_actor::stateful_pointer<store_state> self,
                                       std::shared_ptr<database> disk, std::shared_ptr<store_trouble> trouble,
                                       database_opener open) {
  self->state.disk = std::move(disk);
  self->state.trouble = std::move(trouble);
  self->state.open = std::move(open);
  retry_later(self);
  auto add = [self](database_change x) {
    auto& st = self->state;
    st.batch.push_back(std::move(x));
    if (st.batch.size() >= batch_size) {
      st.write();
      retry_later(self);
    } else if (st.batch.size() == 1) {
      self->delayed_send(self, batch_time, write_batch{});
    }
  };
  return {
    [add](const keep_session& x) {
      auto& s = x.session;
      add(session_row{s.id, s.door.server, s.door.group, s.client->protocol_version,
                      std::string{s.client->info.view()}, std::string{s.client->capabilities.view()},
                      static_cast<int64_t>(s.logs), s.used_at, s.door.principal, s.client->project});
    },
    [add](const touch_session& x) {
      add(touched_session{x.id, static_cast<int64_t>(x.logs), x.used_at});
    },
    [add](const forget_session& x) { add(forgotten_session{x.id}); },
    [add](const catalogue_learned& x) {
      auto& c = *x.catalogue;
      add(catalogue_row{c.server, c.fingerprint, c.stateless ? "stateless" : "handshake",
                        write_catalogue(c), c.learned_at});
    },
    [add](const keep_pins& x) { add(pins_row{x.server, x.payload}); },
    [add](const keep_note& x) { add(note_row{x.name, x.payload}); },
    [self](const keep_costs& x) {
      auto& batch = self->state.batch;
      batch.insert(batch.end(), x.rows.begin(), x.rows.end());
      batch.insert(batch.end(), x.spent.begin(), x.spent.end());
      // Somebody waits to hear that it is kept.
      auto kept = self->state.write();
      retry_later(self);
      return costs_kept{kept};
    },
    [self](write_batch) {
      retry_if_due(self);
      self->state.write();
      retry_later(self);
    },
  };
}

} // namespace hub
