#pragma once

#include "actors/backend/catalogue_reader.hpp"
#include "messages/backend.hpp"
#include "messages/catalogue.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace hub {

/// Bounds and times of one connection to a server.
struct protocol_limits {
  /// How long a server may take to answer the probe for the stateless era
  /// before it is offered the handshake as well.
  std::chrono::milliseconds probe{3000};

  /// How long one page of a list may take.
  std::chrono::milliseconds list{60'000};

  /// How many calls may be open at a time.
  size_t open_calls = 1024;
};

/// Which era a server speaks, as far as it is known.
enum class known_era : uint8_t { unknown, handshake, stateless };

/// The client's side of MCP towards one server, over one connection: finds the
/// era, shakes hands, learns what the server offers, and multiplexes calls.
/// It has no actor, clock or socket: events go in, and what is to be done
/// collects in `out`, which the owner empties after each event.
class server_protocol {
public:
  using time_point = std::chrono::steady_clock::time_point;

  struct answered {
    call_id call;
    rpc_answer answer;
  };

  struct event {
    exchange_address to;
    text_parts message;
  };

  /// What is to be done next.
  struct output {
    std::vector<text_parts> to_server;
    std::vector<answered> answers;
    std::vector<event> events;

    /// Sentences for the log.
    std::vector<std::string> remarks;

    /// The server takes calls from now on.
    bool became_ready = false;

    /// A new or renewed catalogue.
    std::shared_ptr<server_catalogue> learned;

    /// The handshake failed for good: the cause.
    std::optional<std::string> refused;
  };

  server_protocol(std::string server, known_era era, protocol_limits limits);

  /// The connection stands: says the first words.
  void open(time_point now);

  /// A message of the server arrived.
  void receive(json_text text, time_point now);

  /// Sends a request on. It must be `ready()`.
  void request(const backend_request& x);

  /// Takes a call back; its answer is `cancelled`.
  void cancel(call_id call, std::string_view reason);

  /// Does what is due.
  void tick(time_point now);

  /// The connection is gone: every open call is answered with `why`.
  void close(const std::shared_ptr<const failure>& why);

  bool ready() const noexcept {
    return phase_ == phase::ready;
  }

  /// True if the server was probed and has said nothing yet, so that a closed
  /// connection may mean that it cannot bear the probe.
  bool only_probed() const noexcept {
    return phase_ == phase::probing;
  }

  bool stateless() const noexcept {
    return stateless_;
  }

  /// True while `tick` has something to watch.
  bool needs_tick() const noexcept {
    return phase_ == phase::probing || reader_.busy();
  }

  size_t open_calls() const noexcept {
    return calls_.size();
  }

  /// How many messages of the server fitted nothing.
  uint64_t strays() const noexcept {
    return strays_;
  }

  output out;

private:
  enum class phase : uint8_t { idle, probing, initializing, ready, refused };

  /// A call that waits for the server's answer.
  struct open_call {
    call_id call;
    json_text progress_token;
    exchange_address notify;
    log_level logs;
    bool client_is_stateless;
    bool reads_resource;
  };

  void send_initialize();
  void on_bad_message(const rpc::bad_message& bad, const json_text& message);
  void on_answer(const rpc::envelope& x, time_point now);
  void on_discovered(const rpc::envelope& x, time_point now);
  void on_initialized(const rpc::envelope& x, time_point now);
  void on_request(const rpc::envelope& x);
  void on_notification(const rpc::envelope& x, time_point now);
  void on_progress(const rpc::envelope& x);
  void on_log(const rpc::envelope& x);
  void become_ready(time_point now);
  void refuse(std::string why);
  void stray(std::string_view what, std::string_view text);
  void ask(int64_t id, std::string_view method, const json_text& params);
  void ask_pages(time_point now);
  rpc_answer translate_answer(const rpc::envelope& x, const open_call& call) const;

  std::string server_;
  known_era era_;
  protocol_limits limits_;
  phase phase_ = phase::idle;
  bool stateless_ = false;
  int64_t last_id_ = 0;
  int64_t probe_id_ = 0;
  int64_t initialize_id_ = 0;
  int64_t listen_id_ = 0;
  time_point probe_deadline_;
  std::unordered_map<int64_t, open_call> calls_;
  server_catalogue facts_;
  catalogue_reader reader_;
  log_level lowest_level_ = log_level::off;
  uint64_t strays_ = 0;
};

} // namespace hub
