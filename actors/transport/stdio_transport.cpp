#include "actors/transport/stdio_transport.hpp"

#include "actors/runtime/pinned.hpp"
#include "actors/transport/broken_off.hpp"
#include "actors/transport/child_launch.hpp"
#include "actors/transport/line_framer.hpp"
#include "actors/transport/pipe_end.hpp"
#include "actors/transport/reap_later.hpp"
#include "actors/transport/rotated_log.hpp"
#include "actors/transport/write_queue.hpp"

#include <boost/asio/steady_timer.hpp>

#include <caf/typed_event_based_actor.hpp>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace hub {

namespace {

/// How much is read or written before other connections get their turn.
constexpr size_t turn_bytes = 1024 * 1024;

/// The same for stderr, which is of less worth.
constexpr size_t log_turn_bytes = 64 * 1024;

/// How many pieces one `writev` takes.
constexpr size_t write_pieces = 64;

/// How long a child may take to die of SIGKILL before it is left to itself.
constexpr std::chrono::seconds death_time{5};

using deadline_timer
  = boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                      boost::asio::io_context::executor_type>;

class stdio_transport final : public pinned<transport_actor::base> {
public:
  stdio_transport(caf::actor_config& cfg, shard& home, transport_owner owner, stdio_settings settings)
    : pinned(cfg, home),
      owner_(std::move(owner)),
      settings_(std::move(settings)),
      framer_(settings_.limits.line_bytes),
      log_(settings_.log_path),
      stdin_(home.context()),
      stdout_(home.context()),
      stderr_(home.context()),
      end_(home.context()),
      timer_(home.context()) {
    // nop
  }

  const char* name() const override {
    return "stdio-transport";
  }

  behavior_type make_behavior() override {
    monitor(owner_);
    set_down_handler([this](caf::down_msg&) { quit(); });
    start();
    return {
      [this](send_message& x) { write(std::move(x.message)); },
      [](const abandon_request&) {
        // The server was told by a notification.
      },
      [this](const close_transport& x) { close(std::chrono::milliseconds{x.grace_ms}); },
    };
  }

  void on_exit() override {
    if (!std::exchange(closed_, true))
      send(owner_, broken_off());
    owner_ = transport_owner{};
    launch_.stop();
    ++timer_round_;
    timer_.cancel();
    for (auto x : {&stdin_, &stdout_, &stderr_, &end_})
      shut(*x);
    queue_.clear();
    framer_ = line_framer{0};
    if (child_)
      reap_later(home().context(), std::move(*child_), std::move(record_));
    child_.reset();
  }

private:
  /// Where the life of the child stands. It only moves downwards, except that
  /// any step leads to `draining` when the child ends.
  enum class phase {
    starting,
    running,
    withering,   ///< A pipe was closed by the child; it should end by itself.
    closing,     ///< Its stdin is closed; it should end by itself.
    terminating, ///< SIGTERM was sent.
    killing,     ///< SIGKILL was sent.
    draining     ///< The child has ended; what it wrote is read.
  };

  // -- begin and end -------------------------------------------------------------

  void start() {
    launch_.start(home().context(), {std::exchange(settings_.program, {}), settings_.records_folder, settings_.server},
                  [this, hold = hold()](launch_outcome outcome) { act([&] { started(std::move(outcome)); }); });
  }

  void started(launch_outcome outcome) {
    if (auto why = std::get_if<launch_failure>(&outcome)) {
      fail_to_start(std::move(*why));
      return;
    }
    auto& launched = std::get<launched_child>(outcome);
    child_.emplace(std::move(launched.process));
    record_ = std::move(launched.record);
    log_.note("started with pid " + std::to_string(child_->pid()));
    end_.assign(launched.end.release());
    stdin_.assign(child_->to_stdin.release());
    stdout_.assign(child_->from_stdout.release());
    stderr_.assign(child_->from_stderr.release());
    phase_ = phase::running;
    send(owner_, transport_opened{child_->pid()});
    wait_for_messages();
    wait_for_log();
    wait_for_end();
    if (!queue_.empty())
      flush();
    if (asked_for_)
      close(grace_);
  }

  void fail_to_start(launch_failure why) {
    auto cause = "could not be started: " + why.cause;
    log_.note(cause);
    tell_end({std::move(cause), std::move(why.fix), {}, false, true});
  }

