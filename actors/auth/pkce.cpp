#include "actors/auth/pkce.hpp"

#include "messages/base64.hpp"
#include "messages/sha256.hpp"

#include <sys/random.h>

#include <cerrno>
#include <system_error>

namespace hub {

std::string random_token(size_t bytes) {
  std::string result(bytes, '\0');
  for (size_t filled = 0; filled < bytes;) {
    auto n = ::getrandom(result.data() + filled, bytes - filled, 0);
    if (n < 0 && errno != EINTR)
      throw std::system_error{errno, std::generic_category(), "getrandom"};
    filled += n > 0 ? static_cast<size_t>(n) : 0;
  }
  return base64url(result);
}

std::string s256_challenge(std::string_view verifier) {
  auto digest = sha256_of(verifier);
  return base64url({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

} // namespace hub
