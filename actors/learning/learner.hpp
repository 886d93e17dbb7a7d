#pragma once

#include "actors/learning/habit_model.hpp"
#include "actors/learning/habit_table.hpp"
#include "messages/learning.hpp"
#include "messages/note.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace hub {

/// The way from sessions to what is learnt and back. Null where nothing is learnt.
struct learning_outlet {
  learner_actor to;

  /// Neither is null.
  std::shared_ptr<observer_gauge> gauge;
  std::shared_ptr<habit_cell> habits;
};

using learning_ptr = std::shared_ptr<const learning_outlet>;

struct learner_settings {
  /// Whether anything is learnt and used; if not, what is known can still be shown and forgotten.
  bool enabled = true;

  /// Shared with those who send; not null.
  std::shared_ptr<observer_gauge> gauge;

  /// Where it leaves what it knows for searches; not null.
  std::shared_ptr<habit_cell> habits;

  /// Keeps what was learnt, under the name `habits`; may be null.
  note_store_actor notes{};

  /// What was kept there.
  std::string kept{};

  /// Tells the kind of the project in a folder.
  std::function<std::string(const std::string&)> kind_of;
};

/// Learns which tool is called when. It is detached, so that neither the disk that it looks for
/// projects on nor counting delays a call; is owned by the daemon and driven by searches and calls that have ended. What is
/// new lies in the cell a second later. If it dies, searches go on with what they have.
struct learner_state {
  learner_settings settings;
  habit_model model;

  /// The kinds of the projects in folders, and when that was looked up.
  struct known_folder {
    std::string kind;
    std::chrono::steady_clock::time_point at;
  };
  std::map<std::string, known_folder> folders;

  /// The model is newer than what is kept.
  bool unkept = false;
  std::chrono::steady_clock::time_point kept_at{};
  bool ticking = false;

  static constexpr const char* name = "learner";
};

learner_actor::behavior_type learner(learner_actor::stateful_pointer<learner_state> self, learner_settings settings);

} // namespace hub