  /// Ends a connection that cannot go on.
  void fail(std::string cause, std::string fix) {
    cause_ = std::move(cause);
    fix_ = std::move(fix);
    if (phase_ == phase::starting) {
      finish();
      return;
    }
    shut(stdin_);
    shut(stdout_);
    queue_.clear();
    if (phase_ < phase::terminating) {
      child_->signal_group(SIGTERM);
      enter(phase::terminating, settings_.limits.kill_time);
    }
    finish_when_drained();
  }

  /// The child closed one of its pipes. Mostly it is about to end, and how it
  /// ends says more.
  void wither(std::string cause) {
    if (phase_ != phase::running)
      return;
    withering_ = std::move(cause);
    enter(phase::withering, settings_.limits.drain_time);
  }

  void close(std::chrono::milliseconds grace) {
    if (phase_ > phase::withering)
      return;
    asked_for_ = true;
    grace_ = grace;
    if (phase_ == phase::starting)
      return;
    if (queue_.empty())
      shut(stdin_);
    enter(phase::closing, grace);
  }

  void enter(phase next, std::chrono::milliseconds time) {
    phase_ = next;
    timer_.expires_after(time);
    timer_.async_wait([this, hold = hold(), round = ++timer_round_](boost::system::error_code) {
      if (round == timer_round_)
        act([this] { time_is_up(); });
    });
  }

  void time_is_up() {
    switch (phase_) {
      case phase::starting:
      case phase::running:
        break;
      case phase::withering:
        fail(std::move(withering_), "See what it says in its log " + settings_.log_path + ".");
        break;
      case phase::closing:
        shut(stdin_);
        child_->signal_group(SIGTERM);
        enter(phase::terminating, grace_);
        break;
      case phase::terminating:
        child_->signal_group(SIGKILL);
        enter(phase::killing, death_time);
        break;
      case phase::killing:
        if (cause_.empty())
          cause_ = "does not end, not even by SIGKILL";
        finish();
        break;
      case phase::draining:
        finish();
        break;
    }
  }

  void wait_for_end() {
    end_.async_wait(pipe_end::wait_read, [this, hold = hold()](boost::system::error_code failed) {
      if (!failed)
        act([this] { child_ended(); });
    });
  }

  void child_ended() {
    auto end = child_->reap();
    if (!end) {
      wait_for_end();
      return;
    }
    child_.reset();
    record_ = {};
    shut(end_);
    shut(stdin_);
    queue_.clear();
    if (cause_.empty()) {
      cause_ = end->to_string();
      if (!asked_for_)
        fix_ = fix_for(*end);
    }
    enter(phase::draining, settings_.limits.drain_time);
    finish_when_drained();
  }

  std::string fix_for(const child_end& end) const {
    if (end.out_of_memory)
      return "If it needs more, raise \"memory_mb\" for it in the configuration.";
    if (end.by_signal && end.value == SIGXCPU)
      return "If it needs more, raise \"cpu_seconds\" for it in the configuration.";
    if (end.by_signal && end.value == SIGKILL)
      return "Check whether the system ran out of memory, and its log " + settings_.log_path + ".";
    return "See what it says in its log " + settings_.log_path + ".";
  }

  void finish_when_drained() {
    if (phase_ == phase::draining && !stdout_.is_open() && !stderr_.is_open())
      finish();
  }

  void finish() {
    log_.note(cause_);
    tell_end({std::move(cause_), std::move(fix_), log_.last_lines(), asked_for_, false});
  }

  void tell_end(transport_closed x) {
    if (std::exchange(closed_, true))
      return;
    send(owner_, std::move(x));
    quit();
  }

  // -- from the child --------------------------------------------------------------

  void wait_for_messages() {
    stdout_.async_wait(pipe_end::wait_read, [this, hold = hold()](boost::system::error_code failed) {
      if (!failed)
        act([this] { read_messages(); });
    });
  }

