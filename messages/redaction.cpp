#include "messages/redaction.hpp"

#include <algorithm>

namespace hub {

void redaction::add(std::string_view value) {
  if (value.size() < shortest)
    return;
  std::lock_guard lock{mutex_};
  auto& list = values_[static_cast<unsigned char>(value.front())];
  if (count_ >= limit || std::ranges::find(list, value) != list.end())
    return;
  ++count_;
  // The longest first: a value may begin with another one.
  auto place = std::ranges::find_if(list, [&](auto& x) { return x.size() < value.size(); });
  list.emplace(place, value);
}

std::string redaction::apply(std::string_view text) const {
  std::lock_guard lock{mutex_};
  if (count_ == 0)
    return std::string{text};
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    auto& list = values_[static_cast<unsigned char>(text.front())];
    auto hit = std::ranges::find_if(list, [&](auto& x) { return text.starts_with(x); });
    if (hit == list.end()) {
      result += text.front();
      text.remove_prefix(1);
    } else {
      result += "***";
      text.remove_prefix(hit->size());
    }
  }
  return result;
}

redaction& process_redaction() {
  static auto* the_one = new redaction;
  return *the_one;
}

} // namespace hub
