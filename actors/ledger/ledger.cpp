#include "actors/ledger/ledger.hpp"

#include <chrono>
#include <functional>
#include <utility>

namespace hub {

namespace {

using pointer = wired_ledger_actor::stateful_pointer<ledger_state>;

/// How often what was saved is noted. It is no money: a killed hub loses that much of it.
constexpr std::chrono::seconds note_interval{60};

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

/// Calls `use` with all that was saved up to now.
void with_savings(pointer self, std::function<void(const savings_account&)> use) {
  auto& settings = self->state.settings;
  auto now = settings.saved->read();
  auto tell = [self, now, use = std::move(use)](uint64_t started) {
    auto account = self->state.saved_before;
    account.sum += now;
    account.sum.processes_started += started;
    use(account);
  };
  if (!settings.supervisor)
    return tell(0);
  self->request(settings.supervisor, caf::infinite, get_status{})
    .then(
      [self, tell](const hub_status& x) {
        uint64_t started = 0;
        for (auto& server : x.servers)
          if (self->state.settings.saved->is_program(server.name))
            started += server.starts;
        tell(started);
      },
      [tell](const caf::error&) { tell(0); });
}

void note(pointer self, std::function<void()> then = [] {}) {
  with_savings(self, [self, then = std::move(then)](const savings_account& x) {
    auto& st = self->state;
    if (st.settings.notes && x.sum != std::exchange(st.noted, x.sum))
      self->send(st.settings.notes, keep_note{"savings", to_json(x)});
    then();
  });
}

void note_often(pointer self) {
  self->delayed_send(self, note_interval, note_savings{});
  note(self);
}

} // namespace

wired_ledger_actor::behavior_type ledger(pointer self, ledger_settings settings) {
  auto& st = self->state;
  st.settings = std::move(settings);
  st.book.restore(std::move(st.settings.rows), std::move(st.settings.spent));
  st.saved_before = read_savings(st.settings.saved_before, seconds_since_1970());
  if (st.settings.saved)
    note_often(self);
  return {
    [self](const settle_costs& x) -> caf::result<costs_kept> {
      auto& st = self->state;
      st.book.add(x);
      auto promise = self->make_response_promise<costs_kept>();
      st.waiting.emplace_back(promise);
      write(self);
      return promise;
    },
    [self](note_savings) { note_often(self); },
    [self](settle_records) -> caf::result<records_settled> {
      if (!self->state.settings.saved)
        return records_settled{};
      auto promise = self->make_response_promise<records_settled>();
      auto asker = std::make_shared<reply<records_settled>>(promise);
      note(self, [asker] { asker->deliver(records_settled{}); });
      return promise;
    },
    [self](const get_report& x) -> caf::result<report> {
      auto& st = self->state;
      auto costs = st.book.report(read_cost_question(x.query), *st.settings.budgets->load(), seconds_since_1970());
      if (!st.settings.saved)
        return report{200, "application/json", std::move(costs)};
      auto promise = self->make_response_promise<report>();
      auto asker = std::make_shared<reply<report>>(promise);
      costs.pop_back();
      with_savings(self, [asker, costs = std::move(costs)](const savings_account& saved) {
        asker->deliver(report{200, "application/json", costs + R"(,"savings":)" + to_json(saved) + '}'});
      });
      return promise;
    },
  };
}

} // namespace hub
