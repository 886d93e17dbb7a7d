#include "cli/hub_client.hpp"

#include "cli/event_reader.hpp"
#include "cli/exit_code.hpp"
#include "cli/json_fields.hpp"
#include "cli/quantity.hpp"
#include "messages/percent_text.hpp"

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <optional>
#include <sys/un.h>

namespace hub::cli {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using unix_socket = asio::local::stream_protocol;

/// One request on one connection. Beast keeps time limits for operations that
/// are started and not for those that block, so each one is started and run.
class conversation {
public:
  explicit conversation(const std::filesystem::path& socket) : path_(socket), stream_(io_) {
    buffer_.max_size(max_head_bytes + 64 * 1024);
  }

  hub_answer run(const hub_request& request, const std::function<void(std::string_view)>& on_event) {
    limit_ = request.time_limit;
    if (limit_.count() > 0)
      stream_.expires_after(limit_);
    connect();
    write(request);
    return read(on_event);
  }

private:
  static constexpr size_t max_head_bytes = 64 * 1024;

  /// Starts an operation and runs it to its end.
  template <class Start>
  beast::error_code finish(Start start) {
    auto result = beast::error_code{asio::error::would_block};
    start([&result](beast::error_code ec, auto&&...) { result = ec; });
    io_.restart();
    io_.run();
    if (result == beast::error::timeout)
      throw command_error{"the hub did not answer within " + milliseconds_text(static_cast<double>(limit_.count()))
                          + "; it is busy or stuck: try again, or give more time with --timeout"};
    return result;
  }

  void connect() {
    if (path_.native().size() >= sizeof(sockaddr_un::sun_path))
      throw command_error{"the path of the hub's socket is too long: " + path_.string()
                          + "; choose a shorter folder with --config-dir or SLM_HUB_CONFIG_DIR"};
    auto ec = finish([&](auto done) { stream_.async_connect(unix_socket::endpoint{path_.native()}, done); });
    if (ec == asio::error::access_denied)
      throw command_error{"the hub's socket " + path_.string()
                          + " belongs to another user; run this as the user who started the hub"};
    if (ec)
      throw hub_away{"slm-hub is not running (no hub answers on " + path_.string()
                          + "). Start it with: slm-hub start"};
  }

  void write(const hub_request& request) {
    http::request<http::string_body> message{http::string_to_verb(request.method), request.target, 11};
    message.set(http::field::host, "localhost");
    message.set(http::field::user_agent, "slm-hub/" HUB_VERSION);
    message.set(http::field::connection, "close");
    for (auto& [name, value] : request.headers)
      message.set(name, value);
    if (!request.body.empty())
      message.set(http::field::content_type, "application/json");
    message.body() = request.body;
    message.prepare_payload();
    // A hub that refuses early may not read all of it; its answer says why.
    auto ec = finish([&](auto done) { http::async_write(stream_, message, done); });
    if (ec && ec != asio::error::broken_pipe && ec != asio::error::connection_reset)
      throw broken_off(ec);
  }

  hub_answer read(const std::function<void(std::string_view)>& on_event) {
    http::response_parser<http::buffer_body> parser;
    parser.body_limit(boost::none);
    parser.header_limit(max_head_bytes);
    if (auto ec = finish([&](auto done) { http::async_read_header(stream_, buffer_, parser, done); }))
      throw broken_off(ec);
    hub_answer answer;
    answer.status = parser.get().result_int();
    std::optional<event_reader> events;
    if (on_event && parser.get()[http::field::content_type].starts_with("text/event-stream"))
      events.emplace(on_event);
    std::array<char, 64 * 1024> chunk;
    while (!parser.is_done()) {
      parser.get().body().data = chunk.data();
      parser.get().body().size = chunk.size();
      auto ec = finish([&](auto done) { http::async_read_some(stream_, buffer_, parser, done); });
      if (ec && ec != http::error::need_buffer && !(ec == http::error::end_of_stream && parser.is_done()))
        throw broken_off(ec);
      auto bytes = std::string_view{chunk.data(), chunk.size() - parser.get().body().size};
      if (events)
        events->feed(bytes);
      else
        answer.body += bytes;
    }
    return answer;
  }

  static command_error broken_off(const beast::error_code& ec) {
    return command_error{"the hub closed the connection before its answer was complete (" + ec.message()
                         + "); it may be stopping: see slm-hub status"};
  }

  std::filesystem::path path_;
  asio::io_context io_{1};
  beast::basic_stream<unix_socket> stream_;
  beast::flat_buffer buffer_;
  std::chrono::milliseconds limit_{};
};

} // namespace

hub_client::hub_client(std::filesystem::path socket) : socket_(std::move(socket)) {
  // nop
}

hub_answer hub_client::send(const hub_request& request, const std::function<void(std::string_view)>& on_event) {
  return conversation{socket_}.run(request, on_event);
}

std::string hub_client::ask(std::string method, std::string target, std::chrono::milliseconds time_limit) {
  hub_request request;
  request.time_limit = time_limit;
  request.method = std::move(method);
  request.target = std::move(target);
  auto answer = send(request);
  if (answer.status >= 400)
    refuse(answer);
  return std::move(answer.body);
}

std::string path_about(std::string path, std::string_view server) {
  if (!server.empty())
    path += "?server=" + percent_encode(server);
  return path;
}

void refuse(const hub_answer& answer) {
  auto cause = text_field(answer.body, "error");
  auto fix = text_field(answer.body, "fix");
  if (cause.empty())
    cause = text_field(answer.body, "message");
  if (cause.empty())
    cause = "the hub answered with HTTP status " + std::to_string(answer.status);
  throw command_error{fix.empty() ? cause : cause + "; " + fix};
}

} // namespace hub::cli
