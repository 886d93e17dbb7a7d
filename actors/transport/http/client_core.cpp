#include "actors/transport/http/client_core.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace hub {

namespace {

/// How much of a redirect's body is read to keep the connection.
constexpr size_t dropped_bytes = 64 * 1024;

bool is_redirect(int status) noexcept {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool is_safe(const std::string& method) noexcept {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

/// The seconds in `Keep-Alive: timeout=5`; 0 if there are none.
int keep_alive_seconds(const fetch_head& head) {
  auto text = head.find("Keep-Alive");
  auto begin = text.find("timeout=");
  if (begin == std::string_view::npos)
    return 0;
  auto result = 0;
  for (auto c : text.substr(begin + 8)) {
    if (c < '0' || c > '9' || result > 100'000)
      break;
    result = result * 10 + (c - '0');
  }
  return result;
}

} // namespace

http_client::core::core(shard& home, http_client_settings settings)
  : home_(home), settings_(std::move(settings)), timer_(home.context()) {
  // nop
}

void http_client::core::end() {
  ended_ = true;
  timer_.cancel();
  for (auto& x : std::exchange(connections_, {}))
    x->close();
  waiting_.clear();
  for (auto& [id, x] : std::exchange(fetches_, {}))
    drop_later(std::move(x.reader));
}

void http_client::core::drop_later(std::unique_ptr<fetch_reader> reader) {
  // One of its own functions may be what brought us here.
  boost::asio::post(home_.context(), [gone = std::move(reader)] {});
}

http_client::core::url_ptr http_client::core::read_url(const std::string& text) {
  if (!known_url_ || text != known_text_) {
    auto url = parse_http_url(text);
    if (!url)
      return nullptr;
    known_text_ = text;
    known_url_ = std::make_shared<const http_url>(std::move(*url));
  }
  return known_url_;
}

fetch_id http_client::core::start(fetch_request&& request, std::unique_ptr<fetch_reader> reader) {
  auto id = ++last_id_;
  auto& x = fetches_[id];
  x.request = std::move(request);
  x.reader = std::move(reader);
  if (x.request.limit.count() > 0) {
    x.deadline = clock::now() + x.request.limit;
    watch(x.deadline);
  }
  x.url = read_url(x.request.url);
  auto bad = find_bad_header(x.request);
  if (!x.url)
    fail_later(id, {fetch_failure::kind::bad_request, "has an address that is no http:// or https:// URL",
                    "Write it like https://example.org/mcp.", true});
  else if (!bad.empty())
    fail_later(id, {fetch_failure::kind::bad_request, bad + " cannot be sent: it has characters that HTTP forbids",
                    "Keep it on one line and without control characters.", true});
  else
    assign(id, x);
  return id;
}

fetch_request http_client::core::recall(fetch_id id) {
  auto i = fetches_.find(id);
  if (i == fetches_.end())
    return {};
  auto gone = std::move(i->second);
  fetches_.erase(i);
  std::erase(waiting_, id);
  drop_later(std::move(gone.reader));
  if (gone.via) {
    gone.via->serving = 0;
    gone.via->close();
    forget(*gone.via);
    serve_waiting();
  }
  return std::move(gone.request);
}

// -- answers -------------------------------------------------------------------

void http_client::core::on_head(http_connection& x, fetch_head head) {
  auto i = fetches_.find(x.serving);
  if (i == fetches_.end())
    return;
  auto self = shared_from_this();
  auto& request = i->second;
  note_keep_alive(x, head);
  head.url = request.url->text();
  if (is_redirect(head.status) && !head.find("Location").empty()) {
    if (auto why = redirect(request, head)) {
      auto id = i->first;
      x.serving = 0;
      request.via = nullptr;
      x.close();
      forget(x);
      fail(id, std::move(*why));
      serve_waiting();
    }
    return;
  }
  request.reader->on_head(std::move(head));
}

void http_client::core::on_data(http_connection& x, std::string_view data) {
  auto i = fetches_.find(x.serving);
  if (i == fetches_.end())
    return;
  auto& request = i->second;
  if (!request.next)
    return request.reader->on_data(data);
  request.dropped += data.size();
  if (request.dropped > dropped_bytes) {
    auto id = i->first;
    x.serving = 0;
    x.close();
    forget(x);
    follow(id);
  }
}

void http_client::core::note_keep_alive(http_connection& x, const fetch_head& head) const {
  x.idle_time = settings_.idle_limit;
  if (auto seconds = keep_alive_seconds(head); seconds > 0)
    // A request must not meet the server's own end of the connection.
    x.idle_time = std::min(x.idle_time, std::chrono::milliseconds{seconds * 1000 - 500});
}

void http_client::core::put_back(http_connection& x) {
  if (x.now() == http_connection::phase::closed)
    return forget(x);
  keep_idle(x);
  // Behind the others: the last of the list is the freshest.
  auto i = std::find_if(connections_.begin(), connections_.end(), [&](auto& c) { return c.get() == &x; });
  if (i != connections_.end())
    std::rotate(i, i + 1, connections_.end());
}

bool http_client::core::wants_whole(http_connection& x, const fetch_head& head) {
  auto i = fetches_.find(x.serving);
  return i != fetches_.end() && !i->second.next && head.status / 100 == 2 && i->second.reader->wants_whole(head);
}

void http_client::core::on_whole(http_connection& x, fetch_head head, std::string_view body) {
  auto self = shared_from_this();
  auto hold = x.shared_from_this();
  auto i = fetches_.find(std::exchange(x.serving, 0));
  note_keep_alive(x, head);
  put_back(x);
  if (i != fetches_.end()) {
    auto done = std::move(i->second);
    fetches_.erase(i);
    done.reader->on_whole(std::move(head), body);
  }
  serve_waiting();
}

void http_client::core::on_complete(http_connection& x) {
  auto self = shared_from_this();
  auto hold = x.shared_from_this();
  auto id = std::exchange(x.serving, 0);
  put_back(x);
  auto i = fetches_.find(id);
  if (i != fetches_.end() && i->second.next) {
    follow(id);
  } else if (i != fetches_.end()) {
    auto done = std::move(i->second);
    fetches_.erase(i);
    done.reader->on_end();
  }
  serve_waiting();
}

void http_client::core::on_closed(http_connection& x, fetch_failure why) {
  auto self = shared_from_this();
  auto hold = x.shared_from_this();
  auto id = std::exchange(x.serving, 0);
  forget(x);
  auto i = fetches_.find(id);
  if (i != fetches_.end()) {
    auto& request = i->second;
    request.via = nullptr;
    auto stale = x.served() > 1 && !x.heard() && !request.retried && why.what == fetch_failure::kind::broken;
    if (request.next) {
      follow(id);
    } else if (stale && (request.request.repeatable || is_safe(request.request.method))) {
      request.retried = true;
      assign(id, request);
    } else {
      fail(id, std::move(why));
    }
  }
  serve_waiting();
}

std::optional<fetch_failure> http_client::core::redirect(fetch& x, const fetch_head& head) {
  auto refuse = [&](std::string cause, std::string fix) {
    return fetch_failure{fetch_failure::kind::redirected, std::move(cause), std::move(fix)};
  };
  auto status = std::to_string(head.status);
  auto next = resolve_http_url(*x.url, head.find("Location"));
  if (!next)
    return refuse("redirects (" + status + ") to an address that is no http:// or https:// URL",
                  "Put the address that it should be into \"url\".");
  auto to = "redirects (" + status + ") to " + next->origin();
  if (x.url->secure && !next->secure)
    return refuse(to + ", which is without TLS", "If you trust that address, put it into \"url\" yourself.");
  if (head.status != 307 && head.status != 308 && !is_safe(x.request.method))
    return refuse(to + ", which would lose the message", "Put the new address into \"url\".");
  if (++x.redirects > settings_.redirects)
    return refuse("redirects more than " + std::to_string(settings_.redirects) + " times",
                  "Check \"url\": its redirects may lead in a circle.");
  x.next = std::make_shared<const http_url>(std::move(*next));
  x.dropped = 0;
  return std::nullopt;
}

void http_client::core::follow(fetch_id id) {
  auto& x = fetches_.at(id);
  auto next = *std::exchange(x.next, nullptr);
  x.via = nullptr;
  if (!same_origin(next, *x.url))
    x.left_origin = true;
  if (next.user_info.empty() && !x.left_origin)
    next.user_info = x.url->user_info;
  x.url = std::make_shared<const http_url>(std::move(next));
  assign(id, x);
}

void http_client::core::fail(fetch_id id, fetch_failure why) {
  auto i = fetches_.find(id);
  if (i == fetches_.end())
    return;
  auto self = shared_from_this();
  auto gone = std::move(i->second);
  fetches_.erase(i);
  std::erase(waiting_, id);
  gone.reader->on_failure(std::move(why));
}

void http_client::core::fail_later(fetch_id id, fetch_failure why) {
  boost::asio::post(home_.context(), [weak = weak_from_this(), id, why = std::move(why)]() mutable {
    if (auto self = weak.lock(); self && !self->ended_) {
      shard::scope woken{self->home_};
      self->fail(id, std::move(why));
    }
  });
}

// -- time ----------------------------------------------------------------------

void http_client::core::watch(clock::time_point deadline) {
  if (deadline >= armed_)
    return;
  armed_ = deadline;
  arm();
}

void http_client::core::arm() {
  timer_.expires_at(armed_);
  timer_.async_wait([weak = weak_from_this()](boost::system::error_code failure) {
    auto self = weak.lock();
    if (failure || !self || self->ended_)
      return;
    shard::scope woken{self->home_};
    self->sweep();
  });
}

void http_client::core::sweep() {
  auto now = clock::now();
  armed_ = clock::time_point::max();
  auto late = connections_;
  for (auto& x : late) {
    if (x->deadline > now)
      continue;
    if (x->now() == http_connection::phase::idle) {
      x->close();
      forget(*x);
    } else if (x->now() < http_connection::phase::idle) {
      x->expire();
    }
  }
  std::vector<fetch_id> expired;
  for (auto& [id, x] : fetches_)
    if (x.deadline <= now)
      expired.push_back(id);
  for (auto id : expired) {
    auto i = fetches_.find(id);
    if (i == fetches_.end())
      continue;
    auto seconds = std::chrono::duration<double>(i->second.request.limit).count();
    auto text = std::to_string(seconds);
    text.resize(text.find('.') + 2);
    if (auto via = std::exchange(i->second.via, nullptr)) {
      via->serving = 0;
      via->close();
      forget(*via);
    }
    fail(id, {fetch_failure::kind::late, "did not answer within " + text + " s", "See what it is busy with."});
  }
  if (ended_)
    return;
  serve_waiting();
  auto next = armed_;
  for (auto& x : connections_)
    if (x->now() <= http_connection::phase::idle)
      next = std::min(next, x->deadline);
  for (auto& [id, x] : fetches_)
    next = std::min(next, x.deadline);
  armed_ = clock::time_point::max();
  watch(next);
}

} // namespace hub
