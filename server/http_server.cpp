#include "server/http_server.hpp"

#include "actors/runtime/asio_coordinator.hpp"
#include "server/front.hpp"
#include "server/listener.hpp"
#include "server/pinned_gate.hpp"

#include <boost/asio/post.hpp>

#include <caf/scoped_actor.hpp>

#include <future>
#include <unistd.h>
#include <utility>
#include <vector>

namespace hub {

namespace {

/// Runs `f` on a shard and waits for it, and for what was due there before.
template <class F>
void run_on(shard& where, F&& f) {
  std::promise<void> done;
  boost::asio::post(where.context(), [&] {
    shard::scope woken{where};
    f();
    // Handlers that `f` made due come first.
    boost::asio::post(where.context(), [&done] { done.set_value(); });
  });
  done.get_future().wait();
}

std::string to_endpoint(const server_settings& settings, uint16_t port) {
  auto& host = settings.host;
  auto is_v6 = host.find(':') != std::string::npos;
  auto secured = settings.tls && settings.tls->load();
  return std::string{secured ? "https://" : "http://"} + (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port) + "/mcp";
}

size_t shards_of(caf::actor_system& system) {
  return dynamic_cast<asio_coordinator&>(system.scheduler()).size();
}

} // namespace

struct http_server::running {
  running(caf::actor_system& sys, server_settings x) : system(sys), settings(std::move(x)) {
    // nop
  }

  caf::actor_system& system;
  server_settings settings;
  hub_facts facts;
  front_counters counters;
  uint16_t port = 0;
  bound_socket tcp;
  bound_socket unix_socket;
  std::vector<gate_actor> gates;
  std::vector<std::shared_ptr<front>> fronts;
  std::shared_ptr<listener> tcp_listener;
  std::shared_ptr<listener> unix_listener;
};

http_server::http_server(caf::actor_system& system, server_settings settings)
  : running_(std::make_unique<running>(system, std::move(settings))) {
  auto& x = *running_;
  x.tcp = listen_tcp(x.settings.host, x.settings.port);
  if (!x.settings.socket_path.empty())
    x.unix_socket = listen_unix(x.settings.socket_path);
  x.port = x.tcp.port;
  x.facts = {x.settings.version, to_endpoint(x.settings, x.port), x.settings.config_file,
             x.settings.config_dir, ::getpid(), x.settings.token_required,
             x.settings.audit, x.settings.run, x.settings.tls, x.settings.store};
}

http_server::~http_server() {
  stop();
}

void http_server::start(server_neighbours neighbours) {
  auto& x = *running_;
  auto count = shards_of(x.system);
  for (size_t i = 0; i < count; ++i) {
    auto& home = shard_of(x.system, i);
    x.gates.push_back(spawn_pinned<pinned_gate>(x.system, home, neighbours));
    auto& way_in = *caf::actor_cast<pinned_gate*>(x.gates.back());
    x.fronts.push_back(std::make_shared<front>(home, way_in, x.settings, x.facts, x.counters));
  }
  for (auto& one : x.fronts)
    one->know({x.fronts.begin(), x.fronts.end()});
  auto& first = shard_of(x.system, 0);
  auto open = [&](bound_socket& socket, door_kind door) {
    return std::make_shared<listener>(first, std::move(socket), door, x.fronts);
  };
  x.tcp_listener = open(x.tcp, door_kind::tcp);
  if (x.unix_socket.descriptor >= 0)
    x.unix_listener = open(x.unix_socket, door_kind::unix_socket);
  run_on(first, [&x] {
    x.tcp_listener->start();
    if (x.unix_listener)
      x.unix_listener->start();
  });
}

void http_server::drain() {
  auto& x = *running_;
  if (x.fronts.empty())
    return;
  run_on(x.fronts.front()->home(), [&x] { x.tcp_listener->close(); });
  for (auto& one : x.fronts)
    run_on(one->home(), [&one] { one->drain(); });
}

void http_server::stop() {
  auto& x = *running_;
  if (x.fronts.empty())
    return;
  run_on(x.fronts.front()->home(), [&x] {
    x.tcp_listener->close();
    if (x.unix_listener)
      x.unix_listener->close();
  });
  if (x.unix_listener)
    ::unlink(x.settings.socket_path.c_str());
  for (auto& one : x.fronts)
    run_on(one->home(), [&one] { one->close_all(); });
  // What still waits for actors refers to the fronts: it goes first.
  caf::scoped_actor self{x.system, true};
  for (auto& gate : x.gates)
    self->send_exit(gate, caf::exit_reason::user_shutdown);
  self->wait_for(std::exchange(x.gates, {}));
  x.tcp_listener.reset();
  x.unix_listener.reset();
  x.fronts.clear();
}

uint16_t http_server::port() const noexcept {
  return running_->port;
}

const std::string& http_server::endpoint() const noexcept {
  return running_->facts.endpoint;
}

size_t http_server::connections() const noexcept {
  return running_->counters.connections.load(std::memory_order_relaxed);
}

uint64_t http_server::events_dropped() const noexcept {
  return running_->counters.events_dropped.load(std::memory_order_relaxed);
}

} // namespace hub
