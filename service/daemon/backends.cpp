#include "service/daemon/backends.hpp"

#include "actors/backend/backend.hpp"
#include "actors/runtime/asio_coordinator.hpp"
#include "actors/transport/control_group.hpp"
#include "actors/transport/http_transport.hpp"
#include "actors/transport/stdio_transport.hpp"
#include "messages/rpc/compose.hpp"
#include "service/config/launch.hpp"
#include "service/daemon/client_settings.hpp"
#include "service/daemon/known_variables.hpp"

#include <caf/actor_system.hpp>
#include <caf/spawn_options.hpp>
#include <spdlog/spdlog.h>

#include <functional>
#include <utility>

namespace hub {

namespace {

/// What every run of a server starts from.
struct launch_context {
  backend_folders folders;
  variable_map environment;
  stdio_limits limits;

  hub_authorization authorization;
};

open_failure explain(const char* what, const std::vector<config_error>& errors) {
  auto& first = errors.front();
  return {what + first.where + ": " + first.cause, first.fix};
}

variables variables_of(const launch_context& context, const fetched_secrets& secrets) {
  auto result = known_variables(context.environment, context.folders.config);
  result.fetched = secrets;
  return result;
}

std::variant<transport_actor, open_failure>
open_http(caf::actor_system& system, const transport_owner& owner, const launch_context& context,
          const server_config& server, const std::string& log, const fetched_secrets& secrets) {
  auto endpoint = resolve_endpoint(server, variables_of(context, secrets));
  if (!endpoint)
    return explain("could not be connected: ", endpoint.errors());
  http_transport_settings settings;
  settings.server = server.name;
  settings.client = client_settings_of(*endpoint, context.environment);
  settings.make_authorizer = [&system, authorization = context.authorization, name = server.name](shard& home) {
    return authorization.authorizer_of(system, home, name);
  };
  settings.url = std::move(endpoint->url);
  settings.headers = std::move(endpoint->headers);
  settings.event_stream_only = server.transport == transport_kind::sse;
  settings.limits.message_bytes = context.limits.line_bytes;
  settings.limits.in_flight = server.max_in_flight;
  settings.log_path = log;
  auto& home = shard_of(system, std::hash<std::string>{}(server.name));
  return spawn_http_transport(system, home, owner, std::move(settings));
}

std::variant<transport_actor, open_failure>
open_stdio(caf::actor_system& system, const transport_owner& owner, const launch_context& context,
           const server_config& server, const std::string& log, const fetched_secrets& secrets) {
  auto program = resolve_launch(server, variables_of(context, secrets));
  if (!program)
    return explain("could not be started: ", program.errors());
  if (program->bounds.processors > 0 && !control_groups::of_this_process().bounds_processors())
    spdlog::warn("server {}: \"cpus\" is not held, because the hub has no control group of its own; it has one as a service: "
                 "slm-hub service install",
                 server.name);
  stdio_settings settings{server.name, std::move(*program), log, context.folders.records(), context.limits};
  auto& home = shard_of(system, std::hash<std::string>{}(server.name));
  return spawn_stdio_transport(system, home, owner, std::move(settings));
}

known_era to_known(const std::optional<era>& x) {
  if (!x)
    return known_era::unknown;
  return *x == era::stateless ? known_era::stateless : known_era::handshake;
}

} // namespace

std::string backend_folders::records() const {
  return (config / "children").string();
}

backend_factory make_backend_factory(const hub_config& config, backend_folders folders, variable_map environment,
                                     hub_authorization authorization, catalog_actor catalog,
                                     watch_actor watches, secret_fetcher_settings secrets) {
  auto context = std::make_shared<launch_context>();
  context->folders = std::move(folders);
  context->environment = std::move(environment);
  context->authorization = std::move(authorization);
  context->limits.line_bytes = config.max_message_bytes;
  return [context, catalog = std::move(catalog), watches = std::move(watches),
          secrets](caf::actor_system& system, const backend_order& order) {
    backend_settings settings;
    settings.server = order.server.name;
    settings.fingerprint = order.server.fingerprint;
    settings.run = order.run;
    settings.era = to_known(order.server.era ? order.server.era : order.era);
    if (order.client) {
      settings.traits.capabilities
        = order.client->capabilities.empty()
            ? json_text::of_literal("{}")
            // A server cannot make tasks of what it asks the client: they do not cross.
            : rpc::edit_members(order.client->capabilities, {{"tasks", ""}});
      settings.traits.session = order.session;
    }
    settings.traits.http = order.server.transport != transport_kind::stdio;
    if (settings.traits.http)
      // Servers over HTTP may remember ids of earlier connections.
      settings.traits.first_id = static_cast<int64_t>(order.run << 24) + 1;
    settings.max_concurrent = order.server.policy.max_concurrent.value_or(0);
    settings.supervisor = order.supervisor;
    if (!order.exclusive) {
      settings.catalog = catalog;
      settings.watches = watches;
    }
    settings.open = [context, server = order.server, log = order.log](
                      caf::actor_system& sys, const transport_owner& owner, const fetched_secrets& secrets) {
      return server.transport == transport_kind::stdio ? open_stdio(sys, owner, *context, server, log, secrets)
                                                       : open_http(sys, owner, *context, server, log, secrets);
    };
    settings.secrets = secrets_to_fetch(order.server);
    if (!settings.secrets.empty())
      settings.make_fetcher = [secrets](caf::actor_system& sys) {
        return sys.spawn<caf::detached>(secret_fetcher, secrets);
      };
    return system.spawn(backend, std::move(settings));
  };
}

} // namespace hub
