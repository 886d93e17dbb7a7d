#include "service/daemon/authorization.hpp"

#include "actors/auth/bearer_authorizer.hpp"
#include "actors/auth/web_client.hpp"
#include "actors/runtime/asio_coordinator.hpp"
#include "service/config/launch.hpp"
#include "service/daemon/client_settings.hpp"
#include "service/daemon/known_variables.hpp"

#include <caf/actor_system.hpp>

#include <ctime>
#include <utility>

namespace hub {

namespace {

/// What the functions below share; only the holder of grants calls them.
struct authorization_context {
  std::shared_ptr<const server_directory> servers;
  std::filesystem::path folder;
  variable_map environment;
};

std::variant<oauth_settings, flow_failure> resolve(const authorization_context& context, const std::string& server) {
  auto found = context.servers->find(server);
  if (!found)
    return flow_failure{"is not configured", "slm-hub servers lists the servers of this hub."};
  auto& config = found->config;
  if (config.transport == transport_kind::stdio)
    return flow_failure{"runs on this machine and needs no login", "Give it its credentials by \"env\" in its entry."};
  if (!found->cell)
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
  auto found = servers->find(server);
  if (!found || !found->cell)
    return nullptr;
  return std::make_unique<bearer_authorizer>(system, home, server, found->cell,
                                             caf::actor_cast<grant_holder_actor>(grants));
}

hub_authorization make_authorization(caf::actor_system& system, std::shared_ptr<const server_directory> servers,
                                     const std::filesystem::path& folder, const variable_map& environment) {
  auto context = std::make_shared<authorization_context>(authorization_context{servers, folder, environment});
  hub_authorization result;
  grants_settings settings;
  settings.cell_of = [servers](const std::string& server) {
    auto found = servers->find(server);
    return found ? found->cell : nullptr;
  };
  settings.resolve = [context](const std::string& server) { return resolve(*context, server); };
  settings.open_web = [context](caf::actor_system& sys) {
    auto reached_like = [context](const std::string& server) {
      auto found = context->servers->find(server);
      if (!found)
        return client_settings_of(endpoint_spec{}, context->environment);
      auto endpoint = resolve_endpoint(found->config, known_variables(context->environment, context->folder));
      return client_settings_of(endpoint ? *endpoint : endpoint_spec{}, context->environment);
    };
    return spawn_web_client(sys, shard_of(sys), reached_like);
  };
  settings.open_vault = [folder](caf::actor_system& sys) { return spawn_vault(sys, folder / "tokens"); };
  settings.now = [] { return static_cast<int64_t>(std::time(nullptr)); };
  result.grants = spawn_grants(system, std::move(settings));
  result.servers = std::move(servers);
  return result;
}

} // namespace hub
