#pragma once

#include "server/exchange.hpp"
#include "server/front.hpp"
#include "server/response.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace hub {

/// The browser that comes back from an authorization server with the end of a
/// login. It gets a page to read: fixed texts, and what the hub says, escaped.
class login_exchange final : public exchange, public std::enable_shared_from_this<login_exchange> {
public:
  /// @param query What the browser brings: `code`, `state` and so on. A secret.
  login_exchange(front& home, response_sink& sink, const http_request& request, std::string query);

  void start(http_request& request) override;
  bool wants_answer_still() override;
  void client_left() override;
  void sweep() override;

private:
  void answer(int status, const char* title, const std::string& message, const std::string& fix);

  front& home_;
  response response_;
  std::string query_;

  /// When it began, in sweeps.
  uint32_t since_;
};

} // namespace hub
