#include "actors/transport/http/http_connection.hpp"

#include "messages/base64.hpp"

#include <boost/asio/post.hpp>

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

namespace hub {

namespace {

namespace ip = boost::asio::ip;

/// How much is read or written before other connections get their turn.
constexpr size_t turn_bytes = 1024 * 1024;

/// How many pieces one write takes.
constexpr size_t write_pieces = 64;

/// How long each address but the first may take to answer a connect.
constexpr std::chrono::seconds further_address_time{3};

/// Bodies up to here are sent behind the head in one piece.
constexpr size_t joined_bytes = 16 * 1024;

/// A peer that is gone without a farewell shows within 60 + 3 * 10 s, or 30 s when it
/// leaves bytes unacknowledged.
void watch_peer(int fd) {
  auto set = [fd](int level, int name, int value) { ::setsockopt(fd, level, name, &value, sizeof value); };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, 30'000);
}

} // namespace

bool http_route::serves(const http_url& url, bool only_public) const noexcept {
  return same_origin(target, url) && (public_only || !only_public);
}

http_connection::http_connection(shard& home, owner& owner, http_route route, std::shared_ptr<tls_context> tls,
                                 size_t header_bytes)
  : home_(home), owner_(&owner), route_(std::move(route)), tls_(std::move(tls)), wire_(home.context()),
    parser_(header_bytes) {
  // nop
}

void http_connection::open() {
  auto& first = route_.proxy ? *route_.proxy : route_.target;
  lookup_.start(home_.context(), first.host, first.port,
                [weak = weak_from_this()](lookup_result result) {
                  auto self = weak.lock();
                  if (!self || self->phase_ != phase::looking_up)
                    return;
                  shard::scope woken{self->home_};
                  if (auto* why = std::get_if<std::string>(&result))
                    return self->fail(fetch_failure::kind::unreachable, std::move(*why),
                                      "Check the host in its address, and the network.", true);
                  self->endpoints_ = std::move(std::get<0>(result));
                  self->connect_next();
                });
}

std::string http_connection::place() const {
  return route_.proxy ? "the proxy " + route_.proxy->authority_with_port() : route_.target.authority_with_port();
}

void http_connection::connect_next() {
  phase_ = phase::connecting;
  for (; next_endpoint_ < endpoints_.size(); ++next_endpoint_) {
    auto& endpoint = endpoints_[next_endpoint_];
    if (route_.public_only && !route_.proxy && is_private_address(endpoint.address())) {
      connect_error_ = "is at an address that is not public: " + endpoint.address().to_string();
      continue;
    }
    boost::system::error_code failure;
    wire_.close();
    wire_.socket.open(endpoint.protocol(), failure);
    if (failure) {
      connect_error_ = "cannot be reached at " + place() + ": " + failure.message();
      continue;
    }
    ++next_endpoint_;
    wire_.socket.async_connect(endpoint, [self = shared_from_this()](boost::system::error_code why) {
      if (self->phase_ != phase::connecting || why == boost::asio::error::operation_aborted)
        return;
      shard::scope woken{self->home_};
      if (!why)
        return self->connected();
      self->connect_error_ = why == boost::asio::error::connection_refused
                               ? "refused the connection at " + self->place()
                               : "cannot be reached at " + self->place() + ": " + why.message();
      self->connect_next();
    });
    return;
  }
  fail(fetch_failure::kind::unreachable, std::move(connect_error_),
       "Check that it runs and listens there, and its address.", true);
}

void http_connection::connected() {
  endpoints_ = {};
  watch_peer(wire_.socket.native_handle());
  boost::system::error_code ignored;
  wire_.socket.native_non_blocking(true, ignored);
  if (!route_.proxy || !route_.target.secure)
    return become_ready();
  phase_ = phase::tunnelling;
  auto where = route_.target.authority_with_port();
  fetch_bytes request{"CONNECT " + where + " HTTP/1.1\r\nHost: " + where + "\r\n", {}, true};
  if (!route_.proxy->user_info.empty())
    request.head += "Proxy-Authorization: Basic " + base64(route_.proxy->user_info) + "\r\n";
  request.head += "\r\n";
  set_output(std::move(request));
  tunnel();
}

void http_connection::become_ready() {
  if (route_.target.secure && !wire_.is_secure()) {
    if (!wire_.secure(*tls_, route_.target.host))
      return fail(fetch_failure::kind::untrusted, "cannot be reached by TLS", "The hub has no memory left.", true);
    phase_ = phase::securing;
    return handshake();
  }
  phase_ = phase::idle;
  wait(false);
  owner_->on_idle(*this);
}

void http_connection::send(fetch_bytes&& request, bool soon) {
  phase_ = phase::busy;
  ++served_;
  heard_ = false;
  set_output(std::move(request));
  auto begin = [](http_connection& x) {
    if (x.flush() && x.phase_ == phase::busy)
      x.wait(false);
  };
  if (!soon)
    return begin(*this);
  // If the socket has something to say before, `serve` writes.
  home_.at_end_of_burst([self = shared_from_this(), begin] {
    if (self->phase_ == phase::busy && self->piece_ < self->pieces_.size())
      begin(*self);
  });
}

void http_connection::set_output(fetch_bytes&& request) {
  parser_.begin(request.is_head);
  output_ = std::move(request);
  pieces_.clear();
  piece_ = 0;
  piece_offset_ = 0;
  if (output_.body.size() <= joined_bytes)
    output_.body.for_each([this](std::string_view x) { output_.head += x; });
  pieces_.push_back(output_.head);
  if (output_.body.size() > joined_bytes)
    output_.body.for_each([this](std::string_view x) { pieces_.push_back(x); });
}

void http_connection::close() {
  owner_ = nullptr;
  phase_ = phase::closed;
  lookup_.stop();
  wire_.close();
  output_ = {};
  pieces_.clear();
  piece_ = 0;
}

void http_connection::expire() {
  if (phase_ == phase::connecting && next_endpoint_ < endpoints_.size()) {
    // The next address may be of a network that works.
    deadline = clock::now() + further_address_time;
    connect_error_ = "does not answer at " + place();
    return connect_next();
  }
  fail(fetch_failure::kind::unreachable,
       phase_ == phase::looking_up ? "cannot be found: the name service does not answer for " + route_.target.host
                                   : "does not answer at " + place(),
       "Check the network, and that its address is right.", true);
}

void http_connection::fail(fetch_failure::kind what, std::string cause, std::string fix, bool unsent) {
  auto* owner = owner_;
  auto hold = shared_from_this();
  close();
  if (owner)
    owner->on_closed(*this, {what, std::move(cause), std::move(fix), unsent});
}

void http_connection::fail_by_wire() {
  auto unsent = phase_ == phase::securing || phase_ == phase::tunnelling;
  auto by_tls = wire_.failed_by_tls();
  auto why = wire_.explain(route_.target.host);
  fail(by_tls ? fetch_failure::kind::untrusted : fetch_failure::kind::broken, std::move(why.cause), std::move(why.fix),
       unsent);
}

// -- what the socket has to say ------------------------------------------------

void http_connection::wait(bool to_write) {
  auto& waiting = to_write ? waiting_write_ : waiting_read_;
  if (std::exchange(waiting, true))
    return;
  wire_.socket.async_wait(to_write ? http_wire::socket_type::wait_write : http_wire::socket_type::wait_read,
                          [self = shared_from_this(), to_write](boost::system::error_code failure) {
                            (to_write ? self->waiting_write_ : self->waiting_read_) = false;
                            if (!failure)
                              self->pump();
                          });
}

void http_connection::pump() {
  shard::scope woken{home_};
  switch (phase_) {
    case phase::tunnelling:
      return tunnel();
    case phase::securing:
      return handshake();
    case phase::idle:
    case phase::busy:
      return serve();
    default:
      return;
  }
}

void http_connection::tunnel() {
  if (!flush())
    return;
  std::array<char, 4096> room;
  auto result = wire_.read(room);
  if (result == http_wire::outcome::blocked)
    return wait(false);
  if (result == http_wire::outcome::failed)
    return fail_by_wire();
  auto state = result == http_wire::outcome::done ? parser_.feed({room.data(), wire_.count()}) : parser_.finish();
  fetch_head head;
  auto refused = "Check \"proxy\" of this server, or HTTPS_PROXY, and its password.";
  if (parser_.take_head(head) && head.status / 100 != 2)
    return fail(fetch_failure::kind::proxy,
                place() + " refused the way to " + route_.target.authority_with_port() + ": HTTP status "
                  + std::to_string(head.status),
                refused, true);
  if (state == fetch_parser::state::complete)
    return become_ready();
  if (state == fetch_parser::state::broken || result == http_wire::outcome::ended)
    return fail(fetch_failure::kind::proxy, place() + " closed the connection", refused, true);
  wait(false);
}

void http_connection::handshake() {
  switch (wire_.handshake()) {
    case http_wire::outcome::done:
      return become_ready();
    case http_wire::outcome::blocked:
      return wait(wire_.wants_write());
    case http_wire::outcome::ended:
      return fail(fetch_failure::kind::unreachable, "closed the connection instead of TLS at " + place(),
                  "Check that this is its https port.", true);
    case http_wire::outcome::failed:
      return fail_by_wire();
  }
}

void http_connection::serve() {
  if (phase_ == phase::busy && !flush())
    if (phase_ != phase::busy)
      return;
  read();
}

/// Writes what is there to be written.
/// @returns Whether all is written.
bool http_connection::flush() {
  size_t total = 0;
  while (piece_ < pieces_.size()) {
    if (total >= turn_bytes) {
      wait(true);
      return false;
    }
    std::array<iovec, write_pieces> parts;
    size_t count = 0;
    auto offset = piece_offset_;
    for (auto i = piece_; i < pieces_.size() && count < parts.size(); ++i, offset = 0)
      parts[count++] = {const_cast<char*>(pieces_[i].data()) + offset, pieces_[i].size() - offset};
    switch (wire_.write({parts.data(), count})) {
      case http_wire::outcome::done:
        total += wire_.count();
        for (auto left = wire_.count(); left > 0;) {
          auto rest = pieces_[piece_].size() - piece_offset_;
          if (left < rest) {
            piece_offset_ += left;
            break;
          }
          left -= rest;
          ++piece_;
          piece_offset_ = 0;
        }
        break;
      case http_wire::outcome::blocked:
        wait(wire_.wants_write());
        // The server may say early that it takes no more.
        wait(false);
        return false;
      default:
        // An answer may stand behind it: reading tells.
        piece_ = pieces_.size();
        wait(false);
        return phase_ != phase::tunnelling;
    }
  }
  return true;
}

void http_connection::read() {
  auto hold = shared_from_this();
  for (size_t total = 0; phase_ == phase::busy || phase_ == phase::idle;) {
    if (total >= turn_bytes) {
      boost::asio::post(home_.context(), [hold] { hold->pump(); });
      return;
    }
    auto room = home_.scratch();
    auto result = wire_.read(room);
    if (result == http_wire::outcome::blocked) {
      wait(wire_.wants_write());
      if (phase_ == phase::idle)
        wait(false);
      return;
    }
    if (result == http_wire::outcome::failed)
      return fail_by_wire();
    if (phase_ == phase::idle)
      // The server's farewell, or words that nobody asked for.
      return fail(fetch_failure::kind::broken, "closed the idle connection", "", true);
    auto ended = result == http_wire::outcome::ended;
    auto state = parser_.now();
    auto at_once = !heard_;
    if (ended) {
      if (!heard_)
        return fail(fetch_failure::kind::broken, "closed the connection without an answer",
                    "See its own log for the reason.");
      state = parser_.finish();
    } else {
      heard_ = true;
      total += wire_.count();
      state = parser_.feed({room.data(), wire_.count()});
    }
    fetch_head head;
    if (parser_.take_head(head)) {
      auto& pieces = parser_.pieces();
      if (at_once && state == fetch_parser::state::complete && pieces.size() <= 1 && owner_->wants_whole(*this, head)) {
        // It lies in the shard's memory and not in the parser's.
        auto body = pieces.empty() ? std::string_view{} : pieces.front();
        auto& owner = *owner_;
        rest();
        return owner.on_whole(*this, std::move(head), body);
      }
      owner_->on_head(*this, std::move(head));
    }
    for (size_t i = 0; i < parser_.pieces().size() && phase_ == phase::busy; ++i)
      owner_->on_data(*this, parser_.pieces()[i]);
    if (phase_ != phase::busy)
      return;
    if (state == fetch_parser::state::complete)
      return complete();
    if (state == fetch_parser::state::broken)
      return fail(parser_.head_too_large() ? fetch_failure::kind::too_large : fetch_failure::kind::broken,
                  parser_.error(), "Check that it is an HTTP server, and see its own log.");
    if (!wire_.is_secure() && wire_.count() < room.size()) {
      wait(false);
      return;
    }
  }
}

void http_connection::complete() {
  auto& owner = *owner_;
  rest();
  owner.on_complete(*this);
}

void http_connection::rest() {
  if (parser_.keep_alive() && piece_ == pieces_.size()) {
    parser_.begin(false);
    output_ = {};
    pieces_.clear();
    piece_ = 0;
    phase_ = phase::idle;
    wait(false);
  } else {
    close();
  }
}

} // namespace hub
