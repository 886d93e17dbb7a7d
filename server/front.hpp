#pragma once

#include "actors/runtime/shard.hpp"
#include "messages/call_record.hpp"
#include "server/client_contexts.hpp"
#include "server/gate.hpp"
#include "server/rate_limiter.hpp"
#include "server/server_settings.hpp"
#include "server/status_text.hpp"
#include "server/stream_directory.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/basic_stream_socket.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hub {

class connection;

/// A socket of either door.
using stream_socket = boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol,
                                                       boost::asio::io_context::executor_type>;

/// What a connection may do depends on where it came in.
enum class door_kind : uint8_t {
  tcp,        ///< Anybody on this machine, web pages included.
  unix_socket ///< Whoever may open a file of this user.
};

/// What the fronts of all shards share. Safe from any thread.
struct front_counters {
  std::atomic<size_t> connections{0};

  /// Events that were not sent because a client reads too slowly or takes none.
  std::atomic<uint64_t> events_dropped{0};
};

/// The connections of one shard and what they share. All functions are for the
/// thread of the shard. One timer looks after all connections, and one after the
/// calls that may last; they stand still when there are none.
class front : public std::enable_shared_from_this<front> {
public:
  /// @param settings Outlives this, as all arguments do.
  front(shard& home, gate& way_in, const server_settings& settings, const hub_facts& facts,
        front_counters& counters);

  front(const front&) = delete;
  front& operator=(const front&) = delete;

  ~front();

  /// Takes a connected socket.
  void admit(stream_socket socket, door_kind door);

  /// Forgets a connection.
  void release(connection& x);

  /// From now on new MCP requests are told 503.
  void drain() noexcept {
    draining_ = true;
  }

  /// Makes a stream of `session` that can be resumed; null if it has too many.
  /// @param source The exchange whose messages it carries.
  std::shared_ptr<resumable_stream> open_stream(const std::shared_ptr<known_session>& session,
                                                exchange_id source, bool of_session);

  /// Closes all connections at once and stops the timer.
  void close_all();

  shard& home() noexcept {
    return home_;
  }

  gate& way_in() noexcept {
    return way_in_;
  }

  const server_settings& settings() const noexcept {
    return settings_;
  }

  /// What the management API tells.
  const hub_facts& facts() const noexcept {
    return facts_;
  }

  /// The streams of HTTP+SSE on this shard.
  stream_directory& streams() noexcept {
    return streams_;
  }

  /// The fronts of all shards, this one included, in the order of the shards.
  void know(std::vector<std::weak_ptr<front>> all) {
    all_ = std::move(all);
  }

  /// The front of the shard that a stream of HTTP+SSE lives on; null if `stream` is
  /// the name of none.
  std::shared_ptr<front> owner_of(std::string_view stream) const noexcept;

  /// Counts requests of clients.
  rate_limiter& rates() noexcept {
    return rates_;
  }

  /// Counts a request that was turned away; the audit hears of it within a second.
  /// @param kind A literal.
  void note_refusal(std::string_view kind);

  client_contexts& contexts() noexcept {
    return contexts_;
  }

  front_counters& counters() noexcept {
    return counters_;
  }

  /// Counts connections whose requests are in flight.
  void count_busy(bool more) noexcept {
    more ? ++busy_ : --busy_;
  }

  /// Whether several clients wait for answers. These leave together then, as the burst
  /// ends: to wake a client that sleeps on another processor takes as long as all the
  /// rest of an answer, and one that is awake already costs nothing.
  bool crowded() const noexcept {
    return busy_ > 1;
  }

  bool draining() const noexcept {
    return draining_;
  }

  const origin_rules& origins() const noexcept {
    return origins_;
  }

  /// The number of sweeps so far: a clock that costs nothing to read.
  uint32_t now() const noexcept {
    return now_;
  }

  /// `time` in sweeps, at least 1.
  uint32_t in_sweeps(std::chrono::milliseconds time) const noexcept;

  /// Has all exchanges told of the moments that pass from now on, as long as one of
  /// them asks for the next.
  void expect_moment();

  /// The number of moments so far.
  uint32_t moments() const noexcept {
    return moments_;
  }

private:
  using timer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
    boost::asio::io_context::executor_type>;

  void start_sweeping();

  void pass_moment();

  /// Forgets streams that nobody came back to.
  void sweep_streams();

  void sweep();

  shard& home_;
  gate& way_in_;
  const server_settings& settings_;
  const hub_facts& facts_;
  front_counters& counters_;
  rate_limiter rates_;

  /// What was turned away since the audit heard of it; few kinds.
  std::vector<door_refusals> refusals_;

  client_contexts contexts_;
  origin_rules origins_;
  bool draining_ = false;
  size_t busy_ = 0;
  bool sweeping_ = false;
  uint32_t now_ = 0;

  timer timer_;

  bool expects_moment_ = false;
  uint32_t moments_ = 0;
  timer moment_timer_;

  /// Each connection knows its place.
  std::vector<std::shared_ptr<connection>> connections_;

  /// Sessions with streams that can be resumed.
  std::vector<std::weak_ptr<known_session>> streaming_;

  /// Tells the event ids of this run of the hub from those of another.
  std::string run_;

  stream_directory streams_;
  std::vector<std::weak_ptr<front>> all_;

  /// Reused by each sweep.
  std::vector<std::shared_ptr<connection>> swept_;
};

} // namespace hub
