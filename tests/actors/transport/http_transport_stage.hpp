#pragma once

#include "actors/transport/http_transport.hpp"

#include "messages/rpc/json_scan.hpp"
#include "tests/actors/transport/transport_stage.hpp"
#include "tests/support/loopback_server.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <utility>

namespace hub::test {

/// An HTTP transport on a real shard, and an owner that writes down what it hears.
struct http_transport_stage {
  owner_diary diary;
  live_system world;
  shard& home = shard_of(world.system);
  http_transport_settings settings;
  transport_owner owner = on(home, [this] { return world.system.spawn(owner_behavior, &diary); });
  transport_actor transport;

  http_transport_stage() {
    settings.server = "one";
    settings.limits.pause = std::chrono::milliseconds{20};
  }

  ~http_transport_stage() {
    on(home, [this] {
      caf::anon_send_exit(transport, caf::exit_reason::user_shutdown);
      caf::anon_send_exit(owner, caf::exit_reason::user_shutdown);
      transport = transport_actor{};
      owner = transport_owner{};
    });
  }

  void run(std::string url) {
    settings.url = std::move(url);
    on(home, [this] { transport = spawn_http_transport(world.system, home, owner, settings); });
    diary.wait([](auto& x) { return x.opened || !x.closed.empty(); });
  }

  /// Sends a request, or with id 0 a notification.
  void say(int64_t id, std::string method, bool stateless = false, std::string version = "2025-11-25") {
    http_hints hints;
    hints.method = method;
    hints.stateless = stateless;
    hints.version = method == "initialize" ? "" : version;
    auto text = R"({"jsonrpc":"2.0",)" + (id != 0 ? "\"id\":" + std::to_string(id) + "," : std::string{})
                + R"("method":")" + method + "\"}";
    send_message x{text_parts{json_text{std::move(text)}}, id, std::make_shared<http_hints>(std::move(hints))};
    on(home, [&] { caf::anon_send(transport, std::move(x)); });
  }

  void abandon(int64_t id) {
    on(home, [&] { caf::anon_send(transport, abandon_request{id}); });
  }

  void close(uint32_t grace_ms = 2000) {
    on(home, [&] { caf::anon_send(transport, close_transport{grace_ms}); });
  }

  request_failed wait_failed() {
    return diary.wait([](auto& x) { return !x.failed.empty(); }).failed.front();
  }
};

/// The id of a request as it was written; empty for a notification.
inline std::string id_in(const heard_request& request) {
  return std::string{rpc::member(request.body, "id")};
}

inline std::string method_in(const heard_request& request) {
  return rpc::unquote(rpc::member(request.body, "method")).value_or("");
}

inline std::string result_for(const heard_request& request, std::string_view result = "{}") {
  return R"({"jsonrpc":"2.0","id":)" + id_in(request) + R"(,"result":)" + std::string{result} + "}";
}

/// One event with data.
inline std::string event_of(std::string_view data, std::string_view fields = {}) {
  return std::string{fields} + "data: " + std::string{data} + "\n\n";
}

/// Answers what every server is asked: initialize with a session, 202 for
/// notifications, 405 for GET. Returns false for what is not that.
inline bool answer_usual(loopback_peer& peer, const heard_request& request, std::string_view session = "s1") {
  if (request.says("GET ")) {
    peer.answer(405, "text/plain", "no stream");
  } else if (request.says("DELETE ")) {
    peer.answer(200, "text/plain", "");
  } else if (method_in(request) == "initialize") {
    peer.answer(200, "application/json", result_for(request), "Mcp-Session-Id: " + std::string{session} + "\r\n");
  } else if (id_in(request).empty()) {
    peer.answer(202, "text/plain", "");
  } else {
    return false;
  }
  return true;
}

} // namespace hub::test
