#pragma once

#include "actors/store/database.hpp"
#include "messages/catalogue.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <string>
#include <vector>

namespace hub {

/// Writes catalogues to disk, in batches: owns the database, is spawned
/// detached because a commit may take long. When the disk fails, it says so
/// once, forgets what it cannot write, and tries again with the next batch.
struct store_state {
  std::unique_ptr<database> disk;
  std::vector<catalogue_ptr> batch;
  bool failing = false;

  ~store_state();

  void write();

  static constexpr const char* name = "store";
};

store_actor::behavior_type store(store_actor::stateful_pointer<store_state> self,
                                 std::shared_ptr<std::unique_ptr<database>> disk);

} // namespace hub
