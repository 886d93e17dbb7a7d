#include "service/config/fingerprint.hpp"

// EVP would load OpenSSL's providers: 3 MB of memory and a millisecond of every
// start, for one hash of some bytes.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <array>
#include <string_view>

namespace hub {

namespace {

/// Hashes fields so that no two sequences of them look the same.
class field_hash {
public:
  field_hash() {
    SHA256_Init(&context_);
  }

  void add(std::string_view field) {
    auto size = std::to_string(field.size()) + ":";
    SHA256_Update(&context_, size.data(), size.size());
    SHA256_Update(&context_, field.data(), field.size());
  }

  std::string hex() {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
    SHA256_Final(digest.data(), &context_);
    constexpr auto digits = "0123456789abcdef";
    std::string result;
    for (auto byte : digest) {
      result += digits[byte >> 4];
      result += digits[byte & 15];
    }
    return result;
  }

private:
  SHA256_CTX context_;
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
  // What was learnt before these fields existed stays good.
  auto& tls = server.tls;
  if (!tls.ca.empty() || !tls.cert.empty() || !tls.key.empty() || !tls.verify || !server.proxy.empty()) {
    for (auto* field : {&tls.ca, &tls.cert, &tls.key, &server.proxy})
      hash.add(*field);
    hash.add(tls.verify ? "verified" : "any");
  }
  if (auto& names = server.inherit_env; !names.empty()) {
    hash.add("inherit_env");
    for (auto& name : names)
      hash.add(name);
  }
  if (auto& sandbox = server.sandbox; !sandbox.profile.empty()) {
    hash.add("sandbox");
    hash.add(sandbox.profile);
    hash.add(!sandbox.network ? "" : *sandbox.network ? "network" : "no network");
    for (auto& path : sandbox.write)
      hash.add(path);
  }
  return hash.hex();
}

} // namespace hub
