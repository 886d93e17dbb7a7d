#pragma once

#include "messages/access.hpp"
#include "messages/audit.hpp"
#include "messages/policy.hpp"
#include "messages/store_trouble.hpp"
#include "server/origin_check.hpp"
#include "server/rate_limiter.hpp"
#include "server/tls_door.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hub {

/// How the HTTP side of the hub behaves. Times are rounded up to `sweep`.
struct server_settings {
  // -- doors --------------------------------------------------------------------

  /// The address or name to listen on.
  std::string host = "127.0.0.1";

  /// 0 takes any free port.
  uint16_t port = 52'414;

  /// The path of the Unix socket, at most 107 bytes; empty for none.
  std::string socket_path;

  /// Origins of web pages that may use the hub besides loopback ones.
  std::vector<std::string> cors_origins;

  /// Where the tokens are that count; null if there are none.
  std::shared_ptr<const access_cell> access = nullptr;

  /// How the hub proves itself over TCP; null, or null in it, if it speaks no TLS.
  std::shared_ptr<const tls_cell> tls = nullptr;

  /// Whether MCP over TCP needs a token; null if it does not.
  std::shared_ptr<const std::atomic<bool>> token_required = nullptr;

  bool needs_token() const noexcept {
    return token_required && token_required->load(std::memory_order_relaxed);
  }

  /// Where the rules for clients are; null if everything is allowed.
  std::shared_ptr<const permission_cell> permissions = nullptr;

  // -- bounds -------------------------------------------------------------------

  /// How many MCP requests a client may send over TCP on each shard. A client is whoever
  /// shows a token, else whoever has a session, else all others together.
  request_rate rate{};

  /// The most connections; one more is told 503 and closed.
  size_t connections_limit = 4096;

  /// The largest body of a request, in bytes.
  size_t body_limit = 16 * 1024 * 1024;

  /// How often connections are looked after.
  std::chrono::milliseconds sweep{1000};

  /// How often calls are looked at that may last; one that is seen twice has its
  /// answer kept for a client that loses its connection.
  std::chrono::milliseconds moment{20};

  /// How long a connection may stay open with nothing on it.
  std::chrono::milliseconds idle_limit{120'000};

  /// How long a header may take, and a body may stand still.
  std::chrono::milliseconds receive_limit{30'000};

  /// How long a client may take none of what waits for it.
  std::chrono::milliseconds send_limit{60'000};

  /// How long a client is listened to that was told to go away.
  std::chrono::milliseconds linger_limit{5'000};

  /// How long an event stream is silent before a comment says that it is alive.
  std::chrono::milliseconds stream_silence{15'000};

  /// How long a stream without a reader is kept for one who comes back.
  std::chrono::milliseconds resume_limit{300'000};

  /// How long an answer is kept that was sent as the end of a stream, in case that
  /// it did not arrive.
  std::chrono::milliseconds replay_limit{60'000};

  /// How long clients are asked to wait before they come back to a stream.
  std::chrono::milliseconds retry_delay{1000};

  /// How long the management API waits for an actor; a restart may take 12 times
  /// as long.
  std::chrono::milliseconds management_limit{5'000};

  // -- what the management API tells ---------------------------------------------

  std::string version;
  std::string config_file;
  std::string config_dir;

  /// How the audit is; null if there is none.
  std::shared_ptr<const audit_gauge> audit = nullptr;

  /// How the store is; null if there is none.
  std::shared_ptr<const store_trouble> store = nullptr;

  /// Called on a shard when `/api/stop` asks the hub to end; must not block.
  std::function<void()> on_stop;

  /// The same for `/api/restart`, when the hub is to begin anew.
  std::function<void()> on_restart;

  /// Tells this run of the hub from the one before in the same process.
  std::string run;
};

} // namespace hub
