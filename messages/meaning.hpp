#pragma once

#include "messages/catalogue.hpp"
#include "messages/protocol.hpp"
#include "messages/report.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hub {

/// Asks which tools of a snapshot mean about what a request says. The answer may take as long
/// as the endpoint that makes vectors; whoever asks waits as long as it likes.
struct rank_by_meaning {
  std::string request;
  snapshot_ptr snapshot;
};

struct meaning_ranked {
  snapshot_ptr snapshot;

  /// Places among the tools of the snapshot, the nearest first; none if it is not known.
  std::vector<uint32_t> tools;
};

/// Sent by the embedder to itself: goes on with tools that have no vector yet.
struct embed_next {};

/// Whoever keeps a vector for each tool.
using meaning_actor = protocol<
  caf::replies_to<rank_by_meaning>::with<meaning_ranked>,
  caf::reacts_to<embed_next>>::also<catalog_reader>::also<report_actor>::handle;

/// The way there; null where there is no endpoint that makes vectors.
struct meaning_outlet {
  meaning_actor to;

  /// How long a search waits for it.
  std::chrono::milliseconds limit{200};
};

using meaning_ptr = std::shared_ptr<const meaning_outlet>;

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::rank_by_meaning)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::meaning_ranked)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::embed_next)
