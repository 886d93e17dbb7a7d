#pragma once

#include <unistd.h>

#include <utility>

namespace hub {

/// Owns one file descriptor and closes it at the end.
class descriptor {
public:
  descriptor() = default;

  explicit descriptor(int fd) noexcept : fd_(fd) {
    // nop
  }

  descriptor(descriptor&& other) noexcept : fd_(other.release()) {
    // nop
  }

  descriptor& operator=(descriptor&& other) noexcept {
    if (this != &other)
      reset(other.release());
    return *this;
  }

  ~descriptor() {
    reset();
  }

  /// The descriptor, or -1 if there is none.
  int get() const noexcept {
    return fd_;
  }

  explicit operator bool() const noexcept {
    return fd_ >= 0;
  }

  /// Gives the descriptor away.
  int release() noexcept {
    return std::exchange(fd_, -1);
  }

  /// Closes what is held and holds `fd` instead.
  void reset(int fd = -1) noexcept {
    if (fd_ >= 0)
      ::close(fd_);
    fd_ = fd;
  }

private:
  int fd_ = -1;
};

} // namespace hub