  void read_messages() {
    auto room = home().scratch();
    auto open = true;
    auto fits = true;
    for (size_t total = 0; total < turn_bytes && open && fits;) {
      auto count = read_some(stdout_, room);
      if (count < 0)
        break;
      open = count > 0;
      auto size = static_cast<size_t>(count);
      if (open)
        fits = framer_.feed({room.data(), size}, lines_);
      else
        framer_.finish(lines_);
      if (size < room.size())
        // The pipe is empty for now; the next wait says otherwise if not.
        break;
      total += size;
    }
    if (!lines_.empty()) {
      messages_received batch;
      batch.messages.reserve(lines_.size());
      for (auto& line : lines_)
        batch.messages.push_back({std::move(line), 0});
      lines_.clear();
      send(owner_, std::move(batch));
    }
    if (!fits) {
      fail("sent a line of more than " + std::to_string(settings_.limits.line_bytes >> 20) + " MiB",
           "Make it answer in smaller pieces.");
    } else if (open) {
      wait_for_messages();
    } else {
      shut(stdout_);
      wither("closed its stdout but did not end");
      finish_when_drained();
    }
  }

  void wait_for_log() {
    stderr_.async_wait(pipe_end::wait_read, [this, hold = hold()](boost::system::error_code failed) {
      if (!failed)
        act([this] { read_log(); });
    });
  }

  void read_log() {
    auto room = home().scratch().first(log_turn_bytes);
    auto count = read_some(stderr_, room);
    if (count == 0) {
      shut(stderr_);
      finish_when_drained();
      return;
    }
    if (count > 0)
      log_.write({room.data(), static_cast<size_t>(count)});
    wait_for_log();
  }

  // -- to the child ------------------------------------------------------------------

  void write(text_parts message) {
    if (phase_ != phase::starting && (!stdin_.is_open() || phase_ > phase::withering))
      return;
    if (!queue_.empty() && queue_.bytes() + message.size() > settings_.limits.queued_bytes) {
      fail("does not read its stdin: " + std::to_string(queue_.bytes() >> 20) + " MiB wait for it",
           "See what it is busy with in its log " + settings_.log_path + ".");
      return;
    }
    queue_.push(std::move(message));
    // While the pipe is full, the wait for room goes on.
    if (phase_ != phase::starting && !std::exchange(flushing_, true))
      home().at_end_of_burst([this, hold = hold()] { act([this] { flush(); }); });
  }

  void flush() {
    flushing_ = false;
    std::array<iovec, write_pieces> pieces;
    size_t total = 0;
    while (stdin_.is_open() && !queue_.empty()) {
      if (total >= turn_bytes) {
        wait_for_room();
        return;
      }
      auto count = queue_.gather(pieces);
      auto written = ::writev(stdin_.native_handle(), pieces.data(), static_cast<int>(count));
      if (written >= 0) {
        queue_.consume(static_cast<size_t>(written));
        if (settings_.unwritten)
          *settings_.unwritten -= static_cast<size_t>(written);
        total += static_cast<size_t>(written);
      } else if (errno == EAGAIN) {
        wait_for_room();
        return;
      } else if (errno != EINTR) {
        queue_.clear();
        shut(stdin_);
        wither("closed its stdin but did not end");
      }
    }
    if (phase_ == phase::closing)
      shut(stdin_);
  }

  void wait_for_room() {
    flushing_ = true;
    stdin_.async_wait(pipe_end::wait_write, [this, hold = hold()](boost::system::error_code failed) {
      if (!failed)
        act([this] { flush(); });
    });
  }

  transport_owner owner_;
  stdio_settings settings_;
  line_framer framer_;

  /// What a turn of reading brings; empty between turns.
  std::vector<json_text> lines_;

  write_queue queue_;
  rotated_log log_;

  child_launch launch_;
  std::optional<child_process> child_;
  child_record record_;
  pipe_end stdin_;
  pipe_end stdout_;
  pipe_end stderr_;

  /// Readable when the child has ended.
  pipe_end end_;

  phase phase_ = phase::starting;
  deadline_timer timer_;

  /// Tells a timer that was set again from the present one.
  uint64_t timer_round_ = 0;

  std::chrono::milliseconds grace_{0};
  bool asked_for_ = false;

  /// Whether the owner was told of the end.
  bool closed_ = false;

  /// True while a flush is on its way or the pipe is full.
  bool flushing_ = false;

  std::string cause_;
  std::string fix_;
  std::string withering_;
};

} // namespace

transport_actor spawn_stdio_transport(caf::actor_system& system, shard& home, transport_owner owner,
                                      stdio_settings settings) {
  return spawn_pinned<stdio_transport>(system, home, std::move(owner), std::move(settings));
}

} // namespace hub
