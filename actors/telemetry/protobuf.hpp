#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hub {

/// Writes the wire format of Protocol Buffers into a text.
class protobuf_writer {
public:
  explicit protobuf_writer(std::string& to) noexcept : to_(to) {
    // nop
  }

  void number(uint32_t field, uint64_t value) {
    tag(field, 0);
    varint(value);
  }

  void fixed(uint32_t field, uint64_t value) {
    tag(field, 1);
    for (int i = 0; i < 8; ++i, value >>= 8)
      to_ += static_cast<char>(value & 0xff);
  }

  void bytes(uint32_t field, std::string_view value) {
    tag(field, 2);
    varint(value.size());
    to_ += value;
  }

  /// A message that `write` writes. Its length is put in before it afterwards.
  template <class F>
  void message(uint32_t field, F&& write) {
    tag(field, 2);
    auto start = to_.size();
    write();
    char length[10];
    to_.insert(start, length, encode(to_.size() - start, length));
  }

private:
  static size_t encode(uint64_t x, char* to) noexcept {
    size_t size = 0;
    for (; x >= 0x80; x >>= 7)
      to[size++] = static_cast<char>((x & 0x7f) | 0x80);
    to[size++] = static_cast<char>(x);
    return size;
  }

  void varint(uint64_t x) {
    char text[10];
    to_.append(text, encode(x, text));
  }

  void tag(uint32_t field, uint32_t type) {
    varint(field << 3 | type);
  }

  std::string& to_;
};

} // namespace hub
