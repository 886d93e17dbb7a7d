#pragma once

#include "actors/store/database.hpp"
#include "messages/catalogue.hpp"
#include "messages/kept_session.hpp"
#include "messages/ledger.hpp"
#include "messages/note.hpp"
#include "messages/store_trouble.hpp"
#include "messages/tool_changes.hpp"

#include <caf/actor_clock.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace hub {

/// Opens the database that could not be opened at the start.
using database_opener = std::function<database::opened()>;

/// Writes catalogues and sessions to disk in batches, and costs at once: owns the database, and is spawned
/// detached because a commit may take long. If the disk fails, it says so once,
/// forgets what it could not write, and tries again with the next batch, and each half minute without one.
/// A database that could not be opened is tried again as often. When it ends it writes what it has.
struct store_state {
  static constexpr std::chrono::seconds retry_time{30};

  std::shared_ptr<database> disk;
  std::shared_ptr<store_trouble> trouble;

  /// Null when there is nothing to open any more.
  database_opener open;

  std::vector<database_change> batch;
  bool failing = false;

  /// When it is tried again; nothing while all is well.
  std::optional<caf::actor_clock::time_point> retry_at;

  ~store_state();

  /// Writes the batch and empties it. Returns false if the disk did not take it.
  bool write();

  /// Opens the database. One that holds what an earlier hub kept is left alone: what this one
  /// has learnt without it would replace that.
  void reopen();

  static constexpr const char* name = "store";
};

/// The store as it is wired.
using wired_store_actor = protocol<
  caf::reacts_to<keep_session>,
  caf::reacts_to<touch_session>,
  caf::reacts_to<forget_session>>::also<store_actor>::also<pin_store_actor>::also<note_store_actor>::also<cost_store_actor>::handle;

/// @param disk Used by this actor alone from now on.
/// @param trouble Where it says that the disk fails, and that it does so no more.
/// @param open For a database that could not be opened yet; null if there is to be none.
wired_store_actor::behavior_type store(wired_store_actor::stateful_pointer<store_state> self,
                                       std::shared_ptr<database> disk, std::shared_ptr<store_trouble> trouble,
                                       database_opener open);

} // namespace hub
