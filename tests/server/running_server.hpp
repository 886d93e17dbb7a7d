#pragma once

#include "server/http_server.hpp"
#include "tests/server/raw_client.hpp"
#include "tests/server/requests.hpp"
#include "tests/server/stand_ins.hpp"
#include "tests/support/live_system.hpp"
#include "tests/support/scratch_folder.hpp"

#include <caf/scoped_actor.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace hub::test {

/// The HTTP side on real sockets and shards, in front of stand-ins.
struct running_server {
  scratch_folder folder;
  std::shared_ptr<diary> notes = std::make_shared<diary>();
  live_system world;
  http_server server;
  server_neighbours neighbours;

  explicit running_server(server_settings settings = {}, size_t shards = 1)
    : world(shards), server(world.system, with_doors(std::move(settings))) {
    auto& system = world.system;
    neighbours = {system.spawn(registry_stand_in, notes), system.spawn(supervisor_stand_in),
                  system.spawn(calls_stand_in), system.spawn(tools_stand_in),
                  system.spawn(logins_stand_in), system.spawn(configuration_stand_in)};
    server.start(neighbours);
  }

  ~running_server() {
    server.stop();
    caf::scoped_actor self{world.system, true};
    self->send_exit(neighbours.sessions, caf::exit_reason::kill);
    self->send_exit(neighbours.supervisor, caf::exit_reason::kill);
    self->send_exit(neighbours.calls, caf::exit_reason::kill);
    self->send_exit(neighbours.tools, caf::exit_reason::kill);
    self->send_exit(neighbours.logins, caf::exit_reason::kill);
    self->send_exit(neighbours.configuration, caf::exit_reason::kill);
    world.system.await_actors_before_shutdown(false);
  }

  std::string socket_path() const {
    return folder.at("hub.sock");
  }

  uint16_t port() const {
    return server.port();
  }

private:
  server_settings with_doors(server_settings settings) {
    settings.port = 0;
    settings.socket_path = folder.at("hub.sock");
    settings.version = "9.9";
    settings.config_dir = "/config";
    return settings;
  }
};

/// The text of a POST to `target`.
inline std::string post_text(std::string_view target, std::string_view headers,
                             std::string_view body) {
  return "POST " + std::string{target} + " HTTP/1.1\r\nHost: localhost\r\n"
         + "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
         + std::string{headers} + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n"
         + std::string{body};
}

/// A request in the session `id`; `more` are further headers.
inline std::string session_post(std::string_view id, std::string_view body,
                                std::string_view more = {}) {
  return post_text("/mcp", "Mcp-Session-Id: " + std::string{id} + "\r\n" + std::string{more},
                   body);
}

/// A stateless call of a tool.
inline std::string stateless_call(std::string_view tool) {
  return post_text("/mcp",
                   "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: "
                     + std::string{tool} + "\r\n",
                   stateless_text("tools/call", R"("name":")" + std::string{tool} + "\","));
}

inline std::string initialize_text(std::string_view version = "2025-11-25",
                                   std::string_view name = "t") {
  return R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":")"
         + std::string{version} + R"(","capabilities":{},"clientInfo":{"name":")"
         + std::string{name} + R"(","version":"1"}}})";
}

/// A call of a tool in the handshake era.
inline std::string call_text(std::string_view tool, int id = 1) {
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(id)
         + R"(,"method":"tools/call","params":{"name":")" + std::string{tool} + "\"}}";
}

/// Opens a session and returns its id.
inline std::string open_session_with(raw_client& client,
                                     std::string_view version = "2025-11-25") {
  auto answer = client.ask(post_text("/mcp", "", initialize_text(version)));
  REQUIRE(answer.status == 200);
  return answer.headers["mcp-session-id"];
}

} // namespace hub::test
