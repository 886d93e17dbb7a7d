#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace hub {

/// Header fields of a request as they are sent, in order: checked once, as they are added, and one
/// piece of memory (RFC 9110, section 5).
class header_block {
public:
  header_block() = default;

  header_block(std::initializer_list<std::pair<std::string_view, std::string_view>> fields);

  /// Adds a field. Those that say how a request is sent, which is not for others to say (Host,
  /// Content-Length, Connection, Transfer-Encoding), are left out. One with characters that HTTP
  /// forbids is left out, too, and remembered as the fault.
  void add(std::string_view name, std::string_view value);

  /// Adds the fields of another block, or remembers its fault.
  void add(const header_block& other);

  /// Makes room for so many bytes in all.
  void reserve(size_t bytes) {
    text_.reserve(bytes);
  }

  /// The value of the first field called `name`, in any case; null data if there is none.
  std::string_view find(std::string_view name) const noexcept;

  bool has(std::string_view name) const noexcept {
    return find(name).data() != nullptr;
  }

  /// Lines `Name: value`, each with its CR LF.
  const std::string& text() const noexcept {
    return text_;
  }

  /// The name of the first field that cannot be sent; empty if all can.
  const std::string& fault() const noexcept {
    return fault_;
  }

private:
  std::string text_;
  std::string fault_;
};

/// Whether `text` can be the name of a header or a method (RFC 9110, section 5.6.2).
bool is_http_token(std::string_view text) noexcept;

/// Whether two names of headers are the same, in any case.
bool same_header(std::string_view a, std::string_view b) noexcept;

} // namespace hub
