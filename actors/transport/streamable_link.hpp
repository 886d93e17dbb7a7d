#pragma once

#include "actors/transport/event_stream.hpp"
#include "actors/transport/http_link.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hub {

/// Streamable HTTP towards one server: each message is a POST, answers come as JSON or
/// as an event stream, and what belongs to no request comes on the stream of a GET. It
/// keeps the session of the handshake era and resumes streams that have event ids.
class streamable_link final : public http_link {
public:
  explicit streamable_link(http_link_context context);

  ~streamable_link() override;

  void open() override;
  void send(send_message x) override;
  void abandon(int64_t id) override;
  void close(std::chrono::milliseconds grace) override;

private:
  using clock = std::chrono::steady_clock;

  class reader;

  /// One POST with what it brings, or the GET stream.
  struct exchange {
    explicit exchange(size_t max_event) : events(max_event) {
      // nop
    }

    /// The message; for the GET stream only hints.
    send_message message;

    /// True for the GET stream.
    bool listens = false;

    /// Of the present request, first or resumed; 0 while it waits for `timer`.
    fetch_id fetch = 0;

    /// True while a GET goes on where a broken stream ended.
    bool resumed = false;

    bool is_stream = false;
    fetch_head head;
    std::string body;
    event_stream_parser events;

    /// The session that was named.
    std::string session;

    bool answered = false;

    /// Whether it takes one of the places in flight.
    bool counted = false;

    /// Attempts in a row that brought nothing.
    int fruitless = 0;

    /// When the present stream began.
    clock::time_point begun;

    /// What the last attempt went on from.
    std::string resumed_from;

    /// Most need none.
    std::optional<boost::asio::steady_timer> timer;
  };

  using exchange_ptr = std::shared_ptr<exchange>;

  void post(send_message&& x);

  /// The headers of a message of the handshake era are the same each time.
  header_block headers_of(const exchange& x);

  void start(const exchange_ptr& x, fetch_request&& request);
  void get(const exchange_ptr& x);
  void listen();
  void stop_listening();

  void on_head(const exchange_ptr& x, fetch_head head);
  void on_whole(const exchange_ptr& x, fetch_head head, std::string_view body);
  void on_data(const exchange_ptr& x, std::string_view data);
  void on_end(const exchange_ptr& x);
  void on_failure(const exchange_ptr& x, const fetch_failure& why);

  void on_events(const exchange_ptr& x, std::vector<arrived_event> events);
  void on_stream_ended(const exchange_ptr& x, const std::string& cause);
  void on_body(const exchange_ptr& x);
  void on_refused(const exchange_ptr& x);
  void deliver(const exchange_ptr& x, json_text message);
  void settle(const exchange_ptr& x);
  void cut_off(const exchange_ptr& x);
  void give_up(const exchange_ptr& x, request_failed::kind what, std::string cause, std::string fix);
  void give_up_large(const exchange_ptr& x, size_t limit);
  void finish(const exchange_ptr& x);
  void release(exchange& x);
  void after(const exchange_ptr& x, std::chrono::milliseconds time, void (streamable_link::*f)(const exchange_ptr&));
  void resume_later(const exchange_ptr& x);
  void send_queued();
  std::chrono::milliseconds pause_of(const exchange& x) const;

  http_link_context context_;

  /// POSTs by number; the GET stream is not among them.
  std::map<exchange*, exchange_ptr> open_;

  exchange_ptr listening_;
  std::deque<send_message> queue_;
  size_t in_flight_ = 0;

  /// Of the handshake era; empty if the server gave none.
  std::string session_;

  /// The version that was agreed on.
  std::string version_;

  /// The last headers that `headers_of` made, for which version and session.
  header_block known_headers_;
  std::string known_version_;
  std::string known_session_;

  /// True once a POST was answered as streamable HTTP answers.
  bool understood_ = false;

  bool closing_ = false;

  /// Timers know it weakly.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace hub
