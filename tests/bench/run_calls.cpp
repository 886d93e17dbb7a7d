#include "tests/bench/client_session.hpp"
#include "tests/bench/load_commands.hpp"
#include "tests/bench/measurement.hpp"

#include <memory>
#include <optional>
#include <sys/epoll.h>
#include <unistd.h>

namespace hub::bench {

namespace {

std::chrono::nanoseconds seconds_of(double seconds) {
  return std::chrono::nanoseconds{static_cast<int64_t>(seconds * 1e9)};
}

/// One client and the call it waits for.
struct caller {
  std::unique_ptr<client_session> session;
  std::optional<tool_call> open;
  steady::time_point sent;
  uint64_t calls = 0;
  bool gone = false; ///< The contender has closed the connection.
};

/// The closed loop over all clients.
class load {
public:
  explicit load(const load_options& options)
    : options_{options}, callers_(options.sessions), result_{options.watched, options.beside},
      epoll_{::epoll_create1(EPOLL_CLOEXEC)} {
    auto limit = std::chrono::milliseconds{static_cast<int64_t>(options.limit_seconds * 1e3)};
    for (size_t i = 0; i < callers_.size(); ++i) {
      callers_[i].session = std::make_unique<client_session>(options.port, options.path);
      if (options.shape.stateless)
        callers_[i].session->become_stateless(options.shape.through_meta_tool ? "hub__call_tool" : options.shape.tool);
      else
        callers_[i].session->initialize(limit);
      epoll_event event{};
      event.events = EPOLLIN | EPOLLOUT | EPOLLET;
      event.data.u64 = i;
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, callers_[i].session->descriptor(), &event);
    }
  }

  load(const load&) = delete;
  load& operator=(const load&) = delete;

  ~load() {
    ::close(epoll_);
  }

  int run() {
    if (options_.calls_per_session > 0) {
      open_window();
      begin_all();
      turn_until(steady::now() + seconds_of(options_.limit_seconds * static_cast<double>(options_.calls_per_session)));
      close_window();
    } else {
      begin_all();
      turn_until(steady::now() + seconds_of(options_.warmup_seconds));
      open_window();
      turn_until(steady::now() + seconds_of(options_.seconds));
      close_window();
      sending_ = false;
      turn_until(steady::now() + seconds_of(options_.limit_seconds));
    }
    for (size_t i = 0; i < open_; ++i)
      result_.add_error("a call without an answer in time");
    for (auto& who : callers_)
      if (!who.open && !who.gone)
        who.session->end(std::chrono::seconds{10});
    result_.print(callers_.size());
    return 0;
  }

private:
  void open_window() {
    counting_ = true;
    result_.begin();
  }

  void close_window() {
    counting_ = false;
    result_.end();
  }

  void begin_all() {
    for (size_t i = 0; i < callers_.size(); ++i)
      call_next(i);
  }

  void call_next(size_t index) {
    auto& who = callers_[index];
    if (!sending_ || (options_.calls_per_session > 0 && who.calls == options_.calls_per_session))
      return;
    who.open.emplace(options_.shape, ++who.calls, index);
    who.sent = steady::now();
    ++open_;
    if (!who.session->post(who.open->request()))
      lose(who);
  }

  void lose(caller& who) {
    result_.add_error("a connection that was closed during a call");
    who.open.reset();
    who.gone = true;
    --open_;
  }

  void read(size_t index) {
    auto& who = callers_[index];
    if (!who.open)
      return;
    response answer;
    auto progress = who.session->flush() ? who.session->read(answer) : client_session::progress::gone;
    if (progress == client_session::progress::gone)
      return lose(who);
    if (progress == client_session::progress::nothing_yet)
      return;
    auto latency = steady::now() - who.sent;
    auto fault = who.open->fault_of(answer.body);
    if (answer.status != 200 || !fault.empty())
      result_.add_error("status " + std::to_string(answer.status) + ", " + std::string{fault} + ": "
                        + std::string{answer.body.substr(0, 200)});
    else if (counting_)
      result_.add(latency, answer.body.size());
    who.open.reset();
    --open_;
    call_next(index);
  }

  /// Serves the sockets until `end`, or until no call is open.
  void turn_until(steady::time_point end) {
    epoll_event events[256];
    while (open_ > 0) {
      auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - steady::now()).count();
      if (left <= 0)
        return;
      int n = ::epoll_wait(epoll_, events, 256, static_cast<int>(left));
      for (int i = 0; i < n; ++i)
        read(events[i].data.u64);
    }
  }

  const load_options& options_;
  std::vector<caller> callers_;
  measurement result_;
  int epoll_;
  size_t open_ = 0;
  bool sending_ = true;
  bool counting_ = false;
};

} // namespace

int run_calls(const load_options& options) {
  return load{options}.run();
}

} // namespace hub::bench
