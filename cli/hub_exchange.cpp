#include "cli/hub_exchange.hpp"

#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <utility>

namespace hub::cli {

namespace asio = boost::asio;
namespace http = boost::beast::http;

using boost::system::error_code;

hub_exchange::hub_exchange(asio::io_context& io, event_handler on_event, end_handler on_end)
  : socket_(io), on_event_(std::move(on_event)), on_end_(std::move(on_end)) {
  // nop
}

void hub_exchange::start(const std::filesystem::path& socket, const hub_request& request) {
  request_ = {http::string_to_verb(request.method), request.target, 11};
  request_.set(http::field::host, "localhost");
  request_.set(http::field::user_agent, "slm-hub/" HUB_VERSION);
  request_.set(http::field::connection, "close");
  for (auto& [name, value] : request.headers)
    request_.set(name, value);
  if (!request.body.empty())
    request_.set(http::field::content_type, "application/json");
  request_.body() = request.body;
  request_.prepare_payload();
  socket_.async_connect(asio::local::stream_protocol::endpoint{socket.native()},
                        [self = shared_from_this()](error_code failure) { self->connected(failure); });
}

void hub_exchange::abandon() {
  on_event_ = nullptr;
  on_end_ = nullptr;
  error_code ignored;
  socket_.close(ignored);
}

void hub_exchange::connected(error_code failure) {
  if (failure)
    return finish(false);
  end_.connected = true;
  // A hub that refuses early may not read all of it; its answer says why.
  http::async_write(socket_, request_, [self = shared_from_this()](error_code, size_t) { self->read_head(); });
}

void hub_exchange::read_head() {
  parser_.emplace();
  parser_->body_limit(boost::none);
  http::async_read_header(socket_, buffer_, *parser_, [self = shared_from_this()](error_code failure, size_t) {
    if (failure)
      return self->finish(false);
    auto& head = self->parser_->get();
    self->end_.status = head.result_int();
    self->end_.session = std::string{head["Mcp-Session-Id"]};
    if (head[http::field::content_type].starts_with("text/event-stream"))
      self->events_.emplace([raw = self.get()](std::string_view data) {
        if (!data.empty() && raw->on_event_)
          raw->on_event_(data);
      });
    self->read_more();
  });
}

void hub_exchange::read_more() {
  if (parser_->is_done())
    return finish(true);
  parser_->get().body().data = chunk_.data();
  parser_->get().body().size = chunk_.size();
  http::async_read_some(socket_, buffer_, *parser_, [self = shared_from_this()](error_code failure, size_t) {
    auto broken = failure && failure != http::error::need_buffer;
    std::string_view bytes{self->chunk_.data(), self->chunk_.size() - self->parser_->get().body().size};
    if (self->events_)
      self->events_->feed(bytes);
    else
      self->end_.body += bytes;
    if (broken || self->end_.body.size() > body_limit)
      return self->finish(false);
    self->read_more();
  });
}

void hub_exchange::finish(bool complete) {
  end_.complete = complete;
  if (events_)
    end_.last_event = events_->last_id();
  on_event_ = nullptr;
  if (auto tell = std::exchange(on_end_, nullptr))
    tell(std::move(end_));
}

} // namespace hub::cli
