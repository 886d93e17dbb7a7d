#pragma once

#include "cli/event_reader.hpp"
#include "cli/hub_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace hub::cli {

/// How one request to the hub ended.
struct exchange_end {
  /// 0 if no answer began.
  unsigned status = 0;

  /// Whether the hub could be reached at all.
  bool connected = false;

  /// Whether the answer is there to its end.
  bool complete = false;

  /// The value of `Mcp-Session-Id`; empty for none.
  std::string session;

  /// The body, unless it came as events.
  std::string body;

  /// The id of the last event; empty for none.
  std::string last_event;
};

/// One request to the hub over its Unix socket, while others go on: as
/// `hub_client`, but it waits for nothing.
class hub_exchange : public std::enable_shared_from_this<hub_exchange> {
public:
  using event_handler = std::function<void(std::string_view)>;
  using end_handler = std::function<void(exchange_end)>;

  /// The largest body that is no stream, in bytes.
  static constexpr size_t body_limit = 128 << 20;

  hub_exchange(boost::asio::io_context& io, event_handler on_event, end_handler on_end);

  void start(const std::filesystem::path& socket, const hub_request& request);

  /// Gives it up: nothing is called any more.
  void abandon();

private:
  void connected(boost::system::error_code failure);
  void read_head();
  void read_more();
  void finish(bool complete);

  boost::asio::local::stream_protocol::socket socket_;
  boost::beast::flat_buffer buffer_;
  boost::beast::http::request<boost::beast::http::string_body> request_;
  std::optional<boost::beast::http::response_parser<boost::beast::http::buffer_body>> parser_;
  std::array<char, 64 * 1024> chunk_;
  std::optional<event_reader> events_;
  event_handler on_event_;
  end_handler on_end_;
  exchange_end end_;
};

} // namespace hub::cli
