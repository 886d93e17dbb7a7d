#include "messages/trace_context.hpp"

#include <algorithm>
#include <random>

namespace hub {

namespace {

/// SplitMix64: a handful of instructions, and no two of its numbers are the same.
class id_generator {
public:
  id_generator() {
    std::random_device system;
    for (int i = 0; i < 2; ++i)
      state_ = state_ << 32 | system();
  }

  uint64_t next() noexcept {
    state_ += 0x9E3779B97F4A7C15u;
    auto x = state_;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
  }

private:
  uint64_t state_ = 0;
};

uint64_t next_number() noexcept {
  thread_local id_generator generator;
  for (;;)
    if (auto result = generator.next(); result != 0)
      return result;
}

void append_hex(std::string& to, uint64_t x) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4)
    to += digits[(x >> shift) & 15];
}

/// Small hex digits only, as the format wants them.
std::optional<uint64_t> read_hex(std::string_view text) noexcept {
  uint64_t result = 0;
  for (auto c : text) {
    if (c >= '0' && c <= '9')
      result = result << 4 | static_cast<uint64_t>(c - '0');
    else if (c >= 'a' && c <= 'f')
      result = result << 4 | static_cast<uint64_t>(c - 'a' + 10);
    else
      return std::nullopt;
  }
  return result;
}

} // namespace

trace_id new_trace_id() noexcept {
  return {next_number(), next_number()};
}

span_id new_span_id() noexcept {
  return next_number();
}

std::string to_string(const trace_id& x) {
  std::string result;
  result.reserve(32);
  append_hex(result, x.high);
  append_hex(result, x.low);
  return result;
}

std::string span_text(span_id x) {
  std::string result;
  append_hex(result, x);
  return result;
}

trace_context_ptr begin_trace(bool sampled) {
  trace_context result;
  result.trace = new_trace_id();
  result.call = new_span_id();
  result.flags = sampled ? 1 : 0;
  return std::make_shared<const trace_context>(std::move(result));
}

std::optional<trace_context> read_traceparent(std::string_view text) {
  // 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
  constexpr size_t size = 55;
  if (text.size() < size || text[2] != '-' || text[35] != '-' || text[52] != '-')
    return std::nullopt;
  auto version = read_hex(text.substr(0, 2));
  auto high = read_hex(text.substr(3, 16));
  auto low = read_hex(text.substr(19, 16));
  auto parent = read_hex(text.substr(36, 16));
  auto flags = read_hex(text.substr(53, 2));
  if (!version || !high || !low || !parent || !flags || *version == 0xff || *parent == 0)
    return std::nullopt;
  if (*version == 0 ? text.size() != size : text.size() > size && text[size] != '-')
    return std::nullopt;
  trace_context result;
  result.trace = {*high, *low};
  if (!result.trace)
    return std::nullopt;
  result.parent = *parent;
  result.call = new_span_id();
  // What later versions mean by the other bits is not known (section 4.3).
  result.flags = static_cast<uint8_t>(*flags & 1);
  return result;
}

std::string traceparent_of(const trace_context& x) {
  std::string result = "00-";
  result.reserve(55);
  append_hex(result, x.trace.high);
  append_hex(result, x.trace.low);
  result += '-';
  append_hex(result, x.call);
  return result += x.sampled() ? "-01" : "-00";
}

bool is_header_text(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](unsigned char c) { return (c >= 0x20 && c < 0x7f) || c == '\t'; });
}

} // namespace hub
