#include "server/mcp_headers.hpp"

#include "messages/mirrored_headers.hpp"
#include "messages/rpc/json_scan.hpp"

#include <cstdint>

namespace hub {

namespace {

int base64_digit(char c) noexcept {
  if (c >= 'A' && c <= 'Z')
    return c - 'A';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 26;
  if (c >= '0' && c <= '9')
    return c - '0' + 52;
  if (c == '+')
    return 62;
  return c == '/' ? 63 : -1;
}

std::optional<std::string> decode_base64(std::string_view text) {
  // The padding is part of it.
  if (text.size() % 4 != 0)
    return std::nullopt;
  for (auto padding = 0; padding < 2 && text.ends_with('='); ++padding)
    text.remove_suffix(1);
  std::string result;
  uint32_t bits = 0;
  auto count = 0;
  for (auto c : text) {
    auto digit = base64_digit(c);
    if (digit < 0)
      return std::nullopt;
    bits = (bits << 6) | static_cast<uint32_t>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      result += static_cast<char>((bits >> count) & 0xff);
    }
  }
  return result;
}

std::string missing(std::string_view header) {
  return "Header mismatch: the header " + std::string{header}
         + " is missing; send it with each request of this version";
}

std::string different(std::string_view header, std::string_view said, std::string_view meant) {
  return "Header mismatch: the header " + std::string{header} + " says '" + std::string{said}
         + "' and the body says '" + std::string{meant} + "'; send the same in both";
}

} // namespace

std::optional<std::string> decode_header(std::string_view value) {
  value = trimmed(value);
  if (value.size() < sentinel_start.size() + sentinel_end.size()
      || !value.starts_with(sentinel_start) || !value.ends_with(sentinel_end))
    return std::string{value};
  value.remove_prefix(sentinel_start.size());
  value.remove_suffix(sentinel_end.size());
  return decode_base64(value);
}

std::optional<std::string> find_version_mismatch(const http_request& request,
                                                 std::string_view version) {
  auto said = trimmed(request.protocol_version);
  if (said.empty())
    return missing("MCP-Protocol-Version");
  if (said != version)
    return different("MCP-Protocol-Version", said, version);
  return std::nullopt;
}

std::optional<std::string> find_mismatch(const http_request& request, std::string_view method,
                                         const json_text& params) {
  auto said_method = trimmed(request.mcp_method);
  if (said_method.empty())
    return missing("Mcp-Method");
  if (said_method != method)
    return different("Mcp-Method", said_method, method);
  auto key = mirrored_member(method);
  if (key.empty())
    return std::nullopt;
  auto raw = rpc::member(params.view(), key);
  if (raw.empty() || raw.front() != '"') {
    // Such params are refused by whoever handles them; only a header that claims
    // something else is wrong already.
    if (request.mcp_name.empty())
      return std::nullopt;
    return different("Mcp-Name", request.mcp_name, "");
  }
  if (request.mcp_name.data() == nullptr)
    return missing("Mcp-Name");
  auto said = decode_header(request.mcp_name);
  if (!said)
    return "Header mismatch: the header Mcp-Name is not valid base64 between =?base64? and ?=; "
           "encode the UTF-8 bytes of the name";
  // Most names need no unescaping.
  auto plain = raw.substr(1, raw.size() - 2);
  if (plain.find('\\') == std::string_view::npos) {
    if (*said == plain)
      return std::nullopt;
    return different("Mcp-Name", *said, plain);
  }
  auto meant = rpc::unquote(raw).value_or("");
  if (*said == meant)
    return std::nullopt;
  return different("Mcp-Name", *said, meant);
}

} // namespace hub
