#include "cli/log_file.hpp"

#include "cli/exit_code.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <ostream>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hub::cli {

namespace {

/// A descriptor that is closed at the end of the scope.
class descriptor {
public:
  explicit descriptor(int value) noexcept : value_(value) {
    // nop
  }

  ~descriptor() {
    if (value_ >= 0)
      close(value_);
  }

  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;

  int get() const noexcept {
    return value_;
  }

private:
  int value_;
};

} // namespace

void print_log(console& io, const std::filesystem::path& path, size_t lines, bool follow) {
  auto print = [&io](std::string_view text) {
    io.out << (io.out_is_terminal ? printable_text(text) : std::string{text}) << std::flush;
  };
  log_file log{path};
  log.tail(lines, print);
  if (follow)
    log.follow(print, [&io] { return static_cast<bool>(io.out); });
}

log_file::log_file(std::filesystem::path path) : path_(std::move(path)) {
  // nop
}

log_file::~log_file() {
  if (file_ >= 0)
    close(file_);
}

bool log_file::open() {
  if (file_ < 0)
    file_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (file_ < 0 && errno != ENOENT)
    throw command_error{"cannot read " + path_.string() + ": " + std::strerror(errno)
                        + "; run this as the user who started the hub"};
  return file_ >= 0;
}

void log_file::tail(size_t lines, const sink& out) {
  if (!open())
    return;
  // Blocks are read from the end until they hold enough lines.
  std::array<char, 16 * 1024> block;
  auto position = lseek(file_, 0, SEEK_END);
  auto end = position;
  size_t newlines = 0;
  while (position > 0 && newlines <= lines) {
    auto size = std::min<off_t>(position, static_cast<off_t>(block.size()));
    auto count = pread(file_, block.data(), static_cast<size_t>(size), position - size);
    if (count != size)
      break;
    for (auto i = size; i > 0; --i) {
      auto is_last_byte = position - size + i == end;
      if (block[static_cast<size_t>(i - 1)] == '\n' && !is_last_byte && ++newlines == lines) {
        lseek(file_, position - size + i, SEEK_SET);
        return read_on(out);
      }
    }
    position -= size;
  }
  lseek(file_, lines == 0 ? end : 0, SEEK_SET);
  read_on(out);
}

void log_file::read_on(const sink& out) {
  std::array<char, 16 * 1024> block;
  for (;;) {
    auto count = read(file_, block.data(), block.size());
    if (count <= 0)
      return;
    out({block.data(), static_cast<size_t>(count)});
  }
}

bool log_file::rotated() const {
  struct stat ours {};
  struct stat current {};
  return fstat(file_, &ours) == 0 && ::stat(path_.c_str(), &current) == 0
         && (ours.st_ino != current.st_ino || ours.st_dev != current.st_dev);
}

void log_file::follow(const sink& out, const std::function<bool()>& keep_on) {
  descriptor watch{inotify_init1(IN_CLOEXEC)};
  auto folder = path_.parent_path();
  if (watch.get() < 0 || inotify_add_watch(watch.get(), folder.c_str(), IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0)
    throw command_error{"cannot watch " + folder.string() + ": " + std::strerror(errno)
                        + "; leave out -f to read what is there"};
  while (keep_on()) {
    if (open()) {
      read_on(out);
      if (rotated()) {
        // What was written between reading and rotating comes first.
        read_on(out);
        close(file_);
        file_ = -1;
        continue;
      }
    }
    if (!keep_on())
      return;
    alignas(inotify_event) std::array<char, 4096> events;
    if (read(watch.get(), events.data(), events.size()) < 0 && errno != EINTR)
      throw command_error{"watching " + folder.string() + " failed: " + std::strerror(errno) + "; try again"};
  }
}

} // namespace hub::cli
