#pragma once

#include "messages/json_text.hpp"
#include "messages/protocol.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hub {

/// The lists that a server has.
enum class list_kind : uint8_t { tools, resources, templates, prompts };

/// Until when the lists of a server hold, as it says itself (`ttlMs`, 2026-07-28). The run that told them moves it
/// on when it finds a list as it was; whoever sees the catalogue reads it, on any thread.
class list_freshness {
public:
  using time_point = std::chrono::steady_clock::time_point;

  list_freshness() {
    for (auto& x : until_)
      x = time_point::min();
  }

  void set(list_kind list, time_point until) noexcept {
    until_[static_cast<size_t>(list)] = until;
  }

  /// `time_point::min()` if the server does not say.
  time_point until(list_kind list) const noexcept {
    return until_[static_cast<size_t>(list)];
  }

private:
  std::array<std::atomic<time_point>, 4> until_;
};

/// All that one server offers, as it said itself. Each text is the object as
/// the server wrote it. Immutable once published.
struct server_catalogue {
  std::string server;

  /// `server_config::fingerprint` of the configuration it was learnt under.
  std::string fingerprint;

  /// True if the server speaks the stateless era.
  bool stateless = false;

  /// The version that was negotiated with it.
  std::string protocol_version;

  /// `serverInfo` and `capabilities`; `instructions` is a JSON string or empty.
  json_text server_info;
  json_text capabilities;
  json_text instructions;

  std::vector<json_text> tools;
  std::vector<json_text> resources;
  std::vector<json_text> templates;
  std::vector<json_text> prompts;

  /// The lists that the server would not tell in this run. What was known of
  /// them before stays true.
  struct untold_lists {
    bool tools = false;
    bool resources = false;
    bool templates = false;
    bool prompts = false;
  };
  untold_lists untold;

  /// How often the server has said that a list changed, in this run of it.
  struct announced_changes {
    uint64_t tools = 0;
    uint64_t resources = 0;
    uint64_t prompts = 0;
  };
  announced_changes announced;

  /// Null if nobody knows: it is from disk, or from the run of one session.
  std::shared_ptr<const list_freshness> freshness;

  /// By `list_kind`, the lists that anybody may keep for anybody, as the server says (`cacheScope`).
  std::array<bool, 4> is_public{};

  /// Seconds since 1970.
  int64_t learned_at = 0;
};

using catalogue_ptr = std::shared_ptr<const server_catalogue>;

/// Everything that is known of all servers at one moment; see
/// `actors/catalog/snapshot.hpp`.
class catalog_snapshot;

using snapshot_ptr = std::shared_ptr<const catalog_snapshot>;

/// A server was asked what it offers, and this is the answer.
struct catalogue_learned {
  catalogue_ptr catalogue;
};

/// A new snapshot is in force. It replaces the one before.
struct catalog_published {
  snapshot_ptr snapshot;
};

/// Whoever wants each new snapshot. It gets the present one at once.
using catalog_reader = protocol<
  caf::reacts_to<catalog_published>>::handle;

struct subscribe_catalog {
  catalog_reader reader;
};

/// Asks for a snapshot whose search index is ready.
struct get_searchable {};

class client_policy;

/// Asks for what a client sees of a group, or of all servers if `group` is empty: the
/// present snapshot without what its permission rules hide. Answered without a
/// snapshot if there is no such group.
struct get_view {
  std::string group;
  std::shared_ptr<const client_policy> policy;

  /// Whether it needs its search index.
  bool searchable = false;
};

/// Sent by the catalog to itself: makes a snapshot, and its search index.
struct publish_catalog {};
struct build_search_index {};

/// Keeps what all servers offer and publishes snapshots of it. It has a thread
/// of its own, because building the search index may take a while.
using catalog_actor = protocol<
  caf::reacts_to<catalogue_learned>,
  caf::reacts_to<subscribe_catalog>,
  caf::replies_to<get_searchable>::with<catalog_published>,
  caf::replies_to<get_view>::with<catalog_published>,
  caf::reacts_to<publish_catalog>,
  caf::reacts_to<build_search_index>>::handle;

/// Sent by the store to itself: writes what it has.
struct write_batch {};

/// Keeps catalogues on disk. It has a thread of its own and writes in batches.
/// A broken disk is reported once and costs nobody else anything.
using store_actor = protocol<
  caf::reacts_to<catalogue_learned>,
  caf::reacts_to<write_batch>>::handle;

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::catalogue_learned)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::catalog_published)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::subscribe_catalog)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::get_searchable)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::get_view)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::publish_catalog)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::build_search_index)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::write_batch)
