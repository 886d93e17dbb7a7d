#include "actors/transport/rotated_log.hpp"

#include "messages/printable_line.hpp"
#include "messages/redaction.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace hub {

rotated_log::rotated_log(std::string path) : path_(std::move(path)) {
  // nop
}

void rotated_log::write(std::string_view raw) {
  if (raw.empty())
    return;
  // A value that two reads share is masked in the last lines only, which are whole.
  auto masked = process_redaction().apply(raw);
  std::string_view bytes{masked};
  remember(bytes);
  store(bytes);
  ends_inside_line_ = bytes.back() != '\n';
}

void rotated_log::note(std::string_view sentence) {
  std::string line = std::exchange(ends_inside_line_, false) ? "\n[hub] " : "[hub] ";
  line += sentence;
  line += '\n';
  store(line);
}

std::vector<std::string> rotated_log::last_lines() const {
  std::vector<std::string> result;
  for (auto& line : lines_)
    if (auto text = printable_line(line); text.find_first_not_of(' ') != std::string::npos)
      result.push_back(std::move(text));
  if (!partial_.empty())
    result.push_back(printable_line(partial_));
  if (result.size() > lines_kept)
    result.erase(result.begin());
  for (auto& line : result)
    line = process_redaction().apply(line);
  return result;
}

void rotated_log::remember(std::string_view bytes) {
  // Only the tail can matter: a flood of short lines costs no more than a few.
  auto from = bytes.size();
  for (size_t ends = 0; ends <= lines_kept; ++ends) {
    if (from == 0 || (from = bytes.rfind('\n', from - 1)) == std::string_view::npos) {
      from = std::string_view::npos;
      break;
    }
  }
  if (from != std::string_view::npos) {
    bytes.remove_prefix(from + 1);
    partial_.clear();
  }
  auto extend = [this](std::string_view text) {
    partial_ += text.substr(0, line_bytes_kept - std::min(line_bytes_kept, partial_.size()));
  };
  for (auto end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
    extend(bytes.substr(0, end));
    bytes.remove_prefix(end + 1);
    if (!partial_.empty() && partial_.back() == '\r')
      partial_.pop_back();
    if (partial_.empty())
      continue;
    if (lines_.size() == lines_kept)
      lines_.pop_front();
    lines_.push_back(std::exchange(partial_, std::string{}));
  }
  extend(bytes);
}

void rotated_log::store(std::string_view bytes) {
  if (path_.empty())
    return;
  if (size_ > 0 && size_ + bytes.size() > file_bytes) {
    // A file ends with a whole line where one ends in this piece.
    auto head = ends_inside_line_ ? bytes.find('\n') + 1 : 0;
    if (head > 0) {
      auto written = file_ ? ::write(file_.get(), bytes.data(), head) : -1;
      bytes.remove_prefix(written > 0 ? static_cast<size_t>(written) : 0);
    }
    rotate();
  }
  if (bytes.empty())
    return;
  auto lost = [&](std::string_view text) {
    auto lines = static_cast<uint64_t>(std::max<ptrdiff_t>(1, std::count(text.begin(), text.end(), '\n')));
    dropped_ += lines;
    unreported_ += lines;
  };
  if (!open()) {
    lost(bytes);
    return;
  }
  if (unreported_ > 0) {
    auto line = "[hub] " + std::to_string(unreported_) + " lines could not be written here\n";
    if (::write(file_.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size())) {
      unreported_ = 0;
      size_ += line.size();
    }
  }
  auto written = ::write(file_.get(), bytes.data(), bytes.size());
  if (written > 0) {
    size_ += static_cast<size_t>(written);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  if (!bytes.empty())
    lost(bytes);
}

bool rotated_log::open() {
  if (file_)
    return true;
  constexpr auto flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC;
  file_.reset(::open(path_.c_str(), flags, 0600));
  if (!file_ && errno == ENOENT) {
    if (auto slash = path_.rfind('/'); slash != std::string::npos && slash > 0)
      if (::mkdir(path_.substr(0, slash).c_str(), 0700) == 0)
        file_.reset(::open(path_.c_str(), flags, 0600));
  }
  if (!file_)
    return false;
  struct stat about {};
  size_ = ::fstat(file_.get(), &about) == 0 ? static_cast<size_t>(about.st_size) : 0;
  return true;
}

void rotated_log::rotate() {
  file_.reset();
  size_ = 0;
  auto name = [this](int i) { return i == 0 ? path_ : path_ + "." + std::to_string(i); };
  for (int i = files_kept - 1; i > 0; --i)
    // Missing files are as good as renamed ones, and what cannot be renamed is
    // written on; either way there is a file to append to.
    std::rename(name(i - 1).c_str(), name(i).c_str());
}

} // namespace hub
