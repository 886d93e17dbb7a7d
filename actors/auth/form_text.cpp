#include "actors/auth/form_text.hpp"

#include <algorithm>

namespace hub {

namespace {

constexpr size_t fields_max = 64;

bool is_unreserved(unsigned char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_'
         || c == '~';
}

int digit_of(char c) noexcept {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::optional<std::string> decode(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    auto high = i + 2 < text.size() ? digit_of(text[i + 1]) : -1;
    auto low = i + 2 < text.size() ? digit_of(text[i + 2]) : -1;
    if (high < 0 || low < 0)
      return std::nullopt;
    result += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return result;
}

} // namespace

std::string form_encode(std::string_view text) {
  constexpr auto digits = "0123456789ABCDEF";
  std::string result;
  for (unsigned char c : text) {
    if (is_unreserved(c)) {
      result += static_cast<char>(c);
    } else {
      result += '%';
      result += digits[c >> 4];
      result += digits[c & 15];
    }
  }
  return result;
}

void append_field(std::string& form, std::string_view name, std::string_view value) {
  if (!form.empty())
    form += '&';
  form.append(form_encode(name)).append("=").append(form_encode(value));
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
