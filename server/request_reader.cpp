#include "server/request_reader.hpp"

#include "server/request_parser.hpp"

#include <boost/beast/http/error.hpp>

#include <utility>

namespace hub {

namespace http = boost::beast::http;

namespace {

http_method method_of(http::verb verb) noexcept {
  switch (verb) {
    case http::verb::get:
      return http_method::get;
    case http::verb::head:
      return http_method::head;
    case http::verb::post:
      return http_method::post;
    case http::verb::delete_:
      return http_method::erase;
    case http::verb::options:
      return http_method::options;
    default:
      return http_method::other;
  }
}

constexpr std::string_view param_prefix = "Mcp-Param-";

/// Reads the headers into a request; tells the name of one that may be there
/// once and is there twice.
class header_walk {
public:
  explicit header_walk(http_request& to) : to_(to) {
    // nop
  }

  void take(http::field field, std::string_view name, std::string_view value) {
    switch (field) {
      case http::field::host:
        has_host_ = true;
        return once(to_.host, name, value);
      case http::field::origin:
        return once(to_.origin, name, value);
      case http::field::authorization:
        return once(to_.authorization, name, value);
      case http::field::content_type:
        return once(to_.content_type, name, value);
      case http::field::accept: {
        auto more = parse_accept(value);
        has_accept_ = true;
        to_.accepts.json |= more.json;
        to_.accepts.event_stream |= more.event_stream;
        return;
      }
      case http::field::transfer_encoding:
        // Beast takes a body whose last coding is not chunked for none, and what follows for the next request (RFC 9112, 6.3).
        has_odd_coding_ = has_odd_coding_ || !same_but_case(value, "chunked");
        return;
      case http::field::expect:
        expects_continue_ = same_but_case(value, "100-continue");
        return;
      case http::field::unknown:
        if (same_but_case(name, "Mcp-Session-Id"))
          once(to_.session_id, name, value);
        else if (same_but_case(name, "MCP-Protocol-Version"))
          once(to_.protocol_version, name, value);
        else if (same_but_case(name, "Mcp-Method"))
          once(to_.mcp_method, name, value);
        else if (same_but_case(name, "Mcp-Name"))
          once(to_.mcp_name, name, value);
        else if (same_but_case(name, "Last-Event-ID"))
          once(to_.last_event_id, name, value);
        else if (same_but_case(name, "X-Hub-Project"))
          once(to_.project, name, value);
        else if (same_but_case(name, "traceparent"))
          take_first(to_.traceparent, value);
        else if (same_but_case(name, "tracestate"))
          take_first(to_.tracestate, value);
        else if (same_but_case(name, "baggage"))
          take_first(to_.baggage, value);
        else if (same_but_case(name.substr(0, param_prefix.size()), param_prefix))
          to_.mcp_params.emplace_back(name.substr(param_prefix.size()), value);
        return;
      default:
        return;
    }
  }

  void end() {
    if (!has_accept_)
      to_.accepts.json = true;
  }

  bool has_host() const noexcept {
    return has_host_;
  }

  /// Whether there is a transfer coding besides chunked.
  bool has_odd_coding() const noexcept {
    return has_odd_coding_;
  }

  bool expects_continue() const noexcept {
    return expects_continue_;
  }

  /// Empty if all is well.
  std::string_view twice() const noexcept {
    return twice_;
  }

private:
  static void take_first(std::string_view& slot, std::string_view value) {
    if (slot.empty())
      slot = value;
  }

  void once(std::string_view& slot, std::string_view name, std::string_view value) {
    // The reader trims values; an empty one still counts, so that it cannot hide.
    if (slot.data() != nullptr)
      twice_ = name;
    slot = value.data() != nullptr ? value : std::string_view{""};
  }

  http_request& to_;
  bool has_host_ = false;
  bool has_accept_ = false;
  bool has_odd_coding_ = false;
  bool expects_continue_ = false;
  std::string_view twice_;
};

} // namespace

/// A request on its way in.
struct request_reader::parsing {
  explicit parsing(size_t body_limit) : parser(header_limit, body_limit) {
    // nop
  }

