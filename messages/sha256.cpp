#include "messages/sha256.hpp"

#include "messages/hex.hpp"

// EVP would load OpenSSL's providers: 3 MB of memory and a millisecond of every
// start, for one hash of some bytes.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <tuple>

namespace hub {

sha256_digest sha256_of(std::string_view text) noexcept {
  sha256_digest result;
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, text.data(), text.size());
  SHA256_Final(result.data(), &context);
  return result;
}

std::string sha256_hex(std::string_view text) {
  return to_hex(sha256_of(text));
}

std::string to_hex(const sha256_digest& x) {
  char text[2 * std::tuple_size_v<sha256_digest>];
  write_hex(x, text);
  return {text, sizeof text};
}

bool from_hex(std::string_view text, sha256_digest& x) noexcept {
  if (text.size() != x.size() * 2)
    return false;
  auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
  for (size_t i = 0; i < x.size(); ++i) {
    auto high = digit(text[2 * i]);
    auto low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0)
      return false;
    x[i] = static_cast<unsigned char>(high * 16 + low);
  }
  return true;
}

bool same_digest(const sha256_digest& a, const sha256_digest& b) noexcept {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace hub
