#include "actors/transport/http/header_block.hpp"

#include "messages/ascii_case.hpp"

#include <algorithm>
#include <array>

namespace hub {

namespace {

constexpr auto token_chars = [] {
  std::array<bool, 256> result{};
  for (auto c = '0'; c <= '9'; ++c)
    result[static_cast<unsigned char>(c)] = true;
  for (auto c = 'a'; c <= 'z'; ++c)
    result[static_cast<unsigned char>(c)] = result[static_cast<unsigned char>(c - 0x20)] = true;
  for (auto c : std::string_view{"!#$%&'*+-.^_`|~"})
    result[static_cast<unsigned char>(c)] = true;
  return result;
}();

bool is_value(std::string_view text) noexcept {
  // Without a way out in between, so that many characters are looked at at a time.
  unsigned bad = 0;
  for (unsigned char c : text)
    bad |= (static_cast<unsigned>(c < 0x20) & static_cast<unsigned>(c != '\t')) | static_cast<unsigned>(c == 0x7F);
  return bad == 0;
}

bool is_ours(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 4> ours{"Host", "Content-Length", "Connection", "Transfer-Encoding"};
  return std::any_of(ours.begin(), ours.end(), [name](auto x) { return same_header(name, x); });
}

} // namespace

bool is_http_token(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return token_chars[c]; });
}

bool same_header(std::string_view a, std::string_view b) noexcept {
  return same_but_case(a, b);
}

header_block::header_block(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  for (auto& [name, value] : fields)
    add(name, value);
}

void header_block::add(std::string_view name, std::string_view value) {
  if (!is_http_token(name) || !is_value(value)) {
    if (fault_.empty())
      fault_ = name.empty() ? std::string{"without a name"} : std::string{name};
  } else if (!is_ours(name)) {
    text_.append(name).append(": ").append(value).append("\r\n");
  }
}

void header_block::add(const header_block& other) {
  text_ += other.text_;
  if (fault_.empty())
    fault_ = other.fault_;
}

std::string_view header_block::find(std::string_view name) const noexcept {
  for (std::string_view rest{text_}; !rest.empty();) {
    auto line = rest.substr(0, rest.find('\r'));
    rest.remove_prefix(line.size() + 2);
    if (line.size() > name.size() && line[name.size()] == ':' && same_header(line.substr(0, name.size()), name))
      return line.substr(name.size() + 2);
  }
  return {};
}

} // namespace hub
