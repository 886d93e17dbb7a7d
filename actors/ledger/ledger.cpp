#include "actors/ledger/ledger.hpp"

#include <chrono>
#include <utility>

namespace hub {

namespace {

using pointer = ledger_actor::stateful_pointer<ledger_state>;

int64_t seconds_since_1970() {
  using namespace std::chrono;
  return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

void tell(std::vector<reply<costs_kept>>& whom, bool on_disk) {
  for (auto& x : whom)
    x.deliver(costs_kept{on_disk});
}

void write(pointer self) {
  auto& st = self->state;
  if (st.writing || st.waiting.empty())
    return;
  if (!st.settings.store) {
    st.book.take_dirty();
    auto askers = std::exchange(st.waiting, {});
    return tell(askers, false);
  }
  st.writing = true;
  auto news = std::make_shared<const keep_costs>(st.book.take_dirty());
  auto askers = std::make_shared<std::vector<reply<costs_kept>>>(std::exchange(st.waiting, {}));
  auto end = [self, news, askers](bool on_disk) {
    self->state.writing = false;
    if (!on_disk)
      self->state.book.write_again(*news);
    tell(*askers, on_disk);
    write(self);
  };
  self->request(st.settings.store, caf::infinite, *news)
    .then([end](const costs_kept& x) { end(x.on_disk); }, [end](const caf::error&) { end(false); });
}

} // namespace

ledger_actor::behavior_type ledger(pointer self, ledger_settings settings) {
  auto& st = self->state;
  st.settings = std::move(settings);
  st.book.restore(std::move(st.settings.rows), std::move(st.settings.spent));
  return {
    [self](const settle_costs& x) -> caf::result<costs_kept> {
      auto& st = self->state;
      st.book.add(x);
      auto promise = self->make_response_promise<costs_kept>();
      st.waiting.emplace_back(promise);
      write(self);
      return promise;
    },
    [self](const get_report& x) -> caf::result<report> {
      auto& st = self->state;
      return report{200, "application/json",
                    st.book.report(read_cost_question(x.query), *st.settings.budgets->load(), seconds_since_1970())};
    },
  };
}

} // namespace hub
