#include "service/config/stored_file.hpp"

#include "messages/whole_file.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hub {

namespace {

namespace fs = std::filesystem;

/// A file descriptor that is closed at the end of its scope.
class descriptor {
public:
  explicit descriptor(int fd) noexcept : fd_(fd) {
    // nop
  }

  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;

  ~descriptor() {
    if (fd_ >= 0)
      ::close(fd_);
  }

  int get() const noexcept {
    return fd_;
  }

private:
  int fd_;
};

std::string reason(int error) {
  return std::generic_category().message(error);
}

config_error read_error(const fs::path& path, int error) {
  auto fix = error == EACCES ? "give yourself the right to read it" : "check the path";
  return {path.string(), "cannot be read: " + reason(error), fix};
}

config_error write_error(const fs::path& path, int error) {
  auto fix = error == ENOSPC ? "make room on the disk"
                             : "check that the folder exists and that you may write to it";
  return {path.string(), "cannot be written: " + reason(error), fix};
}

/// The file that links lead to, whether or not it exists yet.
fs::path target_of(fs::path path) {
  std::error_code error;
  // As many links as Linux follows.
  for (int i = 0; i < 40 && fs::is_symlink(path, error); ++i) {
    auto next = fs::read_symlink(path, error);
    if (error)
      break;
    path = next.is_absolute() ? next : path.parent_path() / next;
  }
  return path;
}

/// Makes `folder` and what is missing above it, with mode 0700. Returns errno.
int make_folder(const fs::path& folder) {
  std::error_code error;
  if (folder.empty() || fs::is_directory(folder, error))
    return 0;
  if (auto code = make_folder(folder.parent_path()))
    return code;
  return ::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST ? 0 : errno;
}

/// Writes `path` and makes the folders that it needs.
std::optional<config_error> write(const fs::path& path, std::string_view text, existing_file existing) {
  if (auto code = make_folder(path.parent_path()))
    return write_error(path.parent_path(), code);
  auto code = write_whole_file(path, text, existing);
  if (code == EEXIST && existing == existing_file::kept)
    return config_error{path.string(), "is already there", "edit it, or move it away to start over"};
  return code == 0 ? std::nullopt : std::optional{write_error(path, code)};
}

} // namespace

config_result<stored_text> read_stored(const fs::path& path, size_t max_bytes) {
  // Not blocking, so that opening a pipe returns.
  descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.get() < 0)
    return read_error(path, errno);
  struct stat info = {};
  if (::fstat(file.get(), &info) != 0)
    return read_error(path, errno);
  if (!S_ISREG(info.st_mode))
    return config_error{path.string(), "is no regular file", "put a text file there"};
  auto too_large = config_error{path.string(),
                                "is larger than " + std::to_string(max_bytes) + " bytes",
                                "check that it is the right file"};
  if (static_cast<size_t>(info.st_size) > max_bytes)
    return too_large;
  stored_text result;
  result.open_to_others = (info.st_mode & 077) != 0;
  result.text.resize(static_cast<size_t>(info.st_size));
  size_t size = 0;
  for (;;) {
    // The file may have grown since it was opened.
    if (size == result.text.size())
      result.text.resize(size + 4096);
    auto n = ::read(file.get(), result.text.data() + size, result.text.size() - size);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return read_error(path, errno);
    if (n == 0)
      break;
    size += static_cast<size_t>(n);
    if (size > max_bytes)
      return too_large;
  }
  result.text.resize(size);
  return result;
}

std::optional<config_error> write_stored(const fs::path& path, std::string_view text) {
  return write(target_of(path), text, existing_file::replaced);
}

std::optional<config_error> create_stored(const fs::path& path, std::string_view text) {
  return write(path, text, existing_file::kept);
}

} // namespace hub
