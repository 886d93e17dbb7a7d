#include "actors/transport/http/client_core.hpp"
#include "messages/base64.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace hub {

std::string_view fetch_head::find(std::string_view name) const noexcept {
  for (auto& x : headers)
    if (same_header(x.first, name))
      return x.second;
  return {};
}

std::vector<std::string_view> fetch_head::find_all(std::string_view name) const {
  std::vector<std::string_view> result;
  for (auto& x : headers)
    if (same_header(x.first, name))
      result.push_back(x.second);
  return result;
}

std::string fetch_head::media_type() const {
  std::string result{find("Content-Type")};
  result.resize(std::min(result.find(';'), result.size()));
  while (!result.empty() && (result.back() == ' ' || result.back() == '\t'))
    result.pop_back();
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return result;
}

bool fetch_head::has_media_type(std::string_view type) const noexcept {
  auto text = find("Content-Type");
  text = text.substr(0, text.find(';'));
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return same_header(text, type);
}

std::string find_bad_header(const fetch_request& request) {
  if (!is_http_token(request.method))
    return "the method";
  for (auto* block : {&request.headers, &request.origin_headers})
    if (!block->fault().empty())
      return "the header " + block->fault();
  return {};
}

std::string write_fetch_head(const fetch_request& request, const http_url& url, bool with_origin_headers,
                             const http_url* absolute_proxy) {
  static const header_block none;
  auto& origin_headers = with_origin_headers ? request.origin_headers : none;
  std::string result;
  result.reserve(request.headers.text().size() + origin_headers.text().size() + url.target.size() + url.host.size()
                 + 192);
  result.append(request.method).append(1, ' ');
  if (absolute_proxy)
    result += url.origin();
  result.append(url.target).append(" HTTP/1.1\r\nHost: ");
  url.append_authority(result);
  result.append("\r\n").append(request.headers.text()).append(origin_headers.text());
  auto has = [&](std::string_view name) { return request.headers.has(name) || origin_headers.has(name); };
  if (!has("User-Agent"))
    result += "User-Agent: slm-hub/" HUB_VERSION "\r\n";
  if (absolute_proxy && !absolute_proxy->user_info.empty())
    result.append("Proxy-Authorization: Basic ").append(base64(absolute_proxy->user_info)).append("\r\n");
  if (!url.user_info.empty() && with_origin_headers && !has("Authorization"))
    result.append("Authorization: Basic ").append(base64(url.user_info)).append("\r\n");
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    std::array<char, 24> digits;
    auto end = std::to_chars(digits.data(), digits.data() + digits.size(), request.body.size()).ptr;
    result.append("Content-Length: ").append(digits.data(), end).append("\r\n");
  }
  result += "\r\n";
  return result;
}

} // namespace hub
