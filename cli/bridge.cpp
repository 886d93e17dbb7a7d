#include "cli/bridge.hpp"

#include "messages/mirrored_headers.hpp"
#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <unistd.h>
#include <utility>

namespace hub::cli {

namespace asio = boost::asio;

using std::chrono::steady_clock;

/// One message on its way, or a stream.
struct bridge::task {
  enum class kind { request, other, own_initialize, own_notification, stream, farewell };

  explicit task(asio::io_context& io) : timer(io) {
    // nop
  }

  kind what = kind::other;
  client_line line;
  std::shared_ptr<hub_exchange> exchange;
  asio::steady_timer timer;

  /// Where to go on; empty before the first event.
  std::string last_event;

  bool answered = false;
  bool taken_back = false;
  bool renewed = false;
  int repeats = 0;

  /// When the hub is not waited for any longer; set at the first try that fails.
  steady_clock::time_point deadline{};
};

bridge::bridge(bridge_settings settings, int in, int out)
  : settings_(std::move(settings)), in_(io_), out_(out), farewell_(io_) {
  boost::system::error_code failure;
  in_.assign(in, failure);
  if (!failure)
    return;
  // A file cannot be waited for, and need not be.
  for (auto count = ::read(in, chunk_.data(), chunk_.size()); count > 0;
       count = ::read(in, chunk_.data(), chunk_.size()))
    input_.append(chunk_.data(), static_cast<size_t>(count));
  input_ended_ = true;
}

void bridge::run() {
  take_lines();
  io_.run();
}

// -- the client ---------------------------------------------------------------------

bool bridge::full() const {
  // The session decides how everything behind `initialize` is sent.
  return tasks_.size() >= requests_limit || (opening_ && !opening_->renewed);
}

void bridge::read() {
  if (reading_ || input_ended_ || full())
    return;
  reading_ = true;
  in_.async_read_some(asio::buffer(chunk_), [this](boost::system::error_code failure, size_t count) {
    reading_ = false;
    if (failure)
      input_ended_ = true;
    else
      input_.append(chunk_.data(), count);
    if (input_.size() > line_limit) {
      settings_.complain("the client wrote a line of more than 64 MiB; the bridge ends");
      input_.clear();
      input_ended_ = true;
    }
    take_lines();
  });
}

void bridge::take_lines() {
  size_t start = 0;
  while (!full()) {
    auto end = input_.find('\n', std::max(start, scanned_));
    // The last line may lack its end.
    if (end == std::string::npos && (!input_ended_ || start >= input_.size())) {
      scanned_ = input_.size();
      break;
    }
    auto line = input_.substr(start, end == std::string::npos ? end : end - start);
    start = end == std::string::npos ? input_.size() : end + 1;
    if (line.find_first_not_of(" \t\r") != std::string::npos)
      take(translator_.read(std::move(line)));
  }
  input_.erase(0, start);
  scanned_ -= std::min(scanned_, start);
  read();
  end_if_done();
}

void bridge::take(client_line line) {
  if (line.what == client_line::kind::broken)
    return emit(line.text);
  if (!line.taken_back.empty()) {
    auto i = std::ranges::find_if(tasks_, [&](auto& x) {
      return x->what == task::kind::request && x->line.id == line.taken_back;
    });
    if (i != tasks_.end())
      (*i)->taken_back = true;
    if (session_.empty())
      return i != tasks_.end() ? take_back(*i) : void();
  }
  auto x = std::make_shared<task>(io_);
  x->what = line.what == client_line::kind::request ? task::kind::request : task::kind::other;
  x->line = std::move(line);
  tasks_.insert(x);
  if (x->line.method == "initialize" && !x->line.stateless) {
    initialize_ = x->line.text;
    session_.clear();
    opening_ = x;
  }
  if (opening_ && opening_ != x)
    waiting_.push_back(x);
  else
    send(x);
}

/// The stateless era takes a request back by closing its stream.
void bridge::take_back(task_ptr x) {
  if (x->exchange)
    x->exchange->abandon();
  done(x);
}

void bridge::emit(std::string_view message) {
  std::string line{message};
  // Line ends of JSON stand between its tokens.
  for (auto& c : line)
    if (c == '\n' || c == '\r')
      c = ' ';
  line += '\n';
  std::string_view rest{line};
  while (!rest.empty()) {
    auto count = ::write(out_, rest.data(), rest.size());
    if (count > 0) {
      rest.remove_prefix(static_cast<size_t>(count));
    } else if (errno == EAGAIN) {
      pollfd waiting{out_, POLLOUT, 0};
      ::poll(&waiting, 1, -1);
    } else if (errno != EINTR) {
      // Nobody reads any more.
      return io_.stop();
    }
  }
}

// -- the hub ------------------------------------------------------------------------

void bridge::send(const task_ptr& x) {
  hub_request request;
  request.target = settings_.target;
  request.headers = {{"Accept", "application/json, text/event-stream"}};
  if (!settings_.project.empty())
    request.headers.emplace_back("X-Hub-Project", encode_header_value(settings_.project));
  auto fresh = x->line.method == "initialize" && !x->line.stateless;
  if (x->line.stateless)
    request.headers.insert(request.headers.end(), x->line.headers.begin(), x->line.headers.end());
  else if (!fresh && !session_.empty())
    request.headers.insert(request.headers.end(),
                           {{"Mcp-Session-Id", session_}, {"MCP-Protocol-Version", version_}});
  else if (!fresh)
    request.headers.emplace_back("MCP-Protocol-Version", "2026-07-28");
  if (x->what == task::kind::farewell) {
    request.method = "DELETE";
  } else if (x->what == task::kind::stream || !x->last_event.empty()) {
    request.method = "GET";
    request.headers[0].second = "text/event-stream";
    if (!x->last_event.empty())
      request.headers.emplace_back("Last-Event-ID", x->last_event);
  } else {
    request.method = "POST";
    request.body = x->line.text;
  }
  x->exchange = std::make_shared<hub_exchange>(
    io_, [this, x](std::string_view message) { heard(x, message); },
    [this, x](exchange_end end) {
      x->exchange = nullptr;
      ended(x, std::move(end));
    });
  x->exchange->start(settings_.socket, request);
}

void bridge::heard(const task_ptr& x, std::string_view message) {
  auto is_answer = rpc::member(message, "method").empty();
  if (is_answer && x->line.method == "tools/list")
    translator_.note_tools(message);
  if (is_answer && (x->answered || x->what == task::kind::own_initialize))
    return;
  x->answered = x->answered || is_answer;
  emit(message);
}

void bridge::ended(const task_ptr& x, exchange_end end) {
  using kind = task::kind;
  if (!end.last_event.empty())
    x->last_event = end.last_event;
  met_ = met_ || end.connected;
  if (end.status == 200)
    x->deadline = {};
  if (x->what == kind::farewell || x->answered || x->taken_back)
    return done(x);
  if (end.status == 404 && !session_.empty() && !x->line.stateless && x->line.method != "initialize")
    return renew_session(x);
  if (x->what == kind::stream) {
    if (end.status == 0 || end.status == 200 || end.status == 409 || end.status == 503)
      return try_later(x, false);
    return done(x);
  }
  if (!end.connected || end.status == 503)
    return try_later(x, !end.connected);
  if (end.status == 202 && end.complete)
    return opened(x, end);
  if (end.status == 200 && end.complete && !end.body.empty()) {
    if (x == opening_)
      opened(x, end);
    if (x->what == kind::own_initialize)
      return done(x);
    x->answered = true;
    if (x->line.method == "tools/list")
      translator_.note_tools(end.body);
    emit(end.body);
    return done(x);
  }
  if (x->what != kind::request && x->what != kind::own_initialize)
    return give_up(x, "the hub did not take a message (HTTP status " + std::to_string(end.status) + ")");
  if (end.status >= 400) {
    auto error = rpc::member(end.body, "error");
    auto text = error.starts_with('{') ? std::string{rpc::unquote(rpc::member(error, "message")).value_or("")}
                                       : rpc::unquote(error).value_or("");
    if (x == opening_)
      settings_.complain(text);
    if (error.starts_with('{') && x->what == kind::request) {
      emit(rpc::make_error(x->line.id, json_text{std::string{error}}).to_string());
      x->answered = true;
      return done(x);
    }
    return give_up(x, text.empty() ? "the hub answered with HTTP status " + std::to_string(end.status) : text);
  }
  // The answer broke off.
  if (!x->last_event.empty() && !x->line.stateless)
    return try_later(x, false);
  if (x->line.repeatable && ++x->repeats <= 3)
    return try_later(x, false);
  give_up(x, "The connection to the hub broke before the answer came. The call may have been carried out "
             "or not; see what became of it before you call again");
}

/// A message was taken, or `initialize` was answered.
void bridge::opened(const task_ptr& x, const exchange_end& end) {
  if (x == opening_) {
    opening_ = nullptr;
    auto result = rpc::member(end.body, "result");
    if (!result.empty()) {
      session_ = end.session;
      version_ = rpc::unquote(rpc::member(result, "protocolVersion")).value_or("");
    }
    if (x->what == task::kind::own_initialize && !result.empty() && initialized_) {
      auto told = std::make_shared<task>(io_);
      told->what = task::kind::own_notification;
      told->line.method = "notifications/initialized";
      told->line.text = R"({"jsonrpc":"2.0","method":"notifications/initialized"})";
      tasks_.insert(told);
      send(told);
    }
    for (auto& y : std::exchange(waiting_, {}))
      send(y);
    return;
  }
  auto opens = x->line.method == "notifications/initialized";
  initialized_ = initialized_ || opens;
  done(x);
  if (opens)
    open_stream();
}

void bridge::open_stream() {
  if (stream_ || session_.empty() || ending_)
    return;
  stream_ = std::make_shared<task>(io_);
  stream_->what = task::kind::stream;
  send(stream_);
}

void bridge::try_later(const task_ptr& x, bool start_it) {
  auto now = steady_clock::now();
  if (x->deadline == steady_clock::time_point{})
    x->deadline = now + settings_.patience;
  auto is_stream = x->what == task::kind::stream;
  if (ending_ && is_stream)
    return done(x);
  if (!is_stream && now >= x->deadline)
    return give_up(x, "The hub cannot be reached on " + settings_.socket.string()
                        + "; start it with `slm-hub start` to see why");
  if (start_it && x->deadline - settings_.patience <= last_start_)
    if (auto why = settings_.start_failure(); !why.empty())
      return give_up(x, why);
  // Somebody may just be starting it anew.
  auto is_time = !met_ || x->deadline - now <= settings_.patience - settings_.return_delay;
  if (start_it && is_time && now - last_start_ >= settings_.start_pause) {
    last_start_ = now;
    settings_.start_hub();
  }
  x->timer.expires_after(x->last_event.empty() ? settings_.retry : settings_.return_delay);
  x->timer.async_wait([this, x](boost::system::error_code failure) {
    if (!failure && !x->taken_back)
      send(x);
  });
}

void bridge::renew_session(const task_ptr& x) {
  // Something that it did not take twice in a row is not the session's fault.
  if (std::exchange(x->renewed, true) || initialize_.empty())
    return give_up(x, "The hub does not know the session any more; connect again");
  if (!x->last_event.empty() && x->what == task::kind::request)
    return give_up(x, "The hub was started anew while it carried the call out; see what became of it "
                      "before you call again");
  x->last_event.clear();
  if (x->what == task::kind::stream) {
    // The new session opens its own.
    stream_ = nullptr;
    if (opening_)
      return;
  } else {
    waiting_.push_back(x);
  }
  if (opening_)
    return;
  session_.clear();
  opening_ = std::make_shared<task>(io_);
  opening_->what = task::kind::own_initialize;
  opening_->renewed = true;
  opening_->line = translator_.read(initialize_);
  tasks_.insert(opening_);
  send(opening_);
}

void bridge::give_up(const task_ptr& x, std::string_view why) {
  settings_.complain(std::string{why});
  if (x->what == task::kind::request && !x->answered)
    emit(rpc::make_error(x->line.id, rpc::error_object(-32603, why)).to_string());
  x->answered = true;
  if (x == opening_) {
    opening_ = nullptr;
    for (auto& y : std::exchange(waiting_, {}))
      give_up(y, why);
  }
  done(x);
}

void bridge::done(const task_ptr& x) {
  if (x == opening_)
    opening_ = nullptr;
  if (x == stream_)
    stream_ = nullptr;
  x->timer.cancel();
  tasks_.erase(x);
  // Not from within whoever calls this.
  asio::post(io_, [this] {
    if (!ending_)
      take_lines();
    else
      end_if_done();
  });
}

// -- the end ------------------------------------------------------------------------

void bridge::end_if_done() {
  if (!input_ended_ || !input_.empty())
    return;
  auto open = std::any_of(tasks_.begin(), tasks_.end(), [](const task_ptr& x) {
    return x->line.method != "subscriptions/listen";
  });
  if (!open)
    return end_session();
  if (std::exchange(ending_, true))
    return;
  farewell_.expires_after(settings_.farewell);
  farewell_.async_wait([this](boost::system::error_code failure) {
    if (failure)
      return;
    settings_.complain("not all requests were answered in time after the client ended");
    end_session();
  });
}

void bridge::end_session() {
  farewell_.cancel();
  for (auto& x : std::exchange(tasks_, {})) {
    x->timer.cancel();
    if (x->exchange)
      x->exchange->abandon();
  }
  if (auto x = std::exchange(stream_, nullptr)) {
    x->timer.cancel();
    if (x->exchange)
      x->exchange->abandon();
  }
  ending_ = true;
  if (session_.empty())
    return io_.stop();
  auto last = std::make_shared<task>(io_);
  last->what = task::kind::farewell;
  send(last);
  session_.clear();
  last->timer.expires_after(std::chrono::seconds{2});
  last->timer.async_wait([this](boost::system::error_code failure) {
    if (!failure)
      io_.stop();
  });
}

} // namespace hub::cli
