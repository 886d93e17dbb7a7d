#include "messages/json_text.hpp"

#include <utility>

namespace hub {

json_text::json_text(std::string text)
  : owner_(std::make_shared<const std::string>(std::move(text))),
    view_(*owner_) {
  // nop
}

json_text json_text::of_literal(std::string_view text) noexcept {
  json_text result;
  result.view_ = text;
  return result;
}

json_text json_text::slice(std::string_view part) const noexcept {
  json_text result;
  result.owner_ = owner_;
  result.view_ = part;
  return result;
}

json_text json_text::detached() const {
  return json_text{std::string{view_}};
}

text_parts::text_parts(json_text only) : first_(std::move(only)) {
  // nop
}

void text_parts::append(json_text part) {
  if (part.empty())
    return;
  if (first_.empty())
    first_ = std::move(part);
  else
    rest_.push_back(std::move(part));
}

size_t text_parts::size() const noexcept {
  auto result = first_.size();
  for (auto& part : rest_)
    result += part.size();
  return result;
}

std::string text_parts::to_string() const {
  std::string result;
  result.reserve(size());
  for_each([&](std::string_view part) { result.append(part); });
  return result;
}

} // namespace hub
