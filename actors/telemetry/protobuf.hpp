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
    char text[8];
    for (auto& c : text) {
      c = static_cast<char>(value & 0xff);
      value >>= 8;
    }
    to_.append(text, sizeof text);
  }

  void bytes(uint32_t field, std::string_view value) {
    tag(field, 2);
    varint(value.size());
    to_ += value;
  }

  /// The size of a text as a field with a number below 16.
  static size_t size_of_bytes(std::string_view value) noexcept {
    return 1 + size_of(value.size()) + value.size();
  }

  static size_t size_of_number(uint64_t value) noexcept {
    return 1 + size_of(value);
  }

  /// Begins a message whose size is known.
  void begin_message(uint32_t field, size_t size) {
    tag(field, 2);
    varint(size);
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
  static size_t size_of(uint64_t x) noexcept {
    size_t size = 1;
    for (; x >= 0x80; x >>= 7)
      ++size;
    return size;
  }

  static size_t encode(uint64_t x, char* to) noexcept {
    size_t size = 0;
    for (; x >= 0x80; x >>= 7)
      to[size++] = static_cast<char>((x & 0x7f) | 0x80);
    to[size++] = static_cast<char>(x);
    return size;
  }

  void varint(uint64_t x) {
    if (x < 0x80) {
      to_ += static_cast<char>(x);
      return;
    }
    char text[10];
    to_.append(text, encode(x, text));
  }

  void tag(uint32_t field, uint32_t type) {
    varint(field << 3 | type);
  }

  std::string& to_;
};

} // namespace hub
