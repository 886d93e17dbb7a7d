#include "actors/transport/http/client_core.hpp"
#include "messages/base64.hpp"

#include <algorithm>
#include <array>

namespace hub {

namespace {

constexpr unsigned char to_lower(unsigned char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<unsigned char>(c | 0x20) : c;
}

bool same_name(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return to_lower(x) == to_lower(y); });
}

bool has_header(const fetch_headers& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(), [&](auto& x) { return same_name(x.first, name); });
}

/// The characters of a header's name (RFC 9110, section 5.6.2).
constexpr auto name_chars = [] {
  std::array<bool, 256> result{};
  for (auto c = '0'; c <= '9'; ++c)
    result[static_cast<unsigned char>(c)] = true;
  for (auto c = 'a'; c <= 'z'; ++c)
    result[static_cast<unsigned char>(c)] = result[static_cast<unsigned char>(c - 0x20)] = true;
  for (auto c : std::string_view{"!#$%&'*+-.^_`|~"})
    result[static_cast<unsigned char>(c)] = true;
  return result;
}();

bool is_name(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return name_chars[c]; });
}

bool is_value(std::string_view text) noexcept {
  // Without a way out in between, so that many characters are looked at at a time.
  unsigned bad = 0;
  for (unsigned char c : text)
    bad |= (static_cast<unsigned>(c < 0x20) & static_cast<unsigned>(c != '\t')) | static_cast<unsigned>(c == 0x7F);
  return bad == 0;
}

} // namespace

std::string_view fetch_head::find(std::string_view name) const noexcept {
  for (auto& x : headers)
    if (same_name(x.first, name))
      return x.second;
  return {};
}

std::vector<std::string_view> fetch_head::find_all(std::string_view name) const {
  std::vector<std::string_view> result;
  for (auto& x : headers)
    if (same_name(x.first, name))
      result.push_back(x.second);
  return result;
}

std::string fetch_head::media_type() const {
  std::string result{find("Content-Type")};
  result.resize(std::min(result.find(';'), result.size()));
  while (!result.empty() && (result.back() == ' ' || result.back() == '\t'))
    result.pop_back();
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(to_lower(c)); });
  return result;
}

bool fetch_head::has_media_type(std::string_view type) const noexcept {
  auto text = find("Content-Type");
  text = text.substr(0, text.find(';'));
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return same_name(text, type);
}

std::string find_bad_header(const fetch_request& request) {
  if (!is_name(request.method))
    return "the method";
  for (auto* list : {&request.headers, &request.origin_headers})
    for (auto& [name, value] : *list)
      if (!is_name(name) || !is_value(value))
        return "the header " + name;
  return {};
}

std::string write_fetch_head(const fetch_request& request, const http_url& url, bool with_origin_headers,
                             const http_url* absolute_proxy) {
  std::string result;
  result.reserve(512);
  result += request.method;
  result += ' ';
  if (absolute_proxy)
    result += url.origin();
  result += url.target;
  result += " HTTP/1.1\r\n";
  auto add = [&](std::string_view name, std::string_view value) {
    result.append(name).append(": ").append(value).append("\r\n");
  };
  auto has = [&](std::string_view name) {
    return has_header(request.headers, name) || (with_origin_headers && has_header(request.origin_headers, name));
  };
  result.append("Host: ");
  url.append_authority(result);
  result.append("\r\n");
  if (!has("User-Agent"))
    add("User-Agent", "slm-hub/" HUB_VERSION);
  if (absolute_proxy && !absolute_proxy->user_info.empty())
    add("Proxy-Authorization", "Basic " + base64(absolute_proxy->user_info));
  if (!url.user_info.empty() && with_origin_headers && !has("Authorization"))
    add("Authorization", "Basic " + base64(url.user_info));
  for (auto* list : {&request.headers, with_origin_headers ? &request.origin_headers : nullptr})
    if (list)
      for (auto& [name, value] : *list)
        // These say how it is sent, which is not for others to say.
        if (!same_name(name, "Host") && !same_name(name, "Content-Length") && !same_name(name, "Connection")
            && !same_name(name, "Transfer-Encoding"))
          add(name, value);
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT")
    add("Content-Length", std::to_string(request.body.size()));
  result += "\r\n";
  return result;
}

} // namespace hub
