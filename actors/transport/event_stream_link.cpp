#include "actors/transport/event_stream_link.hpp"

#include "actors/transport/message_head.hpp"

#include <algorithm>
#include <utility>

namespace hub {

namespace {

/// What of a refusal is read.
constexpr size_t refusal_bytes = 64 * 1024;

std::string status_text(int status, const std::string& body) {
  auto said = excerpt_of(body);
  return "HTTP status " + std::to_string(status) + (said.empty() ? "" : ": " + said);
}

} // namespace

class event_stream_link::stream_reader final : public fetch_reader {
public:
  explicit stream_reader(event_stream_link& link) : link_(link) {
    // nop
  }

  void on_head(fetch_head head) override {
    link_.context_.owner.enter([&] { link_.on_stream_head(head); });
  }

  void on_data(std::string_view data) override {
    link_.context_.owner.enter([&] { link_.on_stream_data(data); });
  }

  void on_end() override {
    link_.context_.owner.enter([&] { link_.on_stream_end(); });
  }

  void on_failure(fetch_failure why) override {
    link_.context_.owner.enter([&] { link_.on_stream_failure(why); });
  }

private:
  event_stream_link& link_;
};

class event_stream_link::post_reader final : public fetch_reader {
public:
  post_reader(event_stream_link& link, posted_ptr x) : link_(link), x_(std::move(x)) {
    // nop
  }

  void on_head(fetch_head head) override {
    x_->status = head.status;
  }

  void on_data(std::string_view data) override {
    // The answer comes on the stream; only a refusal is of interest.
    if (x_->status / 100 != 2 && x_->body.size() + data.size() <= refusal_bytes)
      x_->body += data;
  }

  void on_end() override {
    link_.context_.owner.enter([&] { link_.on_posted(x_); });
  }

