#include "service/daemon/memory.hpp"

#include "actors/runtime/asio_coordinator.hpp"
#include "actors/slm/memory_desk.hpp"
#include "actors/slm/mesh_plugin.hpp"
#include "actors/slm/slm_daemon.hpp"
#include "actors/slm/slm_plugin.hpp"
#include "messages/rpc/json_scan.hpp"

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

namespace hub {

namespace {

using namespace std::chrono_literals;

/// What the report of the plugins says of the memory; nothing if it is switched off.
std::optional<std::string> said_of_memory(std::string_view report) {
  std::optional<std::string> result;
  rpc::for_each_element(rpc::member(report, "plugins"), [&](std::string_view x) {
    if (rpc::member(x, "name") != "\"slm\"")
      return true;
    if (rpc::member(x, "enabled") == "true")
      result = rpc::unquote(rpc::member(x, "says")).value_or("");
    return false;
  });
  return result;
}

} // namespace

wired_memory spawn_memory(caf::actor_system& system, const hub_config& config, const variable_map& environment,
                          std::string session) {
  wired_memory result;
  auto place = slm_place_from([&](std::string_view name) {
    auto i = environment.find(std::string{name});
    return i == environment.end() ? std::string{} : i->second;
  });
  result.daemon = spawn_slm_daemon(system, shard_of(system), std::move(place));
  result.desk = system.spawn(memory_desk);
  result.port = std::make_shared<memory_port>();
  result.port->to = caf::actor_cast<recall_actor>(result.desk);
  auto run_of = [daemon = result.daemon, desk = result.desk, port = result.port](const plugin_order& x) {
    return memory_plugin_settings{x.plugin.name, x.run, x.owner, x.gauge, daemon, desk, port, x.plugin.settings};
  };
  result.plugins["slm"] = [run_of](caf::actor_system& system, const plugin_order& x) {
    // It reads the arguments of each call, which no shard should.
    return caf::actor_cast<plugin_actor>(system.spawn<caf::detached>(slm_plugin, run_of(x)));
  };
  result.plugins["mesh"] = [run_of, session = std::move(session), hub_port = config.port](caf::actor_system& system, const plugin_order& x) {
    return caf::actor_cast<plugin_actor>(system.spawn(mesh_plugin, mesh_plugin_settings{run_of(x), session, hub_port}));
  };
  return result;
}

std::string memory_line(caf::actor_system& system, const plugin_host_actor& host) {
  caf::scoped_actor self{system, true};
  std::optional<std::string> said;
  for (auto until = std::chrono::steady_clock::now() + 250ms; std::chrono::steady_clock::now() < until;) {
    said.reset();
    self->request(host, 1s, get_report{"plugins", {}})
      .receive([&](const report& x) { said = said_of_memory(x.text); }, [](const caf::error&) {});
    if (!said || said->starts_with("away"))
      return {};
    // The mode comes with a second answer of the daemon.
    if (said->starts_with("foreign") || said->find("mode") != std::string::npos)
      return *said;
    std::this_thread::sleep_for(10ms);
  }
  return said && said->starts_with("connected") ? *said : std::string{};
}

} // namespace hub
