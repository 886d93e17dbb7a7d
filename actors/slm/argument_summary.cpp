#include "actors/slm/argument_summary.hpp"

#include "actors/slm/slm_api.hpp"
#include "messages/printable_line.hpp"
#include "messages/redaction.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <cctype>

namespace hub {

namespace {

constexpr size_t summary_bytes = 500;
constexpr size_t value_bytes = 80;
constexpr size_t name_bytes = 40;

std::string size_of(std::string_view value) {
  switch (value.front()) {
    case '"':
      return std::to_string(value.size() - 2) + " bytes of text";
    case '[':
      return "a list of " + std::to_string(value.size()) + " bytes";
    case '{':
      return "an object of " + std::to_string(value.size()) + " bytes";
    case 't':
    case 'f':
      return "a flag";
    case 'n':
      return "null";
    default:
      return "a number";
  }
}

/// The words of `text` without those that look like secrets.
std::string without_secrets(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    auto end = text.find_first_of(" \t,;\"'()[]{}<>=");
    auto word = text.substr(0, end);
    result += looks_like_secret(word) ? std::string_view{"***"} : word;
    if (end == std::string_view::npos)
      break;
    result += text[end];
    text.remove_prefix(end + 1);
  }
  return result;
}

std::string shown_value(std::string_view name, std::string_view value) {
  if (is_secret_name(name))
    return "***";
  if (value.front() == '{' || value.front() == '[')
    return size_of(value);
  auto text = rpc::unquote(value).value_or(std::string{value});
  auto masked = without_secrets(process_redaction().apply(printable_line(text)));
  auto cut = cut_text(masked, value_bytes);
  return std::string{cut} + (cut.size() < masked.size() ? "..." : "");
}

} // namespace

bool is_secret_name(std::string_view name) {
  std::string small;
  for (auto c : name)
    if (std::isalnum(static_cast<unsigned char>(c)))
      small += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (auto* word : {"secret", "token", "passw", "pwd", "apikey", "credential", "authorization", "cookie", "privatekey", "bearer"})
    if (small.find(word) != std::string::npos)
      return true;
  return small == "key" || small == "auth" || small == "pin";
}

bool looks_like_secret(std::string_view text) noexcept {
  if (text.size() < 20)
    return false;
  size_t letters = 0;
  size_t digits = 0;
  for (auto c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (std::isalpha(byte))
      ++letters;
    else if (std::isdigit(byte))
      ++digits;
    else if (c != '-' && c != '_' && c != '+' && c != '/' && c != '=' && c != '.' && c != ':')
      return false;
  }
  // Paths and names of files have few digits, and a slash or dot each few letters.
  return letters >= 5 && digits >= 4 && std::ranges::count(text, '/') + std::ranges::count(text, '.') <= 2;
}

std::string argument_summary(std::string_view params, summary_detail detail) {
  std::string result;
  rpc::for_each_member(rpc::member(params, "arguments"), [&](const rpc::json_member& x) {
    auto name = printable_line(cut_text(x.key, name_bytes));
    result += result.empty() ? "" : ", ";
    result += looks_like_secret(name) ? "***" : name;
    result += ": " + (detail == summary_detail::names ? size_of(x.value) : shown_value(x.key, x.value));
    return result.size() < summary_bytes;
  });
  return std::string{cut_text(result, summary_bytes)};
}

} // namespace hub
