#include "messages/whole_file.hpp"

#include <cerrno>
#include <cstdlib>

#include <fcntl.h>
#include <unistd.h>

namespace hub {

namespace {

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

} // namespace

int write_whole_file(const std::filesystem::path& path, std::string_view text, existing_file existing) {
  auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
  // mkostemp creates with mode 0600.
  auto temporary = (folder / ".new-XXXXXX").string();
  auto fd = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0)
    return errno;
  auto error = write_all(fd, text);
  ::close(fd);
  // A link fails where a file is, which a rename would replace.
  if (error == 0)
    error = (existing == existing_file::replaced ? ::rename(temporary.c_str(), path.c_str())
                                                 : ::link(temporary.c_str(), path.c_str()))
                == 0
              ? 0
              : errno;
  if (error != 0 || existing == existing_file::kept)
    ::unlink(temporary.c_str());
  // Makes the new name last; a file system that cannot do it has no more to give.
  if (auto parent = error == 0 ? ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1; parent >= 0) {
    ::fsync(parent);
    ::close(parent);
  }
  return error;
}

} // namespace hub
