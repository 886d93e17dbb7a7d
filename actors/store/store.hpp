#pragma once

#include "actors/store/database.hpp"
#include "messages/catalogue.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <vector>

namespace hub {

/// Writes catalogues to disk in batches: owns the database, and is spawned
/// detached because a commit may take long. If the disk fails, it says so once,
/// forgets what it could not write, and tries again with the next batch. When it
/// ends it writes what it has.
struct store_state {
  std::shared_ptr<database> disk;
  std::vector<catalogue_ptr> batch;
  bool failing = false;

  ~store_state();

  /// Writes the batch and empties it.
  void write();

  static constexpr const char* name = "store";
};

/// @param disk Used by this actor alone from now on.
store_actor::behavior_type store(store_actor::stateful_pointer<store_state> self,
                                 std::shared_ptr<database> disk);

} // namespace hub
