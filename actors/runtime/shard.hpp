#pragma once

#include "actors/runtime/burst_task.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <caf/execution_unit.hpp>
#include <caf/resumable.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <utility>
#include <vector>

namespace hub {

/// One thread that runs one `io_context` and is also an execution unit of CAF.
/// An actor that is woken by a completion handler runs on the same thread as the
/// handler's scope closes, with no queue, lock or wake-up between.
///
/// Owned by the coordinator, from before the first actor until after the last.
/// Nothing that runs here may block. Unless said otherwise, members are for the
/// shard's own thread.
class shard : public caf::execution_unit {
public:
  /// Actors that run before sockets and timers get their turn.
  static constexpr size_t resumes_per_turn = 64;

  /// Handlers after which a burst ends though the sockets still have more.
  static constexpr size_t handlers_per_burst = 32;

  /// Bytes of `scratch()`.
  static constexpr size_t scratch_size = 256 * 1024;

  /// Put at the top of each completion handler: the actors that the handler
  /// wakes run as the scope closes, at most `resumes_per_turn` of them, the rest
  /// after the sockets had a turn. Of nested scopes only the outermost counts.
  class scope {
  public:
    explicit scope(shard& home) noexcept : home_(home) {
      if (home_.depth_++ == 0)
        ++home_.scopes_;
    }

    scope(const scope&) = delete;
    scope& operator=(const scope&) = delete;

    ~scope() {
      if (home_.depth_ == 1)
        home_.run_ready();
      --home_.depth_;
    }

  private:
    shard& home_;
  };

  /// @param index Position among the shards of `system`.
  /// @param max_throughput Messages that an actor handles before the next one
  ///                       gets its turn; at least 1.
  shard(caf::actor_system& system, size_t index, size_t max_throughput);

  ~shard() override;

  /// Where the sockets and timers of this shard live. Posting from other threads
  /// is safe. A handler must not throw: an exception that leaves one ends the
  /// process (`pinned::act` catches).
  boost::asio::io_context& context() noexcept {
    return context_;
  }

  /// The position among the shards of the system. Safe from any thread.
  size_t index() const noexcept {
    return index_;
  }

  /// Tells whether the caller runs on this shard. Safe from any thread.
  bool on_own_thread() const noexcept {
    return current_ == this;
  }

  /// The shard that runs the caller, or `nullptr` on any other thread.
  static shard* current() noexcept {
    return current_;
  }

  /// Takes a job and a reference to it. Safe from any thread; jobs from other
  /// threads cost one wake-up a batch and keep their order.
  void exec_later(caf::resumable* job) override;

  /// Memory to read into: `scratch_size` bytes, valid until the handler returns.
  std::span<char> scratch();

  /// Runs `f` once when the handlers that are due by now have run, and the actors
  /// that they woke: so that many small writes leave as one. While several handlers are
  /// due at a time, those that become due meanwhile come first, up to
  /// `handlers_per_burst`: whoever sleeps is then woken once for all that is for him, and
  /// a wake-up on another processor costs more than a write. What `f` points to
  /// must outlive the burst: capture a handle of its owner. At a stop, `f` is
  /// destroyed without having run.
  template <class F>
  void at_end_of_burst(F&& f) {
    burst_tasks_.emplace_back(std::forward<F>(f));
    if (!burst_end_posted_)
      post_burst_end();
  }

  // -- for the coordinator, on the thread that starts and stops the system ------

  /// Starts the thread, named `shard-<index>`. It takes no signals.
  void start();

  /// Ends the thread after the handler that it is in and joins it. Jobs and
  /// handlers that wait stay where they are.
  void stop();

  /// After `stop()`: ends the actors that still wait for their turn, in order,
  /// except for `last`, which runs and so hears what the others have to say.
  /// @returns Whether there were any.
  bool drain(const caf::resumable* last);

  /// After `stop()`: from now on, an actor that becomes ready is ended by the
  /// thread that woke it.
  void close();

  /// After `stop()` of all shards: destroys pending handlers and burst tasks
  /// without running them. Sockets may still be destroyed afterwards.
  void drop_handlers();

private:
  /// An `io_context` that can let go of its handlers before it is destroyed, so
  /// that those of one shard may own sockets of another.
  struct io : boost::asio::io_context {
    // One thread runs it: Asio then skips waking others.
    io() : boost::asio::io_context(1) {
      // nop
    }

    using boost::asio::execution_context::shutdown;
  };

  void run();

  /// Runs actors that are ready, at most `resumes_per_turn`.
  void run_ready();

  /// Gives one actor its turn.
  void resume(caf::resumable* job);

  void post_run();

  void post_burst_end();

  void end_burst();

  /// Moves the jobs from other threads behind the ready ones.
  void take_inbox();

  /// Ends an actor as if it had quit, and releases its job.
  void end(caf::resumable* job);

  static thread_local shard* current_;

  const size_t index_;
  const size_t max_throughput_;
  io context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;

  /// How many scopes are open.
  size_t depth_ = 0;

  /// Whether `run_ready` is on its way through the context.
  bool run_posted_ = false;

  /// Whether `end_burst` is on its way through the context.
  bool burst_end_posted_ = false;

  /// Outermost scopes since `end_burst` last looked, and in the burst before that.
  size_t scopes_ = 0;
  size_t handled_in_burst_ = 0;

  /// Each actor is in here at most once.
  std::deque<caf::resumable*> ready_;

  std::vector<burst_task> burst_tasks_;

  /// Emptied and used again, so that a burst costs no allocation.
  std::vector<burst_task> burst_tasks_running_;

  std::unique_ptr<char[]> scratch_;

  // -- shared with other threads, under the mutex --------------------------------

  std::mutex inbox_mutex_;
  std::vector<caf::resumable*> inbox_;
  bool inbox_posted_ = false;
  bool closed_ = false;

  /// Swapped with `inbox_`; the shard's own.
  std::vector<caf::resumable*> arrived_;
};

} // namespace hub
