#include "actors/auth/json_document.hpp"

#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <charconv>

namespace hub {

namespace {

constexpr size_t texts_max = 256;

} // namespace

bool is_document(std::string_view text) {
  return rpc::json_cursor{text}.peek() == '{' && !rpc::check_json(text, 32);
}

std::string document_text(std::string_view document, std::string_view key) {
  return rpc::unquote(rpc::member(document, key)).value_or("");
}

std::optional<std::vector<std::string>> document_texts(std::string_view document, std::string_view key) {
  std::vector<std::string> result;
  auto is_array = rpc::for_each_element(rpc::member(document, key), [&](std::string_view element) {
    if (auto text = rpc::unquote(element))
      result.push_back(std::move(*text));
    return result.size() < texts_max;
  });
  return is_array ? std::optional{std::move(result)} : std::nullopt;
}

bool document_flag(std::string_view document, std::string_view key) {
  return rpc::member(document, key) == "true";
}

std::optional<int64_t> document_number(std::string_view document, std::string_view key) {
  auto text = rpc::member(document, key);
  auto unquoted = rpc::unquote(text);
  if (unquoted)
    text = *unquoted;
  double result = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (error != std::errc{} || end != text.data() + text.size() || !(result > -1e15 && result < 1e15))
    return std::nullopt;
  return static_cast<int64_t>(result);
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> result;
  while (!text.empty() && result.size() < texts_max) {
    auto end = std::min(text.find(' '), text.size());
    if (auto word = text.substr(0, end); !word.empty() && !contains(result, word))
      result.emplace_back(word);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

std::string joined(const std::vector<std::string>& words) {
  std::string result;
  for (auto& word : words)
    result.append(result.empty() ? "" : " ").append(word);
  return result;
}

std::vector<std::string> united(std::vector<std::string> a, const std::vector<std::string>& b) {
  for (auto& word : b)
    if (!contains(a, word))
      a.push_back(word);
  return a;
}

bool contains(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

} // namespace hub
