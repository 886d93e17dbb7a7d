#pragma once

#include "actors/transport/http/http_client.hpp"
#include "actors/transport/http/http_connection.hpp"

#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <map>
#include <memory>
#include <variant>
#include <vector>

namespace hub {

/// What is behind an `http_client`: its requests and connections. Handlers know it
/// weakly, so that it ends with the client.
class http_client::core final : public http_connection::owner, public std::enable_shared_from_this<core> {
public:
  core(shard& home, http_client_settings settings);

  fetch_id start(fetch_request&& request, std::unique_ptr<fetch_reader> reader);
  fetch_request recall(fetch_id id);
  void end();

  size_t open() const noexcept {
    return fetches_.size();
  }

  size_t connections() const noexcept {
    return connections_.size();
  }

private:
  using clock = http_connection::clock;
  using connection_ptr = std::shared_ptr<http_connection>;
  using url_ptr = std::shared_ptr<const http_url>;

  /// A request until its answer is complete.
  struct fetch {
    fetch_request request;
    url_ptr url;
    std::unique_ptr<fetch_reader> reader;
    clock::time_point deadline = clock::time_point::max();
    size_t redirects = 0;

    /// Null while it waits for a connection.
    connection_ptr via;

    /// Where a redirect leads, whose own body is still coming.
    url_ptr next;
    size_t dropped = 0;

    bool retried = false;
    bool left_origin = false;
  };

  using fetch_map = std::map<fetch_id, fetch>;

  void on_idle(http_connection& x) override;
  void on_head(http_connection& x, fetch_head head) override;
  void on_data(http_connection& x, std::string_view data) override;
  bool wants_whole(http_connection& x, const fetch_head& head) override;
  void on_whole(http_connection& x, fetch_head head, std::string_view body) override;
  void on_complete(http_connection& x) override;
  void on_closed(http_connection& x, fetch_failure why) override;

  /// What `text` means; null if it is no address that a request can go to.
  url_ptr read_url(const std::string& text);

  /// Gives a request a connection, or a place in the line.
  void assign(fetch_id id, fetch& x);
  void send(fetch_id id, fetch& request, http_connection& x);
  void serve_waiting();
  std::variant<http_route, fetch_failure> route_to(const fetch& x) const;
  connection_ptr find_idle(const http_url& url, bool only_public);
  std::optional<fetch_failure> connect(fetch_id id, http_route route);
  void follow(fetch_id id);
  std::optional<fetch_failure> redirect(fetch& x, const fetch_head& head);
  void fail(fetch_id id, fetch_failure why);
  void fail_later(fetch_id id, fetch_failure why);
  void drop_later(std::unique_ptr<fetch_reader> reader);
  void forget(http_connection& x);
  void keep_idle(http_connection& x);

  /// Takes note of how long a server keeps a connection.
  void note_keep_alive(http_connection& x, const fetch_head& head) const;

  /// A connection has served its request.
  void put_back(http_connection& x);

  void watch(clock::time_point deadline);
  void arm();
  void sweep();

  shard& home_;
  http_client_settings settings_;
  std::shared_ptr<tls_context> tls_;
  fetch_id last_id_ = 0;
  fetch_map fetches_;

  /// The last address that was read: nearly all requests of a client have the same.
  std::string known_text_;
  url_ptr known_url_;

  std::deque<fetch_id> waiting_;
  std::vector<connection_ptr> connections_;
  boost::asio::steady_timer timer_;
  clock::time_point armed_ = clock::time_point::max();
  bool ended_ = false;
};

/// The head of a request as bytes.
/// @param absolute Names the whole URL, as a proxy wants it.
std::string write_fetch_head(const fetch_request& request, const http_url& url, bool with_origin_headers,
                             const http_url* absolute_proxy);

/// Why headers or method cannot be sent; empty if they can.
std::string find_bad_header(const fetch_request& request);

} // namespace hub
