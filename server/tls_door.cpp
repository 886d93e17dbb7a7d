#include "server/tls_door.hpp"

#include "messages/tls_error.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <cstdio>
#include <utility>

namespace hub {

namespace {

std::string fingerprint_of(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  std::string result;
  if (!certificate || X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1)
    return result;
  for (unsigned i = 0; i < size; ++i) {
    char text[4];
    std::snprintf(text, sizeof text, i == 0 ? "%02X" : ":%02X", digest[i]);
    result += text;
  }
  return result;
}

} // namespace

void server_ssl_deleter::operator()(ssl_st* x) const noexcept {
  SSL_free(x);
}

tls_door::tls_door(ssl_ctx_st* context, std::string fingerprint) noexcept
  : context_(context), fingerprint_(std::move(fingerprint)) {
  // nop
}

tls_door::~tls_door() {
  SSL_CTX_free(context_);
}

std::variant<std::shared_ptr<const tls_door>, std::string> tls_door::open(const std::string& cert_file,
                                                                          const std::string& key_file) {
  ERR_clear_error();
  auto free_context = [](SSL_CTX* x) { SSL_CTX_free(x); };
  std::unique_ptr<SSL_CTX, decltype(free_context)> context{SSL_CTX_new(TLS_server_method()), free_context};
  if (!context)
    return "TLS cannot be used: " + take_tls_error();
  auto* raw = context.get();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  if (SSL_CTX_use_certificate_chain_file(raw, cert_file.c_str()) != 1)
    return "the certificate " + cert_file + " cannot be used: " + take_tls_error() + "; it must be in PEM form";
  // A key with a passphrase would ask at the terminal, which a daemon has not.
  SSL_CTX_set_default_passwd_cb(raw, [](char*, int, int, void*) { return 0; });
  if (SSL_CTX_use_PrivateKey_file(raw, key_file.c_str(), SSL_FILETYPE_PEM) != 1 || SSL_CTX_check_private_key(raw) != 1)
    return "the key " + key_file + " cannot be used: " + take_tls_error()
           + "; it must be the key of " + cert_file + " in PEM form, without a passphrase";
  auto fingerprint = fingerprint_of(SSL_CTX_get0_certificate(raw));
  return std::make_shared<const tls_door>(context.release(), std::move(fingerprint));
}

server_ssl tls_door::accept(int socket) const {
  ERR_clear_error();
  server_ssl result{SSL_new(context_)};
  if (!result || SSL_set_fd(result.get(), socket) != 1)
    return nullptr;
  SSL_set_accept_state(result.get());
  return result;
}

} // namespace hub
