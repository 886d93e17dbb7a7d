#include "service/daemon/authorization.hpp"

#include "actors/auth/bearer_authorizer.hpp"
#include "actors/auth/web_client.hpp"
#include "actors/runtime/asio_coordinator.hpp"
#include "service/config/launch.hpp"
#include "service/daemon/known_variables.hpp"

#include <caf/actor_system.hpp>

#include <algorithm>
#include <ctime>
#include <utility>

namespace hub {

namespace {

/// What the functions below share; only the holder of grants calls them.
struct authorization_context {
  std::map<std::string, server_config> servers;
  std::filesystem::path folder;
  variable_map environment;
};

bool is_authorization(const std::string& name) {
  constexpr std::string_view wanted = "authorization";
  return std::equal(name.begin(), name.end(), wanted.begin(), wanted.end(),
                    [](char a, char b) { return (a | 0x20) == b; });
}

bool brings_authorization(const server_config& x) {
  return std::any_of(x.headers.begin(), x.headers.end(), [](auto& header) { return is_authorization(header.first); });
}

std::variant<oauth_settings, flow_failure> resolve(const authorization_context& context, const std::string& server) {
  auto i = context.servers.find(server);
  if (i == context.servers.end())
    return flow_failure{"is not configured", "slm-hub servers lists the servers of this hub."};
  auto& config = i->second;
  if (config.transport == transport_kind::stdio)
    return flow_failure{"runs on this machine and needs no login", "Give it its credentials by \"env\" in its entry."};
  if (brings_authorization(config))
    return flow_failure{"has an Authorization among its headers, which counts",
                        "Remove it from its entry if the hub is to log in."};
  auto resolved = resolve_oauth(config, known_variables(context.environment, context.folder));
  if (resolved)
    return std::move(*resolved);
  auto& first = resolved.errors().front();
  return flow_failure{"cannot be logged in at: " + first.cause, first.fix};
}

} // namespace

std::unique_ptr<authorizer> hub_authorization::authorizer_of(caf::actor_system& system, shard& home,
                                                             const std::string& server) const {
  auto i = cells.find(server);
  if (i == cells.end())
    return nullptr;
  return std::make_unique<bearer_authorizer>(system, home, server, i->second,
                                             caf::actor_cast<grant_holder_actor>(grants));
}

hub_authorization make_authorization(caf::actor_system& system, const hub_config& config,
                                     const std::filesystem::path& folder, const variable_map& environment) {
  auto context = std::make_shared<authorization_context>();
  context->folder = folder;
  context->environment = environment;
  hub_authorization result;
  for (auto& x : config.servers) {
    context->servers.emplace(x.name, x);
    if (x.transport != transport_kind::stdio && !brings_authorization(x))
      result.cells.emplace(x.name, std::make_shared<bearer_cell>());
  }
  grants_settings settings;
  settings.cells = result.cells;
  settings.resolve = [context](const std::string& server) { return resolve(*context, server); };
  settings.open_web = [context](caf::actor_system& sys) {
    auto reached_like = [context](const std::string&) { return http_client_settings{}; };
    return spawn_web_client(sys, shard_of(sys), reached_like);
  };
  settings.open_vault = [folder](caf::actor_system& sys) { return spawn_vault(sys, folder / "tokens"); };
  settings.now = [] { return static_cast<int64_t>(std::time(nullptr)); };
  result.grants = spawn_grants(system, std::move(settings));
  return result;
}

} // namespace hub
