#pragma once

#include "actors/ledger/ledger_book.hpp"
#include "actors/ledger/savings_text.hpp"
#include "messages/call_record.hpp"
#include "messages/ledger.hpp"
#include "messages/note.hpp"
#include "messages/reply.hpp"
#include "messages/savings.hpp"
#include "messages/supervisor.hpp"

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

  /// What was saved: now, and in runs before as it was noted under `savings`. Null for nothing.
  std::shared_ptr<const savings_counter> saved = nullptr;
  std::string saved_before{};

  /// Keeps that; null if nothing is kept.
  note_store_actor notes = {};

  /// Knows how many processes were started; may be null.
  supervisor_actor supervisor = {};
};

/// Sent by the ledger to itself: notes what was saved.
struct note_savings {};

/// The ledger as it is wired. It is settled when what was saved is with its keeper.
using wired_ledger_actor = protocol<
  caf::reacts_to<note_savings>,
  caf::replies_to<settle_records>::with<records_settled>>::also<ledger_actor>::handle;

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

  /// What runs before have saved, and what was noted last.
  savings_account saved_before;
  savings noted;

  static constexpr const char* name = "ledger";
};

wired_ledger_actor::behavior_type ledger(wired_ledger_actor::stateful_pointer<ledger_state> self, ledger_settings settings);

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::note_savings)
