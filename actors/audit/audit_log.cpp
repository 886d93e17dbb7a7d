#include "actors/audit/audit_log.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <optional>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace hub {

namespace {

/// The longest end of a file that is searched for its last line.
constexpr size_t tail_limit = 1 << 20;

/// The room for lines that is kept from one message to the next, in bytes.
constexpr size_t most_kept = 1 << 20;

/// The end of a file: its last whole line, and how many bytes are behind it.
struct file_end {
  std::string line;
  size_t unfinished = 0;
};

std::optional<file_end> read_end(int file, size_t size) {
  auto length = std::min(size, tail_limit);
  std::string text(length, '\0');
  if (::pread(file, text.data(), length, static_cast<off_t>(size - length)) != static_cast<ssize_t>(length))
    return std::nullopt;
  file_end result;
  auto last = text.rfind('\n');
  if (last == std::string::npos) {
    result.unfinished = length;
    return result;
  }
  result.unfinished = length - last - 1;
  auto start = last == 0 ? std::string::npos : text.rfind('\n', last - 1);
  start = start == std::string::npos ? 0 : start + 1;
  result.line = text.substr(start, last - start);
  return result;
}

/// The end of the chain in a file that is not written any more; the beginning of one if there is none.
chain_position end_of_chain(const std::string& path) {
  auto file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0)
    return {};
  struct stat found {};
  chain_position result;
  if (::fstat(file, &found) == 0 && found.st_size > 0)
    if (auto end = read_end(file, static_cast<size_t>(found.st_size)))
      result = read_position(end->line).value_or(chain_position{});
  ::close(file);
  return result;
}

} // namespace

audit_log::audit_log(audit_log_settings settings) : settings_(std::move(settings)) {
  // nop
}

audit_log::~audit_log() {
  close();
}

void audit_log::close() noexcept {
  if (file_ >= 0)
    ::close(std::exchange(file_, -1));
}

int audit_log::open() {
  if (file_ >= 0)
    return 0;
  auto path = settings_.file.string();
  // A link could lead the lines somewhere else.
  auto file = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0)
    return errno;
  struct stat found {};
  auto good = ::fstat(file, &found) == 0 && S_ISREG(found.st_mode) && ::fchmod(file, 0600) == 0;
  auto size = static_cast<size_t>(found.st_size);
  auto end = good && size > 0 ? read_end(file, size) : std::optional{file_end{}};
  if (good && end && end->unfinished > 0) {
    size -= end->unfinished;
    good = ::ftruncate(file, static_cast<off_t>(size)) == 0;
  }
  if (!good || !end) {
    auto error = errno != 0 ? errno : EIO;
    ::close(file);
    return error;
  }
  file_ = file;
  size_ = size;
  if (position_.number == 0)
    position_ = size_ > 0 ? read_position(end->line).value_or(chain_position{}) : end_of_chain(path + ".1");
  return 0;
}

int audit_log::rotate() {
  close();
  auto path = settings_.file.string();
  auto name = [&](size_t i) { return i == 0 ? path : path + "." + std::to_string(i); };
  auto last = std::max<size_t>(settings_.files, 2) - 1;
  ::unlink(name(last).c_str());
  for (auto i = last; i > 0; --i)
    if (std::rename(name(i - 1).c_str(), name(i).c_str()) != 0 && errno != ENOENT)
      return errno;
  return open();
}

int audit_log::append(std::string_view lines) {
  if (auto error = open())
    return error;
  auto position = position_;
  auto& text = text_;
  text.clear();
  if (text.capacity() > most_kept)
    text.shrink_to_fit();
  while (!lines.empty()) {
    auto end = lines.find('\n');
    seal_line(text, lines.substr(0, end), position);
    text += '\n';
    lines.remove_prefix(std::min(end, lines.size() - 1) + 1);
  }
  if (size_ > 0 && size_ + text.size() > settings_.max_bytes)
    if (auto error = rotate())
      return error;
  std::string_view rest = text;
  while (!rest.empty()) {
    auto count = ::write(file_, rest.data(), rest.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0) {
      auto error = count < 0 ? errno : ENOSPC;
      // Half of a line would break the chain. If this fails too, the next start repairs it.
      if (::ftruncate(file_, static_cast<off_t>(size_)) != 0)
        close();
      return error;
    }
    rest.remove_prefix(static_cast<size_t>(count));
  }
  size_ += text.size();
  position_ = std::move(position);
  return 0;
}

} // namespace hub
