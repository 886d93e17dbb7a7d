#pragma once

#include "actors/catalog/snapshot.hpp"
#include "actors/pinning/tool_review.hpp"
#include "messages/catalogue.hpp"
#include "messages/plugin.hpp"
#include "messages/reply.hpp"
#include "messages/tool_changes.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace hub {

/// The servers and groups that count from now on. What is known of those whose
/// fingerprint is as before stays known. The answer comes when the readers are told.
struct configure_catalog {
  std::shared_ptr<const std::vector<known_server>> servers;
  std::vector<server_group> groups;
};

/// A catalog that also hears which servers there are, and shows what has changed.
using wired_catalog_actor
  = protocol<caf::replies_to<configure_catalog>::with<catalog_published>>::also<catalog_actor>::also<tool_review_actor>::handle;

/// Keeps the catalogues of all configured servers: owns the snapshot in force
/// and its readers, hands what is new to the store. What servers tell goes through `review`. It runs on a thread of its
/// own; if it dies, the readers keep the snapshot that they have.
struct catalog_state {
  std::vector<known_server> servers;
  std::vector<server_group> groups;
  std::shared_ptr<catalog_snapshot> snapshot;
  std::vector<catalog_reader> readers;
  std::vector<reply<catalog_published>> searchers;
  store_actor store;
  tool_review review;
  pin_store_actor pin_store;

  /// The most views that are remembered.
  static constexpr size_t views_limit = 64;

  /// What clients see whose rules hide something, of the present snapshot.
  struct view {
    std::string group;
    std::shared_ptr<const client_policy> policy;
    snapshot_ptr seen;
  };
  std::vector<view> views;

  /// Who hears of other tools; may be null.
  plugin_port_ptr plugins;

  /// Something was learnt since the snapshot was published.
  bool stale = false;

  static constexpr const char* name = "catalog";
};

/// @param servers The configured servers, with what the store knew of them.
/// @param groups Parts of them with snapshots of their own.
/// @param store Keeps what is learnt; may be null.
/// @param pins What was pinned in runs before.
/// @param pin_store Keeps pins; may be null.
/// @param plugins Hear of other tools; may be null.
wired_catalog_actor::behavior_type catalog(wired_catalog_actor::stateful_pointer<catalog_state> self,
                                     std::vector<known_server> servers, std::vector<server_group> groups,
                                     store_actor store, pin_book pins, pin_store_actor pin_store,
                                     plugin_port_ptr plugins);

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::configure_catalog)
