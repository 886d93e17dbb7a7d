#include "messages/mirrored_headers.hpp"

#include "messages/base64.hpp"

#include <algorithm>

namespace hub {

namespace {

bool is_plain(std::string_view value) {
  if (value.empty())
    return true;
  if (value.front() == ' ' || value.back() == ' ' || value.starts_with(sentinel_start))
    return false;
  return std::all_of(value.begin(), value.end(), [](unsigned char c) { return c >= 0x20 && c < 0x7F; });
}

} // namespace

std::string_view mirrored_member(std::string_view method) noexcept {
  if (method == "tools/call" || method == "prompts/get")
    return "name";
  if (method == "resources/read")
    return "uri";
  if (method == "tasks/get" || method == "tasks/update" || method == "tasks/cancel")
    return "taskId";
  return {};
}

std::string encode_header_value(std::string_view value) {
  if (is_plain(value))
    return std::string{value};
  return std::string{sentinel_start} + base64(value) + std::string{sentinel_end};
}

} // namespace hub
