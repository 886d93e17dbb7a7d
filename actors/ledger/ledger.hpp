#pragma once

#include "actors/ledger/ledger_book.hpp"
#include "messages/ledger.hpp"
#include "messages/reply.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <vector>

namespace hub {

struct ledger_settings {
  /// Null if nothing is kept.
  cost_store_actor store;

  /// Not null.
  std::shared_ptr<const budget_cell> budgets;

  /// What runs before have kept.
  std::vector<cost_row> rows;
  std::vector<spent_row> spent;
};

/// Writes down what calls have cost, and tells of it. It is detached, so that writing reports
/// delays no call; owned by the daemon, driven by the call path. What comes while the disk is
/// at work goes to it at once when it is done. If this actor dies, calls go on and cost what
/// they cost, and budgets count on in the call path, but nothing is written down.
struct ledger_state {
  ledger_settings settings;
  ledger_book book;

  /// Those whose costs are not on disk, and those whose costs are being written.
  std::vector<reply<costs_kept>> waiting;
  bool writing = false;

  static constexpr const char* name = "ledger";
};

ledger_actor::behavior_type ledger(ledger_actor::stateful_pointer<ledger_state> self, ledger_settings settings);

} // namespace hub
