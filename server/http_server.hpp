#pragma once

#include "server/server_neighbours.hpp"
#include "server/server_settings.hpp"

#include <caf/fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace hub {

/// The doors of the hub: MCP and health over TCP, those and the management API
/// over a Unix socket. It runs on the shards of an actor system, with a gate on
/// each. All functions are for the thread that made it, which must not be a shard.
class http_server {
public:
  /// Opens the doors. Clients can connect from now on, but are served only after
  /// `start`.
  ///
  /// @param system Runs on `asio_coordinator` and outlives this.
  /// @throws listen_error if a door cannot be opened.
  http_server(caf::actor_system& system, server_settings settings);

  /// Stops.
  ~http_server();

  /// Serves clients. Call it once.
  void start(server_neighbours neighbours);

  /// No new connections; new MCP requests are told 503. What is in flight goes on.
  /// Returns when this is in force. The Unix socket stays open.
  void drain();

  /// Closes all connections and ends the gates. Returns when that is done.
  void stop();

  /// The TCP port that was taken.
  uint16_t port() const noexcept;

  /// The address for clients, such as `http://127.0.0.1:52414/mcp`.
  const std::string& endpoint() const noexcept;

  /// How many connections are open.
  size_t connections() const noexcept;

  /// Events that no client got, because it reads too slowly or takes none.
  uint64_t events_dropped() const noexcept;

private:
  struct running;

  std::unique_ptr<running> running_;
};

} // namespace hub