  void on_failure(fetch_failure why) override {
    link_.context_.owner.enter([&] { link_.on_post_failure(x_, why); });
  }

private:
  event_stream_link& link_;
  posted_ptr x_;
};

std::unique_ptr<http_link> make_event_stream_link(http_link_context context, std::function<void()> otherwise) {
  return std::make_unique<event_stream_link>(std::move(context), std::move(otherwise));
}

event_stream_link::event_stream_link(http_link_context context, std::function<void()> otherwise)
  : context_(std::move(context)),
    otherwise_(std::move(otherwise)),
    events_(context_.limits.message_bytes),
    timer_(context_.home.context()) {
  // nop
}

event_stream_link::~event_stream_link() {
  context_.client.cancel(stream_);
  for (auto& [key, x] : posts_)
    context_.client.cancel(x->fetch);
}

void event_stream_link::open() {
  fetch_request request;
  request.url = context_.url;
  request.headers = stream_headers({}, {}, {});
  request.limit = {};
  stream_ = context_.client.start(std::move(request), std::make_unique<stream_reader>(*this));
  timer_.expires_after(context_.limits.endpoint);
  timer_.async_wait([this, alive = std::weak_ptr{alive_}](boost::system::error_code failure) {
    if (failure || alive.expired())
      return;
    context_.owner.enter([this] {
      if (endpoint_.empty())
        end("named no endpoint for messages within " + std::to_string(context_.limits.endpoint.count() / 1000) + " s",
            "Check that its address is that of an MCP server with HTTP+SSE.", true);
    });
  });
}

void event_stream_link::send(send_message x) {
  if (ended_)
    return;
  if (!endpoint_.empty() && posts_.size() < context_.limits.in_flight) {
    post(std::move(x));
  } else if (queue_.size() < context_.limits.queued) {
    queue_.push_back(std::move(x));
  } else if (x.id != 0) {
    context_.owner.on_request_failed({x.id, request_failed::kind::refused, 0,
                                      "has " + std::to_string(queue_.size()) + " messages waiting",
                                      "Wait for some calls to end, or call it less often."});
  }
}

void event_stream_link::post(send_message message) {
  auto x = std::make_shared<posted>();
  x->id = message.id;
  posts_.emplace(x.get(), x);
  fetch_request request;
  request.method = "POST";
  request.url = endpoint_;
  request.headers = {{"Content-Type", "application/json"}};
  request.body = std::move(message.message);
  request.limit = {};
  request.repeatable = !message.http || message.http->method != "tools/call";
  x->fetch = context_.client.start(std::move(request), std::make_unique<post_reader>(*this, x));
}

void event_stream_link::abandon(int64_t id) {
  // The server was told by a notification; a message that has not left need not.
  std::erase_if(queue_, [id](auto& x) { return x.id == id; });
}

void event_stream_link::close(std::chrono::milliseconds) {
  end("was stopped", "", false);
}

void event_stream_link::end(std::string cause, std::string fix, bool never_started) {
  if (std::exchange(ended_, true))
    return;
  timer_.cancel();
  context_.client.cancel(std::exchange(stream_, 0));
  for (auto& [key, x] : std::exchange(posts_, {}))
    context_.client.cancel(x->fetch);
  queue_.clear();
  if (otherwise_ && endpoint_.empty())
    return std::exchange(otherwise_, nullptr)();
  context_.owner.on_closed(std::move(cause), std::move(fix), never_started);
}

// -- the stream ----------------------------------------------------------------

void event_stream_link::on_stream_head(const fetch_head& head) {
  status_ = head.status;
  stream_url_ = head.url;
  is_stream_ = status_ == 200 && head.has_media_type("text/event-stream");
  if (status_ == 200 && !is_stream_)
    end("answered with " + (head.media_type().empty() ? "no media type" : head.media_type())
          + " where an event stream should be",
        "Check its address and \"type\".", true);
}

void event_stream_link::on_stream_data(std::string_view data) {
  if (ended_)
    return;
  if (!is_stream_) {
    if (refusal_.size() + data.size() <= refusal_bytes)
      refusal_ += data;
    return;
  }
  std::vector<arrived_event> events;
  auto fits = events_.feed(data, events);
  messages_received batch;
  for (auto& event : events) {
    if (event.type == "endpoint" && endpoint_.empty())
      on_endpoint(event.data);
    else if (event.type == "message")
      for (auto& message : split_messages(std::move(event.data)))
        batch.messages.push_back({std::move(message), 0});
    if (ended_)
      return;
  }
  if (!batch.messages.empty())
    context_.owner.on_messages(std::move(batch));
  if (!fits)
    end("sent an event of more than " + std::to_string(context_.limits.message_bytes >> 20) + " MiB",
        "Make it answer in smaller pieces.", false);
}

void event_stream_link::on_endpoint(const std::string& reference) {
  auto base = parse_http_url(stream_url_);
  auto target = base ? resolve_http_url(*base, reference) : std::nullopt;
  if (!target || !same_origin(*base, *target))
    return end("names an endpoint for messages at another origin: " + excerpt_of(reference),
               "This is refused, as it could be an attack; check the server's own address settings.", true);
  endpoint_ = target->text();
  timer_.cancel();
  context_.owner.on_opened();
  while (!queue_.empty() && posts_.size() < context_.limits.in_flight) {
    auto x = std::move(queue_.front());
    queue_.pop_front();
    post(std::move(x));
  }
}

void event_stream_link::on_stream_end() {
  stream_ = 0;
  if (is_stream_)
    return end("ended its event stream", "See its own log for the reason.", false);
  end("refused to open an event stream (" + status_text(status_, refusal_) + ")",
      status_ / 100 == 5 ? "See its own log for the reason." : "Check its address, \"type\" and \"headers\".",
      status_ / 100 != 5);
}

void event_stream_link::on_stream_failure(const fetch_failure& why) {
  stream_ = 0;
  end(why.cause, why.fix, judge(why) == http_verdict::needs_mending);
}

// -- messages ------------------------------------------------------------------

void event_stream_link::on_posted(const posted_ptr& x) {
  auto hold = x;
  if (posts_.erase(hold.get()) == 0)
    return;
  if (hold->status / 100 != 2) {
    if (hold->status == 404)
      return end("has forgotten the session (HTTP status 404)", "Call it again.", false);
    if (auto error = hold->id != 0 ? error_for(hold->body, hold->id) : json_text{}; !error.empty()) {
      messages_received one;
      one.messages.push_back({std::move(error), 0});
      context_.owner.on_messages(std::move(one));
    } else if (hold->id != 0) {
      context_.owner.on_request_failed({hold->id, request_failed::kind::refused, hold->status,
                                        "answered with " + status_text(hold->status, hold->body),
                                        "See its own log for the reason."});
    }
  }
  while (!ended_ && !queue_.empty() && posts_.size() < context_.limits.in_flight) {
    auto next = std::move(queue_.front());
    queue_.pop_front();
    post(std::move(next));
  }
}

void event_stream_link::on_post_failure(const posted_ptr& x, const fetch_failure& why) {
  auto hold = x;
  if (posts_.erase(hold.get()) == 0)
    return;
  auto verdict = judge(why);
  if (verdict != http_verdict::request_lost)
    return end(why.cause, why.fix, verdict == http_verdict::needs_mending);
  if (hold->id != 0)
    context_.owner.on_request_failed({hold->id, request_failed::kind::lost, 0, why.cause, why.fix});
}

} // namespace hub
