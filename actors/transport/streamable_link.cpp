#include "actors/transport/streamable_link.hpp"

#include "actors/transport/message_head.hpp"

#include <algorithm>
#include <utility>

namespace hub {

using namespace std::string_view_literals;

namespace {

/// What of a refusal is read.
constexpr size_t refusal_bytes = 1 << 20;

/// The stream of a subscription lives as long as the connection and is no work that the
/// server has to do at the same time as others.
bool is_lasting(const send_message& x) {
  return hints_of(x).method == "subscriptions/listen"sv;
}

bool speaks_of_session(std::string_view text) {
  return text.find("ession") != std::string_view::npos;
}

} // namespace

http_verdict judge(const fetch_failure& why) noexcept {
  using kind = fetch_failure::kind;
  switch (why.what) {
    case kind::unreachable:
    case kind::proxy:
      return http_verdict::server_gone;
    case kind::bad_request:
    case kind::untrusted:
    case kind::redirected:
    case kind::unauthorized:
      return http_verdict::needs_mending;
    case kind::broken:
      return why.unsent ? http_verdict::server_gone : http_verdict::request_lost;
    default:
      return http_verdict::request_lost;
  }
}

/// Hands an answer to the link, as a part of the actor.
class streamable_link::reader final : public fetch_reader {
public:
  reader(streamable_link& link, exchange_ptr x) : link_(link), x_(std::move(x)) {
    // nop
  }

  void on_head(fetch_head head) override {
    link_.context_.owner.enter([&] { link_.on_head(x_, std::move(head)); });
  }

  bool wants_whole(const fetch_head& head) override {
    return head.has_media_type("application/json");
  }

  void on_whole(fetch_head head, std::string_view body) override {
    link_.context_.owner.enter([&] { link_.on_whole(x_, std::move(head), body); });
  }

  void on_data(std::string_view data) override {
    link_.context_.owner.enter([&] { link_.on_data(x_, data); });
  }

  void on_end() override {
    link_.context_.owner.enter([&] { link_.on_end(x_); });
  }

