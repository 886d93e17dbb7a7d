#include "actors/transport/line_framer.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace hub {

namespace {

/// From this size on, a line gets room for all that it may have.
constexpr size_t last_step_bytes = 1024 * 1024;

/// Removes the line end; the result is empty for a blank line.
std::string_view content_of(std::string_view line) noexcept {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r'))
    line.remove_suffix(1);
  if (line.empty() || line.front() == ' ' || line.front() == '\t')
    if (line.find_first_not_of(" \t") == std::string_view::npos)
      return {};
  return line;
}

} // namespace

line_framer::line_framer(size_t line_limit) : line_limit_(std::max<size_t>(line_limit, 1)) {
  // nop
}

bool line_framer::feed(std::string_view chunk, std::vector<json_text>& lines) {
  // The standard library's rfind goes byte by byte.
  auto stop = static_cast<const char*>(memrchr(chunk.data(), '\n', chunk.size()));
  if (!stop) {
    if (partial_.size() + chunk.size() > line_limit_)
      return false;
    // A long line mostly goes on. Room that is not touched costs no memory, and
    // each larger buffer that is touched costs a copy and its pages: a line beyond
    // the last step is never copied again, which would hold up the shard.
    auto size = partial_.size() + chunk.size();
    if (size > own_buffer_bytes && size > partial_.capacity())
      partial_.reserve(size > last_step_bytes ? line_limit_ : std::min(line_limit_, 4 * size));
    partial_.append(chunk);
    return true;
  }
  auto complete = chunk.substr(0, static_cast<size_t>(stop - chunk.data()) + 1);
  auto rest = chunk.substr(complete.size());
  if (!partial_.empty()) {
    auto text = std::exchange(partial_, std::string{});
    if (text.size() > own_buffer_bytes) {
      auto first_end = complete.find('\n');
      text.append(complete.substr(0, first_end + 1));
      complete.remove_prefix(first_end + 1);
    } else {
      text.append(complete);
      complete = {};
    }
    if (!cut(std::move(text), lines))
      return false;
  }
  if (!complete.empty() && !cut(std::string{complete}, lines))
    return false;
  partial_ = rest;
  return partial_.size() <= line_limit_;
}

void line_framer::finish(std::vector<json_text>& lines) {
  auto text = std::exchange(partial_, std::string{});
  if (auto line = content_of(text); !line.empty())
    lines.push_back(json_text{std::string{line}});
}

bool line_framer::cut(std::string text, std::vector<json_text>& lines) const {
  json_text whole{std::move(text)};
  auto view = whole.view();
  auto at = view.data();
  auto end = at + view.size();
  while (at != end) {
    auto stop = static_cast<const char*>(std::memchr(at, '\n', static_cast<size_t>(end - at)));
    auto line = content_of({at, static_cast<size_t>(stop - at)});
    if (line.size() > line_limit_)
      return false;
    if (!line.empty())
      lines.push_back(whole.slice(line));
    at = stop + 1;
  }
  return true;
}

} // namespace hub
