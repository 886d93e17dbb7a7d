#include "actors/transport/message_head.hpp"
#include "actors/transport/streamable_link.hpp"

#include <algorithm>
#include <utility>

namespace hub {

namespace {

/// A GET stream that lasted so long ended in peace.
constexpr std::chrono::seconds quiet_time{5};

/// How long a stream may go on after its answer.
constexpr std::chrono::seconds farewell_time{5};

} // namespace

void streamable_link::get(const exchange_ptr& x) {
  fetch_request request;
  request.headers = stream_headers(version_, x->session, x->events.last_id());
  x->events.restart();
  start(x, std::move(request));
}

void streamable_link::listen() {
  stop_listening();
  auto x = std::make_shared<exchange>(context_.limits.message_bytes);
  x->listens = true;
  x->session = session_;
  listening_ = x;
  get(x);
}

void streamable_link::stop_listening() {
  if (auto x = std::exchange(listening_, nullptr)) {
    context_.client.cancel(x->fetch);
    x->timer.reset();
  }
}

// -- what a stream brings ------------------------------------------------------

void streamable_link::on_events(const exchange_ptr& x, std::vector<arrived_event> events) {
  messages_received batch;
  auto id = x->message.id;
  for (auto& event : events) {
    if (event.type != "message")
      continue;
    for (auto& message : split_messages(std::move(event.data))) {
      if (id != 0 && !x->answered && answers_request(message.view(), id))
        x->answered = true;
      batch.messages.push_back({std::move(message), id});
    }
  }
  if (batch.messages.empty())
    return;
  x->fruitless = 0;
  context_.owner.on_messages(std::move(batch));
  if (x->answered)
    settle(x);
}

/// The answer is there; the server should end the stream now.
void streamable_link::settle(const exchange_ptr& x) {
  if (x->counted) {
    release(*x);
    after(x, farewell_time, &streamable_link::cut_off);
    send_queued();
  }
}

void streamable_link::cut_off(const exchange_ptr& x) {
  context_.client.cancel(x->fetch);
  finish(x);
}

void streamable_link::on_stream_ended(const exchange_ptr& x, const std::string& cause) {
  if (x->answered)
    return finish(x);
  if (x->listens)
    return resume_later(x);
  if (x->message.id == 0)
    return finish(x);
  if (x->events.last_id() != x->resumed_from)
    x->fruitless = 0;
  x->resumed_from = x->events.last_id();
  auto can_resume = !x->resumed_from.empty() && !hints_of(x->message).stateless;
  if (!can_resume || ++x->fruitless > context_.limits.resumes)
    return give_up(x, request_failed::kind::lost, cause, "Call it again; see its own log for the reason.");
  x->resumed = true;
  resume_later(x);
}

std::chrono::milliseconds streamable_link::pause_of(const exchange& x) const {
  auto result = x.events.retry().value_or(context_.limits.pause);
  // The first time as it was asked for; a server in trouble gets more.
  for (auto i = 1; i < x.fruitless && result < context_.limits.longest_pause; ++i)
    result = std::min(result * 2, context_.limits.longest_pause);
  return result;
}

void streamable_link::resume_later(const exchange_ptr& x) {
  if (x->listens) {
    // Many servers end a silent stream now and then, and mean nothing by it.
    if (x->is_stream && clock::now() - x->begun >= quiet_time)
      x->fruitless = 0;
    ++x->fruitless;
  }
  after(x, pause_of(*x), &streamable_link::get);
}

void streamable_link::after(const exchange_ptr& x, std::chrono::milliseconds time,
                            void (streamable_link::*f)(const exchange_ptr&)) {
  if (!x->timer)
    x->timer.emplace(context_.home.context());
  x->timer->expires_after(time);
  x->timer->async_wait([this, f, weak = std::weak_ptr{x}, alive = std::weak_ptr{alive_}](boost::system::error_code failure) {
    auto held = weak.lock();
    if (failure || !held || alive.expired() || (held != listening_ && !open_.count(held.get())))
      return;
    context_.owner.enter([&] { (this->*f)(held); });
  });
}

} // namespace hub
