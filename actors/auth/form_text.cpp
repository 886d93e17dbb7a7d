#include "actors/auth/form_text.hpp"

#include "messages/percent_text.hpp"

#include <algorithm>

namespace hub {

namespace {

constexpr size_t fields_max = 64;

std::optional<std::string> decode(std::string_view text) {
  std::string spaced{text};
  std::ranges::replace(spaced, '+', ' ');
  return percent_decode(spaced);
}

} // namespace

void append_field(std::string& form, std::string_view name, std::string_view value) {
  if (!form.empty())
    form += '&';
  form.append(percent_encode(name)).append("=").append(percent_encode(value));
}

std::optional<std::vector<std::pair<std::string, std::string>>> read_form(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> result;
  while (!text.empty()) {
    auto end = std::min(text.find('&'), text.size());
    auto item = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (item.empty())
      continue;
    auto equals = std::min(item.find('='), item.size());
    auto name = decode(item.substr(0, equals));
    auto value = decode(item.substr(std::min(equals + 1, item.size())));
    if (!name || !value || result.size() == fields_max)
      return std::nullopt;
    if (std::any_of(result.begin(), result.end(), [&](auto& x) { return x.first == *name; }))
      return std::nullopt;
    result.emplace_back(std::move(*name), std::move(*value));
  }
  return result;
}

std::string field_of(const std::vector<std::pair<std::string, std::string>>& fields, std::string_view name) {
  auto i = std::find_if(fields.begin(), fields.end(), [&](auto& x) { return x.first == name; });
  return i == fields.end() ? std::string{} : i->second;
}

} // namespace hub
