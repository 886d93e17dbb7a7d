#pragma once

#include "actors/auth/web.hpp"
#include "actors/catalog/snapshot.hpp"
#include "actors/embedding/tool_vectors.hpp"
#include "messages/meaning.hpp"
#include "messages/note.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hub {

struct embedder_settings {
  /// The endpoint, see `embeddings_url`.
  std::string url;

  std::string model;

  /// The way there.
  web_actor web;

  /// Keeps vectors, under the name `vectors`; may be null.
  note_store_actor notes{};

  /// What was kept there.
  std::string kept{};
};

/// Keeps a vector for each tool, which an endpoint makes in the background, and compares them with
/// requests. It has a thread of its own, is owned by the daemon, and driven by snapshots and searches. While
/// the endpoint fails, it answers at once that it knows nothing. If it dies, searches go on without it.
struct embedder_state {
  embedder_settings settings;
  tool_vectors vectors;
  snapshot_ptr snapshot;

  /// Texts that have no vector yet, with their hashes.
  std::deque<std::pair<uint64_t, std::string>> waiting;
  size_t batch = 0;
  bool fetching = false;
  bool unkept = false;
  std::chrono::steady_clock::time_point kept_at{};

  /// Since when the endpoint fails, and how long it is left alone; empty while it works.
  std::string error;
  std::chrono::steady_clock::time_point pause_until{};
  std::chrono::milliseconds pause{0};

  /// The vectors of the tools of some snapshots, by place.
  struct known_snapshot {
    snapshot_ptr snapshot;
    size_t vectors;
    std::vector<std::optional<uint32_t>> rows;
  };
  std::list<known_snapshot> known;

  /// What was asked last, with its vector, the newest in front.
  std::list<std::pair<std::string, std::vector<float>>> asked;

  /// Requests whose vectors are on their way.
  size_t in_flight = 0;

  static constexpr const char* name = "embedder";
};

meaning_actor::behavior_type embedder(meaning_actor::stateful_pointer<embedder_state> self, embedder_settings settings);

} // namespace hub
