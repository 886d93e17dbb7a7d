#include "actors/runtime/shard.hpp"

#include "actors/runtime/small_blocks.hpp"

#include <boost/asio/post.hpp>

#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/logger.hpp>
#include <caf/scheduled_actor.hpp>

#include <pthread.h>
#include <signal.h>

#include <cassert>
#include <string>

namespace hub {

thread_local shard* shard::current_ = nullptr;

namespace {

/// Keeps signals away from threads that are started while it lives: they are for
/// the main thread, and a pipe that nobody reads any more shall be an error of
/// `write` and not a SIGPIPE. Faults of the program stay deliverable.
class no_signals {
public:
  no_signals() {
    sigset_t all;
    sigfillset(&all);
    for (auto fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGPROF})
      sigdelset(&all, fault);
    pthread_sigmask(SIG_BLOCK, &all, &before_);
  }

  no_signals(const no_signals&) = delete;
  no_signals& operator=(const no_signals&) = delete;

  ~no_signals() {
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

private:
  sigset_t before_;
};

} // namespace

shard::shard(caf::actor_system& system, size_t index, size_t max_throughput)
  : caf::execution_unit(&system),
    index_(index),
    max_throughput_(max_throughput),
    work_(context_.get_executor()) {
  // nop
}

shard::~shard() {
  assert(!thread_.joinable());
}

void shard::exec_later(caf::resumable* job) {
  if (on_own_thread()) {
    ready_.push_back(job);
    if (depth_ == 0 && !run_posted_)
      post_run();
    return;
  }
  {
    std::unique_lock guard{inbox_mutex_};
    if (closed_) {
      guard.unlock();
      end(job);
      return;
    }
    inbox_.push_back(job);
    if (std::exchange(inbox_posted_, true))
      return;
  }
  boost::asio::post(context_, [this] {
    scope woken{*this};
    take_inbox();
  });
}

std::span<char> shard::scratch() {
  if (!scratch_)
    scratch_ = std::make_unique_for_overwrite<char[]>(scratch_size);
  return {scratch_.get(), scratch_size};
}

void shard::start() {
  no_signals during_start;
  thread_ = std::thread{[this] { run(); }};
}

void shard::run() {
  small_blocks::keep();
  pthread_setname_np(pthread_self(), ("shard-" + std::to_string(index_)).c_str());
  system().thread_started();
  current_ = this;
  context_.run();
  current_ = nullptr;
  system().thread_terminates();
  small_blocks::release();
}

void shard::stop() {
  context_.stop();
  if (thread_.joinable())
    thread_.join();
}

bool shard::drain(const caf::resumable* last) {
  auto before = std::exchange(current_, this);
  // Nothing may be posted: what becomes ready is met further down this list.
  ++depth_;
  take_inbox();
  auto any = !ready_.empty();
  while (!ready_.empty()) {
    auto job = ready_.front();
    ready_.pop_front();
    if (job == last)
      resume(job);
    else
      end(job);
  }
  --depth_;
  current_ = before;
  return any;
}

void shard::close() {
  std::lock_guard guard{inbox_mutex_};
  closed_ = true;
}

void shard::drop_handlers() {
  auto before = std::exchange(current_, this);
  ++depth_;
  work_.reset();
  context_.shutdown();
  // Destroying one may ask for another.
  while (!burst_tasks_.empty()) {
    burst_tasks_running_.swap(burst_tasks_);
    burst_tasks_running_.clear();
  }
  --depth_;
  current_ = before;
}

void shard::run_ready() {
  if (ready_.empty())
    return;
  // Nothing is written by CAF's own logger, and where it is set, as each spawning does,
  // each turn of an actor takes a lock of it and looks into a table.
  caf::logger::set_current_actor_system(nullptr);
  for (size_t n = 0; n < resumes_per_turn && !ready_.empty(); ++n) {
    auto job = ready_.front();
    ready_.pop_front();
    resume(job);
  }
  if (!ready_.empty() && !run_posted_)
    post_run();
}

void shard::resume(caf::resumable* job) {
  if (job->resume(this, max_throughput_) == caf::resumable::resume_later)
    ready_.push_back(job);
  else
    intrusive_ptr_release(job);
}

void shard::post_run() {
  run_posted_ = true;
  boost::asio::post(context_, [this] {
    run_posted_ = false;
    scope rest{*this};
  });
}

void shard::post_burst_end() {
  burst_end_posted_ = true;
  boost::asio::post(context_, [this] { end_burst(); });
}

void shard::end_burst() {
  // Asked for again, this runs behind all that the sockets have brought meanwhile.
  auto handled = std::exchange(scopes_, 0);
  handled_in_burst_ += handled;
  if (handled > 1 && handled_in_burst_ < handlers_per_burst)
    return boost::asio::post(context_, [this] { end_burst(); });
  scope woken{*this};
  handled_in_burst_ = scopes_ = 0;
  // A task may ask for the end of the next burst.
  burst_end_posted_ = false;
  burst_tasks_running_.swap(burst_tasks_);
  for (auto& task : burst_tasks_running_)
    task();
  burst_tasks_running_.clear();
}

void shard::take_inbox() {
  {
    std::lock_guard guard{inbox_mutex_};
    arrived_.swap(inbox_);
    inbox_posted_ = false;
  }
  ready_.insert(ready_.end(), arrived_.begin(), arrived_.end());
  arrived_.clear();
}

void shard::end(caf::resumable* job) {
  // CAF's own `cleanup_and_release` skips `on_exit`, which leaks the state of a
  // stateful actor, and loses the references of those that a dying actor wakes.
  auto kind = job->subtype();
  if (kind == caf::resumable::scheduled_actor || kind == caf::resumable::io_actor) {
    auto& self = *static_cast<caf::scheduled_actor*>(job);
    if (!self.getf(caf::abstract_actor::is_cleaned_up_flag)) {
      self.context(this);
      self.quit(caf::exit_reason::user_shutdown);
      if (!self.finalize())
        self.cleanup(caf::exit_reason::user_shutdown, this);
    }
  }
  intrusive_ptr_release(job);
}

} // namespace hub
