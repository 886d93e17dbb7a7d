#include "service/daemon/configured_servers.hpp"

#include "service/config/log_paths.hpp"

#include <utility>

namespace hub {

namespace {

known_server known_of(const server_config& x, change_policy policy, const catalogue_map& kept, tool_review& review) {
  known_server result;
  result.name = x.name;
  result.enabled = x.enabled;
  result.fingerprint = x.fingerprint;
  result.time_limit = x.timeout();
  result.per_session = x.per_session;
  auto i = kept.find(x.name);
  if (i != kept.end() && i->second->fingerprint == x.fingerprint)
    result.told = i->second;
  result.tool_changes = x.tool_changes.value_or(policy);
  result.cache = x.cache;
  result.prices = make_prices(x.name, x.prices);
  review.show(result, 0);
  result.make_cache_rules();
  return result;
}

server_entry_facts facts_of(const server_config& config, const known_server& known, std::string log) {
  server_entry_facts result;
  result.config = config;
  result.log = std::move(log);
  if (known.catalogue) {
    auto& x = *known.catalogue;
    auto count = [](auto& list) { return static_cast<int64_t>(list.size()); };
    result.offer = {count(x.tools), count(x.resources), count(x.prompts)};
    result.era = x.stateless ? era::stateless : era::handshake;
  }
  return result;
}

} // namespace

configured_servers configure(const hub_config& config, const catalogue_map& kept, const pin_book& pins,
                             const backend_folders& folders) {
  configured_servers result;
  // What this first look finds is told by the catalog, which looks once more.
  tool_review review{pins};
  for (auto& x : config.servers)
    result.known.push_back(known_of(x, config.tool_changes, kept, review));
  auto cascades = std::make_shared<const cascade_list>(config.cascades);
  for (auto& x : result.known)
    for (auto& cascade : *cascades)
      if (std::ranges::find(cascade.tools, x.name, &cascade_tool::server) != cascade.tools.end())
        x.cascades = cascades;
  auto snapshot = std::make_shared<catalog_snapshot>(result.known);
  snapshot->make_groups(config.groups, nullptr);
  for (size_t i = 0; i < config.servers.size(); ++i)
    result.facts.push_back(
      facts_of(config.servers[i], result.known[i], server_log(folders.config, config.servers[i].name).string()));
  result.snapshot = std::move(snapshot);
  return result;
}

std::set<std::string> programs_of(const hub_config& config) {
  std::set<std::string> result;
  for (auto& x : config.servers)
    if (x.transport == transport_kind::stdio)
      result.insert(x.name);
  return result;
}

} // namespace hub
