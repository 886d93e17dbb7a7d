#include "service/daemon/signals.hpp"

#include "actors/transport/offspring.hpp"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace hub {

end_signals::end_signals() {
  sigemptyset(&set_);
  for (auto number : {SIGTERM, SIGINT, SIGHUP, SIGUSR2, SIGCHLD})
    sigaddset(&set_, number);
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  // A closed pipe or socket is an error of the write.
  std::signal(SIGPIPE, SIG_IGN);
  // So is a file that may not grow (ulimit -f): the database and the log say so, and the hub serves on.
  std::signal(SIGXFSZ, SIG_IGN);
}

int end_signals::wait(std::chrono::milliseconds limit) {
  auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    auto left = std::max(std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()),
                         std::chrono::milliseconds{0});
    timespec time{left.count() / 1000, left.count() % 1000 * 1'000'000};
    auto number = sigtimedwait(&set_, nullptr, &time);
    if (number == SIGCHLD)
      offspring::of_this_process().end_strays();
    else
      return number > 0 ? number : 0;
  }
}

int end_signals::wait() {
  for (;;) {
    auto number = sigwaitinfo(&set_, nullptr);
    if (number == SIGCHLD)
      offspring::of_this_process().end_strays();
    else if (number > 0)
      return number;
  }
}

void end_signals::raise() noexcept {
  ::kill(::getpid(), SIGTERM);
}

void end_signals::raise_restart() noexcept {
  ::kill(::getpid(), SIGUSR2);
}

} // namespace hub
