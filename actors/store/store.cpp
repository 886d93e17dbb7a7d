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

void store_state::write() {
  std::vector<database_change> changes;
  for (auto& x : std::exchange(batch, {}))
    changes.push_back(catalogue_row{x->server, x->fingerprint,
                                    x->stateless ? "stateless" : "handshake", write_catalogue(*x),
                                    x->learned_at});
  if (!disk || changes.empty())
    return;
  auto wrong = disk->apply(changes);
  if (auto notice = disk->take_notice(); !notice.empty())
    spdlog::warn("{}", notice);
  if (wrong && !failing)
    spdlog::error("what servers offer is not kept for the next start: {}", wrong->message);
  else if (!wrong && failing)
    spdlog::info("what servers offer is kept again");
  failing = wrong.has_value();
}

store_actor::behavior_type store(store_actor::stateful_pointer<store_state> self,
                                 std::shared_ptr<database> disk) {
  self->state.disk = std::move(disk);
  return {
    [self](const catalogue_learned& x) {
      auto& st = self->state;
      st.batch.push_back(x.catalogue);
      if (st.batch.size() >= batch_size)
        st.write();
      else if (st.batch.size() == 1)
        self->delayed_send(self, batch_time, write_batch{});
    },
    [self](write_batch) { self->state.write(); },
  };
}

} // namespace hub
