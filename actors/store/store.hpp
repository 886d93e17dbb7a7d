#pragma once

#include "actors/store/database.hpp"
#include "messages/catalogue.hpp"
#include "messages/kept_session.hpp"
#include "messages/ledger.hpp"
#include "messages/note.hpp"
#include "messages/store_trouble.hpp"
#include "messages/tool_changes.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <vector>

namespace hub {

/// Writes catalogues and sessions to disk in batches, and costs at once: owns the database, and is spawned
/// detached because a commit may take long. If the disk fails, it says so once,
/// forgets what it could not write, and tries again with the next batch. When it
/// ends it writes what it has.
struct store_state {
  std::shared_ptr<database> disk;
  std::shared_ptr<store_trouble> trouble;
  std::vector<database_change> batch;
  bool failing = false;

  ~store_state();

  /// Writes the batch and empties it. Returns false if the disk did not take it.
  bool write();

  static constexpr const char* name = "store";
};

/// The store as it is wired.
using wired_store_actor = protocol<
  caf::reacts_to<keep_session>,
  caf::reacts_to<touch_session>,
  caf::reacts_to<forget_session>>::also<store_actor>::also<pin_store_actor>::also<note_store_actor>::also<cost_store_actor>::handle;

/// @param disk Used by this actor alone from now on.
/// @param trouble Where it says that the disk fails, and that it does so no more.
wired_store_actor::behavior_type store(wired_store_actor::stateful_pointer<store_state> self,
                                       std::shared_ptr<database> disk, std::shared_ptr<store_trouble> trouble);

} // namespace hub
