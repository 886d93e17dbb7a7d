#include "service/config/fingerprint.hpp"

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>
#include <string_view>

namespace hub {

namespace {

/// Hashes fields so that no two sequences of them look the same.
class field_hash {
public:
  field_hash() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1)
      throw std::runtime_error("OpenSSL has no SHA-256");
  }

  void add(std::string_view field) {
    auto size = std::to_string(field.size()) + ":";
    EVP_DigestUpdate(context_.get(), size.data(), size.size());
    EVP_DigestUpdate(context_.get(), field.data(), field.size());
  }

  std::string hex() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_DigestFinal_ex(context_.get(), digest, &size);
    constexpr auto digits = "0123456789abcdef";
    std::string result;
    for (unsigned i = 0; i < size; ++i) {
      result += digits[digest[i] >> 4];
      result += digits[digest[i] & 15];
    }
    return result;
  }

private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

} // namespace

std::string fingerprint_of(const server_config& server) {
  field_hash hash;
  auto add_pairs = [&](const auto& pairs) {
    hash.add(std::to_string(pairs.size()));
    for (auto& [key, value] : pairs) {
      hash.add(key);
      hash.add(value);
    }
  };
  hash.add(std::to_string(static_cast<int>(server.transport)));
  hash.add(server.command);
  hash.add(std::to_string(server.args.size()));
  for (auto& arg : server.args)
    hash.add(arg);
  add_pairs(server.env);
  hash.add(server.env_file);
  hash.add(server.cwd);
  hash.add(server.url);
  add_pairs(server.headers);
  return hash.hex();
}

} // namespace hub
