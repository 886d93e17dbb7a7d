#include "server/access_check.hpp"

#include "server/mcp_headers.hpp"

namespace hub {

namespace {

constexpr size_t longest_path = 4096;

} // namespace

access_verdict check_access(const access_table& table, bool required, std::string_view authorization, int64_t now) {
  using kind = access_verdict::kind;
  auto token = bearer_of(authorization);
  if (token.empty())
    return {required ? kind::missing : kind::allowed, nullptr};
  if (table.empty() && !required)
    return {};
  auto who = table.find(token, now);
  return {who ? kind::allowed : kind::wrong, who};
}

std::string_view challenge_of(access_verdict::kind x) noexcept {
  return x == access_verdict::kind::wrong
           ? "WWW-Authenticate: Bearer realm=\"slm-hub\", error=\"invalid_token\"\r\n"
           : "WWW-Authenticate: Bearer realm=\"slm-hub\"\r\n";
}

std::string_view explain(access_verdict::kind x) noexcept {
  return x == access_verdict::kind::wrong
           ? "Unauthorized: the token is unknown, revoked or expired; make another with `slm-hub token create NAME` and "
             "send it as Authorization: Bearer TOKEN"
           : "Unauthorized: this hub wants a token; make one with `slm-hub token create NAME` and send it as "
             "Authorization: Bearer TOKEN";
}

std::string project_of(std::string_view header) {
  if (header.empty())
    return {};
  auto path = decode_header(header).value_or("");
  while (path.size() > 1 && path.back() == '/')
    path.pop_back();
  if (path.empty() || path.front() != '/' || path.size() > longest_path || path.find('\0') != std::string::npos)
    return {};
  // A path that goes back up is not where it seems to be.
  auto rest = path + "/";
  if (rest.find("/../") != std::string::npos || rest.find("/./") != std::string::npos
      || rest.find("//") != std::string::npos)
    return path == "/" ? path : std::string{};
  return path;
}

} // namespace hub
