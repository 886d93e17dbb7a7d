#include "server/connection.hpp"

#include "server/response_head.hpp"
#include "server/status_text.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <cerrno>
#include <exception>
#include <sys/socket.h>
#include <utility>

namespace hub {

namespace {

/// How often a handler reads on before the others get their turn.
constexpr int reads_per_turn = 4;

constexpr std::string_view go_ahead = "HTTP/1.1 100 Continue\r\n\r\n";

/// Answers a client that speaks plain HTTP at a door with TLS, so that it learns what is wrong.
void tell_tls_is_needed(int socket) {
  auto text = error_text("This port speaks TLS, and the request came without it", "Use https:// in the address");
  std::string head;
  append_head(head, {.status = 400,
                     .content_type = "application/json",
                     .length = text.size(),
                     .cors_origin = {},
                     .session_id = {},
                     .more = {},
                     .close = true});
  head += text;
  // Who does not take it sees the connection closed.
  [[maybe_unused]] auto sent = ::send(socket, head.data(), head.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

bool is_for_later(int error) noexcept {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

} // namespace

connection::connection(front& home, stream_socket socket, door_kind door)
  : home_(home), socket_(std::move(socket)), reader_(home.settings().body_limit), door_(door),
    since_(home.now()) {
  home_.counters().connections.fetch_add(1, std::memory_order_relaxed);
}

connection::~connection() {
  home_.counters().connections.fetch_sub(1, std::memory_order_relaxed);
}

void connection::start() {
  auto& cell = home_.settings().tls;
  if (auto secured = door_ == door_kind::tcp && cell ? cell->load() : nullptr) {
    auto ssl = secured->accept(socket_.native_handle());
    if (!ssl)
      return close();
    tls_ = std::make_unique<tls_wire>(std::move(ssl));
  }
  wait_readable();
}

ssize_t connection::receive(char* to, size_t size) {
  if (tls_) [[unlikely]]
    return tls_->receive(to, size);
  return ::recv(socket_.native_handle(), to, size, MSG_DONTWAIT);
}

ssize_t connection::peek() {
  char byte;
  return tls_ ? tls_->peek() : ::recv(socket_.native_handle(), &byte, 1, MSG_DONTWAIT | MSG_PEEK);
}

ssize_t connection::send(const msghdr& message) {
  if (tls_) [[unlikely]]
    return tls_->send(message);
  return ::sendmsg(socket_.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void connection::close() {
  if (phase_ == phase::closed)
    return;
  // What waits for the end of the burst only is not lost.
  if (sends_soon_ && !broken_ && !output_.empty())
    send_output();
  phase_ = phase::closed;
  count_busy(false);
  auto self = shared_from_this();
  home_.release(*this);
  if (tls_)
    tls_->farewell();
  boost::system::error_code failure;
  // What else could be done if closing fails? The descriptor is gone in any case.
  socket_.close(failure);
  output_.clear();
  if (auto gone = std::exchange(exchange_, nullptr))
    gone->client_left();
}

// -- waiting ----------------------------------------------------------------------

void connection::wait_readable() {
  if (waits_readable_ || phase_ == phase::closed)
    return;
  waits_readable_ = true;
  if (tls_ && phase_ == phase::reading && tls_->pending()) {
    boost::asio::post(socket_.get_executor(), [self = shared_from_this()] {
      shard::scope woken{self->home_.home()};
      self->waits_readable_ = false;
      self->readable();
    });
    return;
  }
  socket_.async_wait(stream_socket::wait_read,
                     [self = shared_from_this()](boost::system::error_code) {
                       shard::scope woken{self->home_.home()};
                       self->waits_readable_ = false;
                       self->readable();
                     });
}

void connection::wait_writable() {
  if (waits_writable_ || phase_ == phase::closed)
    return;
  waits_writable_ = true;
  socket_.async_wait(stream_socket::wait_write,
                     [self = shared_from_this()](boost::system::error_code) {
                       shard::scope woken{self->home_.home()};
                       self->waits_writable_ = false;
                       self->writable();
                     });
}

void connection::readable() try {
  if (broken_)
    return close();
  switch (phase_) {
    case phase::reading:
      return read();
    case phase::busy:
    case phase::flushing:
      return probe();
    case phase::lingering:
      return discard();
    case phase::closed:
      return;
  }
} catch (const std::exception& failure) {
  spdlog::error("connection closes: {}", failure.what());
  close();
}

// -- reading ----------------------------------------------------------------------

void connection::read() {
  auto scratch = home_.home().scratch();
  for (auto turn = 0; turn < reads_per_turn; ++turn) {
    auto count = receive(scratch.data(), scratch.size());
    if (count < 0 && is_for_later(errno))
      break;
    if (count <= 0) {
      if (tls_ && tls_->met_plain_http())
        tell_tls_is_needed(socket_.native_handle());
      return close();
    }
    // A header has its limit as a whole; a body only must not stand still.
    if (reader_.now() != request_reader::state::header)
      since_ = home_.now();
    reader_.feed({scratch.data(), static_cast<size_t>(count)});
    if (reader_.wants_continue())
      write(go_ahead, {}, {});
    advance();
    if (phase_ != phase::reading || static_cast<size_t>(count) < scratch.size())
      break;
  }
  wait_readable();
}

void connection::probe() {
  auto count = peek();
  if (count > 0)
    // The next request is there. It stays there, and with it the end, until this
    // one is answered.
    return;
  if (count < 0 && is_for_later(errno))
    return wait_readable();
  if (count == 0 && (!exchange_ || exchange_->wants_answer_still())) {
    input_ended_ = true;
    return;
  }
  close();
}

void connection::discard() {
  auto scratch = home_.home().scratch();
  for (auto turn = 0; turn < reads_per_turn; ++turn) {
    auto count = ::recv(socket_.native_handle(), scratch.data(), scratch.size(), MSG_DONTWAIT);
    if (count < 0 && is_for_later(errno))
      break;
    if (count <= 0)
      return close();
  }
  wait_readable();
}

void connection::advance() {
  while (phase_ == phase::reading) {
    switch (reader_.now()) {
      case request_reader::state::complete:
        dispatch();
        break;
      case request_reader::state::refused: {
        auto& why = reader_.refusal();
        return refuse(why.status, why.why);
      }
      default:
        return;
    }
  }
}

void connection::dispatch() {
  phase_ = phase::busy;
  count_busy(true);
  dispatching_ = true;
  auto& request = reader_.request();
  auto answering = make_exchange(home_, *this, door_, request);
  if (answering && phase_ == phase::busy) {
    exchange_ = answering;
    answering->start(request);
  }
  dispatching_ = false;
  if (phase_ == phase::flushing && output_.empty())
    go_on();
}

void connection::refuse(int status, std::string_view why) {
  auto text = error_text(why, "");
  std::string head;
  append_head(head, {.status = status,
                     .content_type = "application/json",
                     .length = text.size(),
                     .cors_origin = {},
                     .session_id = {},
                     .more = {},
                     .close = true});
  phase_ = phase::busy;
  write(head + text, {}, {});
  finish(true);
}

// -- answering --------------------------------------------------------------------

void connection::write(std::string_view head, const text_parts& body, std::string_view tail) {
  if (phase_ == phase::closed || broken_)
    return;
  if (home_.crowded() || !output_.empty()) {
    output_.push(head, body, tail, 0);
    if (home_.crowded())
      send_soon();
    else if (!waits_writable_ && !send_output())
      broken();
    return;
  }
  iovec pieces[output_queue::pieces_limit];
  msghdr message{};
  message.msg_iov = pieces;
  message.msg_iovlen = gather_texts(pieces, 0, head, body, tail, 0);
  auto count = send(message);
  if (count < 0 && !is_for_later(errno))
    return broken();
  auto sent = count < 0 ? 0 : static_cast<size_t>(count);
  if (sent == head.size() + body.size() + tail.size())
    return;
  since_ = home_.now();
  output_.push(head, body, tail, sent);
  wait_writable();
}

void connection::write_part(std::string_view head, const text_parts& body, std::string_view tail) {
  if (phase_ == phase::closed || broken_)
    return;
  if (output_.empty())
    since_ = home_.now();
  output_.push(head, body, tail, 0);
  send_soon();
}

void connection::count_busy(bool busy) {
  if (std::exchange(counted_busy_, busy) != busy)
    home_.count_busy(busy);
}

void connection::send_soon() {
  if (sends_soon_ || waits_writable_)
    return;
  sends_soon_ = true;
  home_.home().at_end_of_burst([self = shared_from_this()] {
    self->sends_soon_ = false;
    if (!self->output_.empty() && !self->waits_writable_)
      self->writable();
  });
}

bool connection::send_output() {
  iovec pieces[output_queue::pieces_limit];
  msghdr message{};
  message.msg_iov = pieces;
  message.msg_iovlen = output_.gather(pieces);
  auto count = send(message);
  if (count < 0 && !is_for_later(errno))
    return false;
  if (count > 0) {
    since_ = home_.now();
    output_.pop(static_cast<size_t>(count));
  }
  if (!output_.empty())
    wait_writable();
  return true;
}

size_t connection::unsent() const noexcept {
  return output_.bytes();
}

void connection::writable() {
  if (broken_ || phase_ == phase::closed)
    return close();
  if (!send_output())
    return close();
  if (output_.empty() && phase_ == phase::flushing) {
    go_on();
    advance();
    wait_readable();
  }
}

void connection::finish(bool close) {
  if (phase_ != phase::busy)
    return;
  count_busy(false);
  close_after_ = close_after_ || close;
  exchange_.reset();
  phase_ = phase::flushing;
  since_ = home_.now();
  // The request is still being looked at while it is dispatched.
  if (!output_.empty() || dispatching_)
    return;
  // A client that has closed its half leaves no handler that waits and holds this.
  auto self = shared_from_this();
  go_on();
  advance();
  wait_readable();
}

void connection::go_on() {
  since_ = home_.now();
  if (close_after_)
    return linger();
  phase_ = phase::reading;
  auto now = reader_.next();
  auto more_to_do = now == request_reader::state::complete || now == request_reader::state::refused;
  if (input_ended_ && !more_to_do)
    close();
}

void connection::linger() {
  if (input_ended_)
    return close();
  phase_ = phase::lingering;
  if (tls_)
    tls_->farewell();
  ::shutdown(socket_.native_handle(), SHUT_WR);
  wait_readable();
}

void connection::broken() {
  broken_ = true;
  output_.clear();
  ::shutdown(socket_.native_handle(), SHUT_RDWR);
  wait_readable();
}

bool connection::moment_passed() {
  auto answering = exchange_;
  return answering && answering->moment_passed();
}

// -- time limits ------------------------------------------------------------------

void connection::sweep() {
  auto& settings = home_.settings();
  auto waited = home_.now() - since_;
  auto is_over = [&](std::chrono::milliseconds limit) {
    // One more, because the first sweep may come at once.
    return waited > home_.in_sweeps(limit);
  };
  switch (phase_) {
    case phase::reading:
      if (tls_ && tls_->handshaking()) {
        if (is_over(settings.receive_limit))
          close();
      } else if (reader_.now() == request_reader::state::idle) {
        if (is_over(settings.idle_limit))
          close();
      } else if (is_over(settings.receive_limit)) {
        refuse(408, "the request did not arrive in time; send it as a whole");
      }
      return;
    case phase::busy:
    case phase::flushing:
      if (!output_.empty() && is_over(settings.send_limit))
        return close();
      if (auto answering = exchange_)
        answering->sweep();
      return;
    case phase::lingering:
      if (is_over(settings.linger_limit))
        close();
      return;
    case phase::closed:
      return;
  }
}

} // namespace hub
