#include "server/stream_directory.hpp"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>
#include <utility>

namespace hub {

std::string stream_directory::add(std::weak_ptr<sse_exchange> stream) {
  std::array<unsigned char, 16> bytes;
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    throw std::system_error{errno, std::generic_category(), "getrandom"};
  auto name = std::to_string(shard_) + "-";
  static constexpr char hex[] = "0123456789abcdef";
  for (auto x : bytes) {
    name += hex[x >> 4];
    name += hex[x & 15];
  }
  streams_[name] = std::move(stream);
  return name;
}

std::shared_ptr<sse_exchange> stream_directory::find(const std::string& name) const {
  auto i = streams_.find(name);
  return i != streams_.end() ? i->second.lock() : nullptr;
}

void stream_directory::remove(const std::string& name) {
  streams_.erase(name);
}

std::optional<size_t> shard_of_stream(std::string_view name) noexcept {
  size_t result = 0;
  auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), result);
  if (error != std::errc{} || end == name.data() + name.size() || *end != '-')
    return std::nullopt;
  return result;
}

} // namespace hub
