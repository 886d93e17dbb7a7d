#include "server/response_head.hpp"

#include <charconv>

namespace hub {

namespace {

std::string_view reason_of(int status) noexcept {
  switch (status) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Unknown";
  }
}

void append_number(std::string& out, size_t value) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof(digits), value).ptr);
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  if (!value.empty())
    out.append(name).append(value).append("\r\n");
}

} // namespace

void append_head(std::string& out, const response_head& head) {
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<size_t>(head.status));
  out.append(" ").append(reason_of(head.status)).append("\r\n");
  append_header(out, "Content-Type: ", head.content_type);
  if (head.length && head.status != 204) {
    out.append("Content-Length: ");
    append_number(out, *head.length);
    out.append("\r\n");
  } else if (!head.length) {
    out.append("Transfer-Encoding: chunked\r\n");
  }
  append_header(out, "Mcp-Session-Id: ", head.session_id);
  if (!head.cors_origin.empty()) {
    append_header(out, "Access-Control-Allow-Origin: ", head.cors_origin);
    out.append("Access-Control-Expose-Headers: Mcp-Session-Id\r\nVary: Origin\r\n");
  }
  out.append(head.more);
  if (head.close)
    out.append("Connection: close\r\n");
  out.append("\r\n");
}

std::string_view preflight_headers() noexcept {
  return "Access-Control-Allow-Methods: GET, POST, DELETE, OPTIONS\r\n"
         "Access-Control-Allow-Headers: Content-Type, Accept, Authorization, Last-Event-ID, "
         "MCP-Protocol-Version, Mcp-Session-Id, Mcp-Method, Mcp-Name, *\r\n"
         "Access-Control-Max-Age: 86400\r\n";
}

} // namespace hub
