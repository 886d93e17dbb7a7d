#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub {

/// A request to an authorization server. It may hold secrets.
struct web_request {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  /// Must not go to an address of this machine or of a private network.
  bool public_only = false;
};

/// What came back, after redirects.
struct web_answer {
  /// 0 if nothing did.
  int status = 0;

  /// All `WWW-Authenticate`, joined by commas.
  std::string www_authenticate;

  std::string body;

  /// Why nothing came back, a sentence.
  std::string cause;

  bool good() const noexcept {
    return status >= 200 && status < 300;
  }
};

/// Reads a document.
inline web_request get_document(std::string url) {
  return {"GET", std::move(url), {{"Accept", "application/json"}, {"MCP-Protocol-Version", "2025-11-25"}}, {}, false};
}

/// Sends a form.
inline web_request post_form(std::string url, std::string form) {
  return {"POST",
          std::move(url),
          {{"Accept", "application/json"}, {"Content-Type", "application/x-www-form-urlencoded"}},
          std::move(form),
          false};
}

} // namespace hub
