#include "service/config/stored_file.hpp"

#include <cerrno>
#include <cstdlib>
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

/// Writes it all to the disk. Returns errno.
int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    auto n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno != EINTR)
      return errno;
    if (n > 0)
      text.remove_prefix(static_cast<size_t>(n));
  }
  return ::fsync(fd) == 0 ? 0 : errno;
}

/// Writes `text` to a new file beside `path`, then calls `install(temporary)`,
/// which puts it in place and returns errno. Leaves no temporary file.
template <class F>
std::optional<config_error> write_beside(const fs::path& path, std::string_view text,
                                         F install) {
  auto folder = path.has_parent_path() ? path.parent_path() : fs::path{"."};
  if (auto code = make_folder(folder))
    return write_error(folder, code);
  // mkstemp creates with mode 0600.
  auto temporary = (folder / ("." + path.filename().string() + ".XXXXXX")).string();
  descriptor file{::mkostemp(temporary.data(), O_CLOEXEC)};
  if (file.get() < 0)
    return write_error(path, errno);
  auto code = write_all(file.get(), text);
  if (code == 0)
    code = install(temporary);
  if (code != 0) {
    ::unlink(temporary.c_str());
    return write_error(path, code);
  }
  // Makes the new name last; a file system that cannot do it has no more to give.
  descriptor parent{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (parent.get() >= 0)
    ::fsync(parent.get());
  return std::nullopt;
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
  auto target = target_of(path);
  return write_beside(target, text, [&](const std::string& temporary) {
    return ::rename(temporary.c_str(), target.c_str()) == 0 ? 0 : errno;
  });
}

std::optional<config_error> create_stored(const fs::path& path, std::string_view text) {
  auto exists = false;
  auto error = write_beside(path, text, [&](const std::string& temporary) {
    // A link fails where a file is, which a rename would replace.
    if (::link(temporary.c_str(), path.c_str()) != 0) {
      exists = errno == EEXIST;
      return errno;
    }
    ::unlink(temporary.c_str());
    return 0;
  });
  if (exists)
    return config_error{path.string(), "is already there",
                        "edit it, or move it away to start over"};
  return error;
}

} // namespace hub
