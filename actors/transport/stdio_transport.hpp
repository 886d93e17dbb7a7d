#pragma once

#include "messages/server_config.hpp"
#include "messages/transport.hpp"

#include <caf/fwd.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace hub {

class shard;

/// Bounds of one connection to a child.
struct stdio_limits {
  /// The longest message that a server may send, in bytes.
  size_t line_bytes = size_t{64} << 20;

  /// How much may wait for a server that does not read, in bytes.
  size_t queued_bytes = size_t{64} << 20;

  /// How long the pipes of a child that ended are read to their end. Only a
  /// process that left the child's group can hold them open that long. A child
  /// that closes a pipe has as much time to end by itself.
  std::chrono::milliseconds drain_time{500};

  /// How long a child whose connection failed has between SIGTERM and SIGKILL.
  std::chrono::milliseconds kill_time{1000};
};

/// Everything a stdio transport needs to know.
struct stdio_settings {
  /// The configured name of the server.
  std::string server;

  launch_spec program;

  /// Where stderr goes; see `rotated_log`. Empty keeps it in memory only.
  std::string log_path;

  /// Where running children are noted; see `child_record`. Empty notes nothing.
  std::string records_folder;

  stdio_limits limits;

  /// Bytes that were sent to it and are not in the pipe: the owner adds what it sends, each
  /// message with its line feed. Null if nobody wants to know.
  std::shared_ptr<std::atomic<size_t>> unwritten = nullptr;
};

/// Starts a child on `home` and connects it to `owner`, line by line. The owner
/// hears `transport_opened` when the child runs, then what it says, and exactly
/// one `transport_closed`, after which the actor has ended.
///
/// The transport owns the child: its process group is killed when the transport
/// ends in any way, and the transport ends when the owner does. What the child
/// forked is ended with it. Nothing here waits on the shard; the child is started
/// on a thread of its own, and what is sent before it runs waits for it.
transport_actor spawn_stdio_transport(caf::actor_system& system, shard& home, transport_owner owner,
                                      stdio_settings settings);

} // namespace hub
