#pragma once

#include "actors/cache/cache_rules.hpp"
#include "actors/catalog/search_index.hpp"
#include "actors/catalog/tool_names.hpp"
#include "actors/ledger/prices.hpp"
#include "actors/pinning/tool_gate.hpp"
#include "messages/cascade.hpp"
#include "messages/catalogue.hpp"
#include "messages/rpc/header_parameters.hpp"
#include "messages/server_config.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub {

/// One configured server as a snapshot shows it.
struct known_server {
  /// The configured name.
  std::string name;

  /// The prefix of its tools, see `server_ids`.
  std::string id;

  bool enabled = true;

  /// False for a server that the group of the snapshot does not have: nobody sees
  /// it, but the names of the others are as if it were there.
  bool member = true;

  /// True for a member that permission rules hide.
  bool denied = false;

  /// `server_config::fingerprint`.
  std::string fingerprint;

  /// Whether each session has a run of its own.
  bool per_session = false;

  /// The time limit of its calls; zero is the default.
  std::chrono::milliseconds time_limit{0};

  /// What clients see; null if it was never asked under its present configuration.
  catalogue_ptr catalogue;

  /// What it told, where that is kept: `tool_review` makes `catalogue` of it.
  catalogue_ptr told{};

  change_policy tool_changes = change_policy::warn;

  /// What may be called; null for everything.
  std::shared_ptr<const tool_gate> gate{};

  server_cache cache{};

  /// What the cache may do with its requests; null for nothing.
  std::shared_ptr<const server_cache_rules> cache_rules{};

  /// What its tools cost; null for nothing.
  server_prices_ptr prices{};

  /// All cascades of the configuration; null if it has no tool in any.
  cascades_ptr cascades{};

  /// Works out `cache_rules` after a change of anything above.
  void make_cache_rules() {
    cache_rules = enabled ? hub::make_cache_rules(cache, catalogue, fingerprint) : nullptr;
  }
};

/// A tool by server and place in that server's list.
struct tool_ref {
  uint32_t server;
  uint32_t tool;
};

/// Where a resource or prompt of the federated door comes from.
struct origin {
  uint32_t server;

  /// The name or URI that the server knows.
  std::string name;
};

/// Everything that is known of all servers at one moment: the catalogues, the
/// names under which clients see them, and the search index. It never changes.
class catalog_snapshot {
public:
  /// @param servers In the order of the configuration; their ids are filled in.
  /// @param policy The rules by which it is a part of another one; null for none.
  explicit catalog_snapshot(std::vector<known_server> servers,
                            std::shared_ptr<const client_policy> policy = nullptr);

  /// The rules that have left something out; null if none have.
  const client_policy* policy() const noexcept {
    return policy_.get();
  }

  const std::vector<known_server>& servers() const noexcept {
    return servers_;
  }

  /// The place of a server by its configured name, or by the prefix of its tools.
  std::optional<uint32_t> find_server(std::string_view name) const;

  /// All tools of servers that are enabled, in the order of the configuration.
  const std::vector<tool_ref>& tools() const noexcept {
    return tools_;
  }

  const json_text& tool(tool_ref x) const {
    return servers_[x.server].catalogue->tools[x.tool];
  }

  /// What arguments of a tool clients repeat in headers; null if none.
  /// @param tool The name that its server knows.
  const rpc::header_parameters* headers_of(std::string_view server, std::string_view tool) const;

  /// Whether only some tools of a server may be called.
  bool is_gated(std::string_view server) const;

  /// False for a tool that is held until somebody approves it.
  /// @param tool The name that its server knows.
  bool may_call(std::string_view server, std::string_view tool) const;

  const name_table& tool_names() const noexcept {
    return *tool_names_;
  }

  const name_table& prompt_names() const noexcept {
    return *prompt_names_;
  }

  /// The federated URI of a server's resource or template: `hub:` + prefix + `/`
  /// + the URI as it is, which stays a valid URI.
  std::string exposed_uri(uint32_t server, std::string_view uri) const;

  /// Reads a federated URI, or an original one that only one server lists or
  /// whose template only one server has.
  std::optional<origin> resolve_uri(std::string_view uri) const;

  /// What the members of a group are, for whom there is nothing else; null if there
  /// is no such group.
  snapshot_ptr group(std::string_view name) const;

  /// The names of all groups, in the order of the configuration.
  std::vector<std::string> group_names() const;

  /// Makes the snapshots of the groups, each anew only if one of its members has
  /// changed since `before`, which may be null. Only for the one who made the snapshot,
  /// before it is published.
  void make_groups(const std::vector<server_group>& groups, const catalog_snapshot* before);

  /// Builds the search index, and those of the groups, which may take a while. Only for the one who made
  /// the snapshot, before it is published.
  void build_index();

  /// Null until it is built.
  const search_index* index() const noexcept {
    return index_ ? &*index_ : nullptr;
  }

private:
  std::vector<known_server> servers_;
  std::shared_ptr<const client_policy> policy_;
  std::vector<tool_ref> tools_;

  /// By server and tool.
  std::map<std::pair<std::string, std::string>, rpc::header_parameters> headers_;
  std::optional<name_table> tool_names_;
  std::optional<name_table> prompt_names_;
  std::optional<search_index> index_;

  struct named_group {
    std::string name;
    std::shared_ptr<catalog_snapshot> snapshot;
  };
  std::vector<named_group> groups_;
};

/// What is seen through a door of `group`, or of none: all or the group's part of
/// it. Null if there is no such group.
snapshot_ptr part_of(const snapshot_ptr& all, std::string_view group);

} // namespace hub
