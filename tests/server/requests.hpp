#pragma once

#include "server/http_request.hpp"

#include <string>
#include <string_view>

namespace hub::test {

/// A POST as a client of the handshake era sends it.
inline http_request handshake_post(std::string_view body) {
  http_request result;
  result.method = http_method::post;
  result.target = "/mcp";
  result.content_type = "application/json";
  result.accepts = {true, true};
  result.body = json_text{std::string{body}};
  return result;
}

/// A POST as a client of the stateless era sends it.
inline http_request stateless_post(std::string_view method, std::string_view body,
                                   std::string_view name = {}) {
  auto result = handshake_post(body);
  result.protocol_version = "2026-07-28";
  result.mcp_method = method;
  result.mcp_name = name;
  return result;
}

/// The `_meta` member of a stateless request.
inline constexpr const char* good_meta
  = R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
    R"("io.modelcontextprotocol/clientCapabilities":{},)"
    R"("io.modelcontextprotocol/clientInfo":{"name":"t","version":"1"}})";

/// A stateless request with good metadata and further `params` (`"a":1,` or empty).
inline std::string stateless_text(std::string_view method, std::string_view params = {}) {
  return R"({"jsonrpc":"2.0","id":7,"method":")" + std::string{method} + R"(","params":{)"
         + std::string{params} + good_meta + "}}";
}

} // namespace hub::test
