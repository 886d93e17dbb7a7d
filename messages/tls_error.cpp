#include "messages/tls_error.hpp"

#include <openssl/err.h>

#include <array>

namespace hub {

std::string take_tls_error() {
  auto code = ERR_get_error();
  ERR_clear_error();
  if (code == 0)
    return "unknown error";
  if (auto reason = ERR_reason_error_string(code))
    return reason;
  std::array<char, 256> text;
  ERR_error_string_n(code, text.data(), text.size());
  return text.data();
}

} // namespace hub
