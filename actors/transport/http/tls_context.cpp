#include "actors/transport/http/tls_context.hpp"

#include "messages/tls_error.hpp"

#include <boost/asio/ip/address.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <array>

namespace hub {

void ssl_deleter::operator()(ssl_st* x) const noexcept {
  SSL_free(x);
}

tls_context::tls_context(ssl_ctx_st* context, bool verify) noexcept : context_(context), verify_(verify) {
  // nop
}

tls_context::~tls_context() {
  SSL_CTX_free(context_);
}

std::variant<std::shared_ptr<tls_context>, tls_failure> tls_context::make(const tls_settings& settings) {
  ERR_clear_error();
  auto context = SSL_CTX_new(TLS_client_method());
  if (!context)
    return tls_failure{"TLS cannot be used: " + take_tls_error(), "Check the installation of OpenSSL."};
  auto result = std::make_shared<tls_context>(context, settings.verify);
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
                              | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_default_verify_paths(context);
  if (!settings.ca_file.empty() && SSL_CTX_load_verify_file(context, settings.ca_file.c_str()) != 1)
    return tls_failure{"the file in \"tls.ca\" could not be used: " + settings.ca_file + ": " + take_tls_error(),
                       "It must hold certificates in PEM form."};
  if (!settings.cert_file.empty()) {
    auto& key = settings.key_file.empty() ? settings.cert_file : settings.key_file;
    if (SSL_CTX_use_certificate_chain_file(context, settings.cert_file.c_str()) != 1)
      return tls_failure{"the file in \"tls.cert\" could not be used: " + settings.cert_file + ": " + take_tls_error(),
                         "It must hold a certificate in PEM form."};
    // A key with a passphrase would ask at the terminal, which a daemon has not.
    SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void*) { return 0; });
    if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1
        || SSL_CTX_check_private_key(context) != 1)
      return tls_failure{"the file in \"tls.key\" could not be used: " + key + ": " + take_tls_error(),
                         "It must hold the key of \"tls.cert\" in PEM form, without a passphrase."};
  }
  SSL_CTX_set_verify(context, settings.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  return result;
}

ssl_handle tls_context::connect(int fd, const std::string& host) const {
  ERR_clear_error();
  ssl_handle result{SSL_new(context_)};
  if (!result || SSL_set_fd(result.get(), fd) != 1)
    return nullptr;
  boost::system::error_code not_an_address;
  boost::asio::ip::make_address(host, not_an_address);
  if (not_an_address) {
    // The macro casts the const of the name away.
    SSL_set_tlsext_host_name(result.get(), host.c_str());
    SSL_set_hostflags(result.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (verify_)
      SSL_set1_host(result.get(), host.c_str());
  } else if (verify_) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(result.get()), host.c_str());
  }
  constexpr std::array<unsigned char, 9> protocols{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_set_alpn_protos(result.get(), protocols.data(), protocols.size());
  SSL_set_connect_state(result.get());
  return result;
}

tls_failure explain_tls(ssl_st* x, const std::string& host) {
  auto verdict = SSL_get_verify_result(x);
  auto reason = take_tls_error();
  switch (verdict) {
    case X509_V_OK:
      break;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return {"has a certificate that is not for " + host, "Use the name that its certificate is for in \"url\"."};
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return {"has a certificate that is not valid now: " + std::string{X509_verify_cert_error_string(verdict)},
              "Have it renewed, and check the clock of this machine."};
    default:
      return {"has a certificate that is not trusted: " + std::string{X509_verify_cert_error_string(verdict)},
              "If its authority is one of your own, name its file in \"tls\": {\"ca\": ...}."};
  }
  if (reason.find("wrong version") != std::string::npos || reason.find("packet length") != std::string::npos)
    return {"does not speak TLS there: " + reason, "Use http:// in \"url\", or the port of https."};
  if (reason.find("certificate required") != std::string::npos || reason.find("alert bad certificate") != std::string::npos
      || reason.find("unknown ca") != std::string::npos)
    return {"refused the hub's certificate: " + reason,
            "Name a certificate that it takes in \"tls\": {\"cert\": ..., \"key\": ...}."};
  return {"broke off TLS: " + reason, "Check that it speaks TLS 1.2 or 1.3."};
}

} // namespace hub
