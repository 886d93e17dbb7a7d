#include "actors/transport/child_launch.hpp"

#include "actors/transport/offspring.hpp"
#include "actors/transport/pipe_end.hpp"
#include "actors/transport/reap_later.hpp"

#include <boost/asio/post.hpp>

#include <fcntl.h>
#include <sys/eventfd.h>

#include <atomic>
#include <system_error>
#include <thread>
#include <utility>

namespace hub {

namespace {

constexpr int most_launches = 64;

std::atomic<int> running_launches{0};

launch_failure no_descriptor() {
  return {"the hub has no file descriptor left", "Raise the limit (ulimit -n)."};
}

launch_outcome launch(const launch_order& order) {
  auto started = child_process::launch(order.program);
  if (auto why = std::get_if<launch_failure>(&started))
    return std::move(*why);
  auto& child = std::get<child_process>(started);
  auto end = child.open_end();
  if (!end)
    return no_descriptor();
  child_record record{order.records_folder, child.pid(), order.server, child.mark()};
  return launched_child{std::move(child), std::move(record), std::move(end)};
}

/// What a launch and its asker share. The thread touches nothing else, so that it may outlive the asker.
struct shared_launch {
  launch_order order;
  std::unique_ptr<launch_outcome> outcome;

  /// Set by the first of both: the thread when there is an outcome, the asker when he wants none. The other one
  /// disposes of it.
  std::atomic<bool> settled{false};

  /// Readable when the outcome is there.
  descriptor done;
};

void run(std::shared_ptr<shared_launch> shared) {
  // Until all that it took is given back, the hub does not end.
  auto birth = offspring::of_this_process().begin();
  shared->outcome = std::make_unique<launch_outcome>(launch(shared->order));
  --running_launches;
  if (shared->settled.exchange(true)) {
    shared->outcome.reset();
  } else {
    uint64_t one = 1;
    // It was made for this one write, which cannot fail.
    [[maybe_unused]] auto count = ::write(shared->done.get(), &one, sizeof one);
  }
  shared.reset();
}

} // namespace

struct child_launch::waiting {
  waiting(boost::asio::io_context& where, std::function<void(launch_outcome)> f)
    : context(where), wake(where), done(std::move(f)) {
    // nop
  }

  boost::asio::io_context& context;
  pipe_end wake;
  std::shared_ptr<shared_launch> shared;
  std::function<void(launch_outcome)> done;

  void tell(launch_outcome outcome) {
    if (auto f = std::exchange(done, nullptr))
      f(std::move(outcome));
  }

  void take() {
    // It is there: this says so to who checks for races.
    if (!done || !shared->settled.load())
      return;
    auto outcome = std::exchange(shared->outcome, nullptr);
    shut(wake);
    shared.reset();
    tell(std::move(*outcome));
  }
};

child_launch::~child_launch() {
  stop();
}

void child_launch::stop() {
  auto x = std::exchange(waiting_, nullptr);
  if (!x)
    return;
  x->done = nullptr;
  shut(x->wake);
  if (!x->shared || !x->shared->settled.exchange(true))
    return;
  auto& outcome = x->shared->outcome;
  if (auto* child = std::get_if<launched_child>(outcome.get()))
    reap_later(x->context, std::move(child->process), std::move(child->record));
  outcome.reset();
}

void child_launch::start(boost::asio::io_context& context, launch_order order, std::function<void(launch_outcome)> done) {
  auto entry = std::make_shared<waiting>(context, std::move(done));
  waiting_ = entry;
  auto fail_later = [&](launch_failure why) {
    boost::asio::post(context, [entry, why = std::move(why)]() mutable { entry->tell(std::move(why)); });
  };
  auto shared = std::make_shared<shared_launch>();
  shared->order = std::move(order);
  shared->done.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  descriptor ours{shared->done ? ::fcntl(shared->done.get(), F_DUPFD_CLOEXEC, 0) : -1};
  if (!ours)
    return fail_later(no_descriptor());
  if (++running_launches > most_launches) {
    --running_launches;
    return fail_later({std::to_string(most_launches) + " programs are being started and do not begin",
                       "See whether the disk that they are on answers."});
  }
  try {
    std::thread{[shared]() mutable { run(std::move(shared)); }}.detach();
  } catch (const std::system_error&) {
    --running_launches;
    return fail_later({"the system has no room for another thread", "Stop other programs or raise the limit (ulimit -u)."});
  }
  entry->shared = std::move(shared);
  entry->wake.assign(ours.release());
  entry->wake.async_wait(pipe_end::wait_read, [entry](boost::system::error_code failed) {
    if (!failed)
      entry->take();
  });
}

} // namespace hub
