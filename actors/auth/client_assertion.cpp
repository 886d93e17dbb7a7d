#include "actors/auth/client_assertion.hpp"

#include "actors/auth/pkce.hpp"
#include "messages/base64.hpp"
#include "messages/rpc/json_scan.hpp"

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <vector>

namespace hub {

namespace {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* x) const {
    Free(x);
  }
};

using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;

int no_passphrase(char*, int, int, void*) {
  return 0;
}

key_ptr read_key(std::string_view pem) {
  std::unique_ptr<BIO, freed_by<BIO_free>> bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  // Without a function of ours OpenSSL would ask on the terminal.
  return key_ptr{bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr) : nullptr};
}

/// The name of the signature in a JWT (RFC 7518, section 3.1; RFC 8037); empty for
/// keys that have none here.
std::string_view algorithm_of(const EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA: return "RS256";
    case EVP_PKEY_ED25519: return "EdDSA";
    case EVP_PKEY_EC: return EVP_PKEY_get_bits(key) == 256 ? "ES256" : "";
    default: return "";
  }
}

/// DER to the two numbers of 32 bytes that JWTs have (RFC 7518, section 3.4).
std::optional<std::string> raw_ecdsa(const std::vector<unsigned char>& der) {
  auto* at = der.data();
  std::unique_ptr<ECDSA_SIG, freed_by<ECDSA_SIG_free>> signature{
    d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()))};
  if (!signature)
    return std::nullopt;
  std::string result(64, '\0');
  auto* out = reinterpret_cast<unsigned char*>(result.data());
  if (BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out, 32) != 32
      || BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out + 32, 32) != 32)
    return std::nullopt;
  return result;
}

std::optional<std::string> sign(EVP_PKEY* key, std::string_view algorithm, std::string_view text) {
  std::unique_ptr<EVP_MD_CTX, freed_by<EVP_MD_CTX_free>> context{EVP_MD_CTX_new()};
  auto* digest = algorithm == "EdDSA" ? nullptr : EVP_sha256();
  size_t size = 0;
  auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (!context || EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key) != 1
      || EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) != 1)
    return std::nullopt;
  std::vector<unsigned char> signature(size);
  if (EVP_DigestSign(context.get(), signature.data(), &size, bytes, text.size()) != 1)
    return std::nullopt;
  signature.resize(size);
  if (algorithm == "ES256")
    return raw_ecdsa(signature);
  return std::string{reinterpret_cast<char*>(signature.data()), signature.size()};
}

} // namespace

std::optional<std::string> client_assertion(std::string_view private_key, std::string_view client_id,
                                            std::string_view audience, int64_t now) {
  constexpr int64_t life_s = 300;
  auto key = read_key(private_key);
  auto algorithm = key ? algorithm_of(key.get()) : "";
  if (algorithm.empty())
    return std::nullopt;
  auto id = rpc::quote(client_id);
  auto header = R"({"typ":"JWT","alg":)" + rpc::quote(algorithm) + "}";
  auto claims = "{\"iss\":" + id + ",\"sub\":" + id + ",\"aud\":" + rpc::quote(audience) + ",\"iat\":"
                + std::to_string(now) + ",\"exp\":" + std::to_string(now + life_s) + ",\"jti\":\"" + random_token(16)
                + "\"}";
  auto text = base64url(header) + "." + base64url(claims);
  auto signature = sign(key.get(), algorithm, text);
  if (!signature)
    return std::nullopt;
  return text + "." + base64url(*signature);
}

} // namespace hub