  void on_failure(fetch_failure why) override {
    link_.context_.owner.enter([&] { link_.on_failure(x_, why); });
  }

private:
  streamable_link& link_;
  exchange_ptr x_;
};

std::unique_ptr<http_link> make_streamable_link(http_link_context context) {
  return std::make_unique<streamable_link>(std::move(context));
}

streamable_link::streamable_link(http_link_context context) : context_(std::move(context)) {
  // nop
}

streamable_link::~streamable_link() {
  for (auto& [key, x] : open_)
    context_.client.cancel(x->fetch);
  stop_listening();
}

void streamable_link::open() {
  // There is no connection beyond the requests; the first one tells.
  context_.owner.on_opened();
}

// -- to the server -------------------------------------------------------------

void streamable_link::send(send_message x) {
  if (closing_)
    return;
  auto& hints = hints_of(x);
  if (hints.method == "initialize"sv) {
    session_.clear();
    stop_listening();
  }
  if (!hints.version.empty())
    version_ = hints.version;
  if (x.id == 0 || is_lasting(x) || (queue_.empty() && in_flight_ < context_.limits.in_flight)) {
    post(std::move(x));
  } else if (queue_.size() < context_.limits.queued) {
    queue_.push_back(std::move(x));
  } else {
    context_.owner.on_request_failed(
      {x.id, request_failed::kind::refused, 0,
       "has " + std::to_string(in_flight_) + " requests in flight and " + std::to_string(queue_.size()) + " waiting",
       "Wait for some of them to end, or call it less often."});
  }
}

header_block streamable_link::headers_of(const exchange& x) {
  auto& hints = hints_of(x.message);
  if (hints.stateless || !hints.trace.empty() || hints.method == "initialize"sv)
    return message_headers(hints, x.session);
  if (known_headers_.text().empty() || known_version_ != hints.version || known_session_ != x.session) {
    known_headers_ = message_headers(hints, x.session);
    known_version_ = hints.version;
    known_session_ = x.session;
  }
  return known_headers_;
}

void streamable_link::post(send_message&& message) {
  auto x = std::make_shared<exchange>(context_.limits.message_bytes);
  x->message = std::move(message);
  auto& hints = hints_of(x->message);
  if (!hints.stateless && hints.method != "initialize"sv)
    x->session = session_;
  x->counted = x->message.id != 0 && !is_lasting(x->message);
  if (x->counted)
    ++in_flight_;
  open_.emplace(x.get(), x);
  fetch_request request;
  request.method = "POST";
  request.headers = headers_of(*x);
  request.body = x->message.message;
  // A tool may do what must not be done twice.
  request.repeatable = hints.method != "tools/call"sv;
  start(x, std::move(request));
}

void streamable_link::start(const exchange_ptr& x, fetch_request&& request) {
  request.url = context_.url;
  // Whoever asked keeps the time.
  request.limit = {};
  x->is_stream = false;
  x->body.clear();
  x->fetch = context_.client.start(std::move(request), std::make_unique<reader>(*this, x));
}

void streamable_link::abandon(int64_t id) {
  if (std::erase_if(queue_, [id](auto& x) { return x.id == id; }) != 0)
    return;
  auto i = std::find_if(open_.begin(), open_.end(), [id](auto& x) { return x.second->message.id == id; });
  if (i == open_.end())
    return;
  // In the stateless era this takes the request back; before, the server was told.
  auto x = i->second;
  context_.client.cancel(x->fetch);
  finish(x);
}

void streamable_link::close(std::chrono::milliseconds grace) {
  if (std::exchange(closing_, true))
    return;
  queue_.clear();
  stop_listening();
  for (auto& [key, x] : std::exchange(open_, {}))
    context_.client.cancel(x->fetch);
  if (session_.empty()) {
    context_.owner.on_closed("was stopped", "", false);
    return;
  }
  auto x = std::make_shared<exchange>(refusal_bytes);
  open_.emplace(x.get(), x);
  fetch_request request;
  request.method = "DELETE";
  request.url = context_.url;
  request.headers = stream_headers(version_, session_, {});
  request.limit = std::max(grace, std::chrono::milliseconds{1});
  x->fetch = context_.client.start(std::move(request), std::make_unique<reader>(*this, x));
}

void streamable_link::send_queued() {
  while (!closing_ && !queue_.empty() && in_flight_ < context_.limits.in_flight) {
    auto x = std::move(queue_.front());
    queue_.pop_front();
    post(std::move(x));
  }
}

// -- from the server -----------------------------------------------------------

void streamable_link::on_head(const exchange_ptr& x, fetch_head head) {
  if (closing_)
    return;
  x->head = std::move(head);
  x->begun = clock::now();
  auto good = x->head.status / 100 == 2;
  x->is_stream = good && x->head.status != 202 && x->head.has_media_type("text/event-stream");
  if (good && hints_of(x->message).method == "initialize"sv)
    if (auto id = x->head.find("Mcp-Session-Id"); is_session_id(id))
      session_ = id;
  if (good && !x->listens)
    understood_ = true;
}

void streamable_link::on_whole(const exchange_ptr& x, fetch_head head, std::string_view body) {
  x->fetch = 0;
  on_head(x, std::move(head));
  if (body.size() > context_.limits.message_bytes)
    return give_up_large(x, context_.limits.message_bytes);
  x->body = body;
  on_end(x);
}

void streamable_link::on_data(const exchange_ptr& x, std::string_view data) {
  if (closing_)
    return;
  if (!x->is_stream) {
    auto most = x->head.status / 100 == 2 ? context_.limits.message_bytes : refusal_bytes;
    if (x->body.size() + data.size() <= most) {
      x->body += data;
      return;
    }
    context_.client.cancel(x->fetch);
    return give_up_large(x, most);
  }
  std::vector<arrived_event> events;
  auto fits = x->events.feed(data, events);
  on_events(x, std::move(events));
  if (!fits) {
    context_.client.cancel(x->fetch);
    give_up(x, request_failed::kind::lost,
            "sent an event of more than " + std::to_string(context_.limits.message_bytes >> 20) + " MiB",
            "Make it answer in smaller pieces.");
  }
}

void streamable_link::on_end(const exchange_ptr& x) {
  x->fetch = 0;
  if (closing_)
    return context_.owner.on_closed("was stopped", "", false);
  if (x->is_stream)
    return on_stream_ended(x, "ended the stream without an answer");
  if (x->head.status / 100 == 2 && !x->listens && !x->resumed)
    return on_body(x);
  on_refused(x);
}

void streamable_link::on_failure(const exchange_ptr& x, const fetch_failure& why) {
  x->fetch = 0;
  if (closing_)
    return context_.owner.on_closed("was stopped", "", false);
  if (x->answered)
    return finish(x);
  auto verdict = judge(why);
  if (x->listens && verdict == http_verdict::needs_mending) {
    // It serves requests, and only this stream is refused.
    listening_ = nullptr;
    return;
  }
  if (verdict != http_verdict::request_lost)
    return context_.owner.on_closed(why.cause, why.fix, verdict == http_verdict::needs_mending);
  if (x->is_stream || x->resumed || x->listens)
    return on_stream_ended(x, why.cause);
  give_up(x, request_failed::kind::lost, why.cause, why.fix);
}

void streamable_link::on_body(const exchange_ptr& x) {
  auto& hints = hints_of(x->message);
  if (x->message.id == 0) {
    if (hints.method == "notifications/initialized" && !hints.stateless)
      listen();
    return finish(x);
  }
  messages_received batch;
  auto answered = false;
  for (auto& message : split_messages(std::move(x->body))) {
    answered = answered || answers_request(message.view(), x->message.id);
    batch.messages.push_back({std::move(message), x->message.id});
  }
  if (!batch.messages.empty())
    context_.owner.on_messages(std::move(batch));
  if (answered)
    return finish(x);
  give_up(x, request_failed::kind::refused,
          "answered with HTTP status " + std::to_string(x->head.status) + ", but not to the request",
          "Check that its address is that of an MCP server.");
}

void streamable_link::on_refused(const exchange_ptr& x) {
  auto status = x->head.status;
  if (x->listens) {
    // 405 says that there is no such stream (2025-03-26, "Listening for Messages").
    if (status / 100 == 5 || status == 429)
      return resume_later(x);
    listening_ = nullptr;
    return;
  }
  auto& hints = hints_of(x->message);
  auto lost = !x->session.empty() && hints.method != "initialize"
              && (status == 404 || (status == 400 && speaks_of_session(x->body)));
  if (lost) {
    if (session_ == x->session) {
      session_.clear();
      stop_listening();
    }
    return give_up(x, request_failed::kind::session_lost, "has forgotten the session", "Call it again.");
  }
  if (x->resumed)
    return give_up(x, request_failed::kind::lost,
                   "broke off its answer and refused to resume it (HTTP status " + std::to_string(status) + ")",
                   "Call it again; see its own log for the reason.");
  if (x->message.id == 0)
    return finish(x);
  auto refuse = [this, x, status] {
    if (auto error = error_for(x->body, x->message.id); !error.empty()) {
      deliver(x, std::move(error));
      return finish(x);
    }
    auto said = excerpt_of(x->body);
    give_up(x, request_failed::kind::refused,
            "answered with HTTP status " + std::to_string(status) + (said.empty() ? "" : ": " + said),
            status / 100 == 5 ? "See its own log for the reason." : "Check its address and \"headers\".");
  };
  auto may_be_old = hints.method == "initialize" && !understood_ && (status == 400 || status == 404 || status == 405);
  if (!may_be_old)
    return refuse();
  context_.owner.on_old_server(x->message, refuse);
}

void streamable_link::deliver(const exchange_ptr& x, json_text message) {
  messages_received one;
  one.messages.push_back({std::move(message), x->message.id});
  context_.owner.on_messages(std::move(one));
}

void streamable_link::give_up(const exchange_ptr& x, request_failed::kind what, std::string cause, std::string fix) {
  auto id = x->message.id;
  if (x->listens)
    listening_ = nullptr;
  else
    finish(x);
  if (id != 0 && !x->answered)
    context_.owner.on_request_failed({id, what, x->head.status, std::move(cause), std::move(fix)});
}

void streamable_link::give_up_large(const exchange_ptr& x, size_t limit) {
  give_up(x, request_failed::kind::lost, "answered with more than " + std::to_string(limit >> 20) + " MiB",
          "Make it answer in smaller pieces.");
}

void streamable_link::finish(const exchange_ptr& x) {
  // The caller's reference may be the one in the table.
  auto hold = x;
  if (open_.erase(x.get()) == 0)
    return;
  hold->timer.reset();
  release(*hold);
  send_queued();
}

void streamable_link::release(exchange& x) {
  if (std::exchange(x.counted, false))
    --in_flight_;
}

} // namespace hub
