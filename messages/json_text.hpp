#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// An immutable, reference-counted slice of JSON (or any other) text. Copying
/// shares the bytes; a slice keeps the whole buffer alive.
class json_text {
public:
  json_text() = default;

  /// Takes ownership of `text`.
  explicit json_text(std::string text);

  /// Refers to text that outlives everything, such as a literal.
  static json_text of_literal(std::string_view text) noexcept;

  std::string_view view() const noexcept {
    return view_;
  }

  bool empty() const noexcept {
    return view_.empty();
  }

  size_t size() const noexcept {
    return view_.size();
  }

  /// The part of this text that `part` points into. `part` must come from
  /// `view()` of this slice.
  json_text slice(std::string_view part) const noexcept;

  /// The same text in a buffer of its own, so that a small slice of a large
  /// message can be kept without it.
  json_text detached() const;

private:
  std::shared_ptr<const std::string> owner_;
  std::string_view view_;
};

/// A message put together from slices that are written one after the other.
/// Most messages are one slice.
class text_parts {
public:
  text_parts() = default;

  explicit text_parts(json_text only);

  /// Puts `part` at the end; an empty one is left out.
  void append(json_text part);

  /// The sum of all parts in bytes.
  size_t size() const noexcept;

  bool empty() const noexcept {
    return first_.empty();
  }

  /// Calls `f(std::string_view)` for each part in order.
  template <class F>
  void for_each(F&& f) const {
    if (!first_.empty())
      f(first_.view());
    for (auto& part : rest_)
      f(part.view());
  }

  /// All parts as one string.
  std::string to_string() const;

private:
  json_text first_;
  std::vector<json_text> rest_;
};

} // namespace hub
