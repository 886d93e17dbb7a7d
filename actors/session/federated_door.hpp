#pragma once

#include "actors/catalog/search_request.hpp"
#include "actors/catalog/snapshot.hpp"
#include "actors/session/route.hpp"
#include "messages/memory.hpp"
#include "messages/supervisor.hpp"

#include <cstddef>
#include <span>
#include <string>

namespace hub {

/// Settings of the federated door; what is said of results holds at transparent ones, too, if they cut.
struct federation_settings {
  /// The most that a search reply may take, in tokens of four bytes.
  size_t search_token_budget = 800;

  /// How many tools clients see by themselves, besides the meta-tools, if they do not say it.
  size_t tools = 0;

  /// Whether `hub__lock` and `hub__unlock` are there.
  bool locks = false;

  /// The way to what the memory holds; null for a client that is to see nothing of it.
  memory_port_ptr memory = nullptr;

  /// Results of tools beyond it are cut, in bytes; 0 for none.
  size_t result_limit = 0;

  /// How much of a result `hub__read_result` reads if it is not said, in bytes.
  size_t result_piece = 16 * 1024;
};

/// What a search makes use of besides the index: what was learnt, and what tools mean. It hears of each search.
class search_memory {
public:
  virtual ~search_memory() = default;

  /// Whether a search for `request` is to wait for a `meaning_wish` first.
  virtual bool wants_meaning(const std::string& request) const = 0;

  /// How many more hits than are shown it wants to arrange.
  virtual size_t margin() const = 0;

  /// Arranges the hits of a search, of which the first `request.limit` are left.
  virtual void arrange(const catalog_snapshot& snapshot, const search_request& request, search_result& result) = 0;
};

/// The door `/mcp`: all servers behind three meta-tools, their resources and
/// prompts under names that lead back to them.
/// @param states How the servers are, for `hub__list_servers`; null if unknown.
/// @param memory Null if there is nothing but the index.
/// @param tools Those that `tools/list` shows besides the meta-tools.
route route_federated(const catalog_snapshot& snapshot, const federation_settings& settings,
                      const client_request& request, const hub_status* states, search_memory* memory = nullptr,
                      std::span<const tool_ref> tools = {});

/// Introduces the hub; `memory` stands at the end of the instructions.
rpc_answer introduce_hub(const catalog_snapshot& snapshot, const client_request& request, std::string_view memory);

/// What of a federated list a change of the snapshot changes.
struct visible_changes {
  bool tools = false;
  bool resources = false;
  bool prompts = false;
};

/// Compares two snapshots as the door shows them.
/// @param server The server of a transparent door; empty for the federated one.
visible_changes compare(const catalog_snapshot& before, const catalog_snapshot& after,
                        std::string_view server);

} // namespace hub
