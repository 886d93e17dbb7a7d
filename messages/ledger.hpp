#pragma once

#include "messages/budget.hpp"
#include "messages/protocol.hpp"
#include "messages/report.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace hub {

/// What a call has come to.
struct cost_entry {
  /// Seconds since 1970.
  int64_t at = 0;

  std::string server;
  std::string tool;
  std::string client;

  /// None if a kept or shared result answered it.
  money cost{};

  /// What it would have cost at its server.
  money saved{};
};

/// Has costs written into the ledger, with what is spent of the budgets now. Answered when they
/// are on disk.
struct settle_costs {
  std::vector<cost_entry> entries;
  std::vector<spent_row> spent;
};

struct costs_kept {
  /// False if the disk did not take them; they go with the next ones.
  bool on_disk = false;
};

/// Sums of one day, server, tool and client.
struct cost_row {
  /// Days since 1970, UTC.
  int64_t day = 0;

  std::string server;
  std::string tool;
  std::string client;

  /// Calls that were paid.
  int64_t calls = 0;
  money cost{};

  /// Calls that a kept or shared result answered.
  int64_t saved_calls = 0;
  money saved{};
};

/// Has rows kept in place of those with the same day, server, tool and client, or key.
struct keep_costs {
  std::vector<cost_row> rows;
  std::vector<spent_row> spent;
};

/// Whoever keeps costs between runs of the hub.
using cost_store_actor = protocol<
  caf::replies_to<keep_costs>::with<costs_kept>>::handle;

/// The ledger: what calls have cost, for ever.
using ledger_actor = protocol<
  caf::replies_to<settle_costs>::with<costs_kept>>::also<report_actor>::handle;

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::settle_costs)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::costs_kept)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::keep_costs)
