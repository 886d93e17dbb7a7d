#pragma once

#include "messages/access.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace hub {

/// What the keeper of tokens needs.
struct access_keeper_settings {
  /// Where it leaves the tokens that count; not null.
  std::shared_ptr<access_cell> cell;

  /// Reads the file of tokens, or says why it cannot be taken. Called in a turn of the
  /// actor: the file is small.
  std::function<std::variant<access_table, std::string>()> read;
};

/// Keeps the tokens that count: reads them again when told to, and tells its readers when
/// one counts no more, also because it has expired. The daemon owns it; if it died, what
/// lies in the cell would count on.
struct access_keeper_state {
  access_keeper_settings settings;
  std::vector<access_reader> readers;

  /// When it wakes for the next token that expires, in seconds since 1970; 0 for never.
  int64_t wakes_at = 0;

  static constexpr const char* name = "access-keeper";
};

access_actor::behavior_type access_keeper(access_actor::stateful_pointer<access_keeper_state> self,
                                          access_keeper_settings settings);

} // namespace hub