  request_parser parser;
  http_request request;
  bool header_taken = false;
  bool wants_continue = false;
};

request_reader::request_reader(size_t body_limit) : body_limit_(body_limit) {
  // nop
}

request_reader::~request_reader() {
  // Here, because `parsing` is known here only.
}

request_reader::state request_reader::feed(std::string_view bytes) {
  if (held_.empty()) {
    parse(bytes);
    held_.assign(bytes);
  } else {
    held_.append(bytes);
    std::string_view all{held_};
    parse(all);
    held_.erase(0, held_.size() - all.size());
  }
  auto unfinished = state_ == state::header || state_ == state::body;
  if (unfinished && held_.size() > header_limit)
    fail(state_ == state::header ? 431 : 400,
         state_ == state::header
           ? "the request line and headers take more than 32 KiB; send shorter headers"
           : "a chunk header or trailer takes more than 32 KiB; send the body with Content-Length");
  return state_;
}

request_reader::state request_reader::next() {
  parsing_.reset();
  state_ = state::idle;
  if (held_.empty()) {
    held_ = {};
    return state_;
  }
  return feed({});
}

http_request& request_reader::request() noexcept {
  return parsing_->request;
}

bool request_reader::wants_continue() noexcept {
  return parsing_ && state_ == state::body && std::exchange(parsing_->wants_continue, false);
}

request_reader::state request_reader::parse(std::string_view& bytes) {
  if (!parsing_) {
    // An empty line before a request is a relic that some clients still send.
    while (bytes.starts_with("\r\n"))
      bytes.remove_prefix(2);
    // Half of one is the beginning of neither yet.
    if (bytes.empty() || bytes == "\r")
      return state_;
    parsing_ = std::make_unique<parsing>(body_limit_);
    state_ = state::header;
  }
  auto& parser = parsing_->parser;
  boost::system::error_code failure;
  auto put = [&] {
    auto used = parser.put(boost::asio::const_buffer{bytes.data(), bytes.size()}, failure);
    bytes.remove_prefix(used);
  };
  // The header is read by itself: it may refuse the request, before its body is there.
  while (!parser.is_header_done() && !failure && !bytes.empty())
    put();
  if (!failure && parser.is_header_done() && !parsing_->header_taken) {
    auto& request = parsing_->request;
    header_walk walk{request};
    parser.for_each_field([&](auto known, auto name, auto value) { walk.take(known, name, value); });
    walk.end();
    request.method = method_of(parser.method());
    request.keep_alive = parser.keep_alive();
    request.takes_chunks = parser.version() >= 11;
    request.target = parser.target();
    parsing_->header_taken = true;
    parsing_->wants_continue = walk.expects_continue();
    if (!walk.twice().empty())
      return fail(400, "the header " + std::string{walk.twice()} + " is there twice; send it once");
    if (walk.has_odd_coding())
      return fail(400, "the header Transfer-Encoding says something else than chunked; send chunks, or Content-Length");
    if (!walk.has_host() && request.takes_chunks)
      return fail(400, "the header Host is missing; HTTP/1.1 requires it");
    state_ = state::body;
    parser.eager(true);
  }
  if (!failure && parsing_->header_taken && !parser.is_done() && !bytes.empty())
    put();
  if (failure && failure != http::error::need_more) {
    if (failure == http::error::body_limit)
      return fail(413, "the body is larger than the limit of " + std::to_string(body_limit_)
                         + " bytes; send less, or raise the hub's request limit");
    if (failure == http::error::header_limit)
      return fail(431, "the request line and headers take more than 32 KiB; send shorter headers");
    return fail(400, "this is not an HTTP/1.1 request (" + failure.message() + ")");
  }
  if (parser.is_done()) {
    parsing_->request.body = json_text{std::move(parser.body())};
    state_ = state::complete;
  }
  return state_;
}

request_reader::state request_reader::fail(int status, std::string why) {
  refusal_ = {status, std::move(why)};
  state_ = state::refused;
  return state_;
}

} // namespace hub
