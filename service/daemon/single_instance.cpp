#include "service/daemon/single_instance.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace hub {

single_instance::single_instance(const std::filesystem::path& folder) {
  auto path = folder / "hub.lock";
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file_ < 0) {
    failure_ = "cannot open " + path.string() + ": " + std::strerror(errno);
    return;
  }
  if (::flock(file_, LOCK_EX | LOCK_NB) == 0) {
    held_ = true;
    return;
  }
  if (errno != EWOULDBLOCK) {
    failure_ = "cannot lock " + path.string() + ": " + std::strerror(errno);
    return;
  }
  std::array<char, 512> text;
  auto size = ::pread(file_, text.data(), text.size(), 0);
  holder_.assign(text.data(), size > 0 ? static_cast<size_t>(size) : 0);
  while (!holder_.empty() && holder_.back() == '\n')
    holder_.pop_back();
}

single_instance::~single_instance() {
  if (file_ >= 0)
    ::close(file_);
}

void single_instance::describe(const std::string& text) {
  // It serves only messages, so a full disk does not matter.
  if (held_ && ::ftruncate(file_, 0) == 0) {
    [[maybe_unused]] auto written = ::pwrite(file_, text.data(), text.size(), 0);
  }
}

} // namespace hub
