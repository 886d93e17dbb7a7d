#include "demo/line_loop.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <poll.h>
#include <unistd.h>

namespace hub::demo {

namespace {

/// The longest line that is taken.
constexpr size_t longest_line = 4 * 1024 * 1024;

/// With more than this to be written, nothing more is read.
constexpr size_t most_queued = 1024 * 1024;

/// In milliseconds for poll; -1 is forever.
int wait_until(std::optional<line_loop::clock::time_point> time) {
  if (!time)
    return -1;
  auto left = std::chrono::ceil<std::chrono::milliseconds>(*time - line_loop::clock::now()).count();
  return static_cast<int>(std::clamp<long long>(left, 0, INT_MAX));
}

} // namespace

line_loop::line_loop(int input, int output) noexcept : input_(input), output_(output) {
  // nop
}

void line_loop::write(std::string_view line) {
  queued_.append(line).push_back('\n');
}

bool line_loop::run(const callbacks& on) {
  auto input_open = true;
  while (input_open || written_ < queued_.size()) {
    if (input_open)
      on.on_time();
    auto pending = queued_.size() - written_;
    pollfd fds[2] = {{input_open && pending <= most_queued ? input_ : -1, POLLIN, 0},
                     {pending > 0 ? output_ : -1, POLLOUT, 0}};
    if (poll(fds, 2, input_open ? wait_until(on.next_time()) : -1) < 0 && errno != EINTR)
      return false;
    if (fds[1].revents != 0 && !write_some())
      return false;
    if (fds[0].revents != 0)
      input_open = read_some(on);
  }
  return true;
}

bool line_loop::read_some(const callbacks& on) {
  char chunk[64 * 1024];
  auto count = read(input_, chunk, sizeof chunk);
  if (count < 0)
    return errno == EINTR || errno == EAGAIN;
  if (count == 0)
    return false;
  auto searched = read_.size();
  read_.append(chunk, static_cast<size_t>(count));
  size_t begin = 0;
  for (auto end = read_.find('\n', searched); end != std::string::npos; end = read_.find('\n', begin)) {
    auto line = std::string_view{read_}.substr(begin, end - begin);
    begin = end + 1;
    if (skipping_)
      skipping_ = false;
    else if (line.find_first_not_of(" \t\r") != std::string_view::npos)
      on.on_line(line);
  }
  read_.erase(0, begin);
  if (read_.size() > longest_line) {
    if (!skipping_)
      on.on_long_line();
    skipping_ = true;
    read_ = {};
  }
  return true;
}

bool line_loop::write_some() {
  // poll promises room for this much only, and the descriptor may block: it may
  // be shared with others, so its flags are not ours to change.
  auto count = ::write(output_, queued_.data() + written_, std::min<size_t>(queued_.size() - written_, PIPE_BUF));
  if (count < 0)
    return errno == EINTR || errno == EAGAIN;
  written_ += static_cast<size_t>(count);
  if (written_ == queued_.size()) {
    queued_ = {};
    written_ = 0;
  }
  return true;
}

} // namespace hub::demo
