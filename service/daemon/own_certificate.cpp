#include "service/daemon/own_certificate.hpp"

#include "service/config/stored_file.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <unistd.h>

namespace hub {

namespace {

namespace fs = std::filesystem;

constexpr long ten_years = 10L * 365 * 86'400;

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* x) const noexcept {
    Free(x);
  }
};

using key_handle = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using certificate_handle = std::unique_ptr<X509, freed_by<X509_free>>;
using bio_handle = std::unique_ptr<BIO, freed_by<BIO_free>>;

struct pem_pair {
  std::string cert;
  std::string key;
};

std::string text_of(BIO* x) {
  char* data = nullptr;
  auto size = BIO_get_mem_data(x, &data);
  return {data, static_cast<size_t>(size)};
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0)
    return {};
  std::string result = name.data();
  // Anything else could not stand in the list of names.
  auto odd = result.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.");
  return odd == std::string::npos ? result : std::string{};
}

bool is_address(const std::string& host) {
  return host.find(':') != std::string::npos || host.find_first_not_of("0123456789.") == std::string::npos;
}

/// The names and addresses that clients may use.
std::string names_for(const std::string& host) {
  std::string result = "DNS:localhost,IP:127.0.0.1,IP:::1";
  if (auto name = host_name(); !name.empty() && name != "localhost")
    result += ",DNS:" + name + ",DNS:" + name + ".local";
  auto is_any = host == "0.0.0.0" || host == "::" || host == "localhost" || host == "127.0.0.1" || host == "::1";
  if (!host.empty() && !is_any && host.find_first_of("[]%") == std::string::npos)
    result += (is_address(host) ? ",IP:" : ",DNS:") + host;
  return result;
}

bool add_extension(X509* to, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, to, to, nullptr, nullptr, 0);
  std::unique_ptr<X509_EXTENSION, freed_by<X509_EXTENSION_free>> extension{
    X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str())};
  return extension && X509_add_ext(to, extension.get(), -1) == 1;
}

/// A new key and a certificate signed by it; nothing if OpenSSL cannot.
std::optional<pem_pair> make_pair_for(const std::string& host) {
  key_handle key{EVP_EC_gen("P-256")};
  certificate_handle cert{X509_new()};
  std::array<unsigned char, 16> serial{};
  if (!key || !cert || RAND_bytes(serial.data(), serial.size()) != 1)
    return std::nullopt;
  serial[0] &= 0x7F;
  std::unique_ptr<BIGNUM, freed_by<BN_free>> number{BN_bin2bn(serial.data(), serial.size(), nullptr)};
  auto* raw = cert.get();
  X509_set_version(raw, 2);
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(raw));
  X509_gmtime_adj(X509_getm_notBefore(raw), -86'400);
  X509_gmtime_adj(X509_getm_notAfter(raw), ten_years);
  X509_set_pubkey(raw, key.get());
  auto* name = X509_get_subject_name(raw);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("slm-hub"), -1, -1, 0);
  X509_set_issuer_name(raw, name);
  auto complete = add_extension(raw, NID_basic_constraints, "critical,CA:TRUE,pathlen:0")
                  && add_extension(raw, NID_key_usage, "critical,digitalSignature,keyCertSign")
                  && add_extension(raw, NID_ext_key_usage, "serverAuth")
                  && add_extension(raw, NID_subject_alt_name, names_for(host))
                  && X509_sign(raw, key.get(), EVP_sha256()) != 0;
  bio_handle cert_text{BIO_new(BIO_s_mem())};
  bio_handle key_text{BIO_new(BIO_s_mem())};
  if (!complete || PEM_write_bio_X509(cert_text.get(), raw) != 1
      || PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return std::nullopt;
  return pem_pair{text_of(cert_text.get()), text_of(key_text.get())};
}

/// Makes the hub's own certificate if it is not there.
std::optional<config_error> make_own(const fs::path& cert, const fs::path& key, const std::string& host) {
  std::error_code ignored;
  if (fs::exists(cert, ignored) && fs::exists(key, ignored))
    return std::nullopt;
  auto made = make_pair_for(host);
  if (!made)
    return config_error{"tls", "the hub cannot make a certificate for itself", "name files in tls.cert and tls.key"};
  if (auto wrong = write_stored(key, made->key))
    return wrong;
  return write_stored(cert, made->cert);
}

/// A key that others can read is none.
std::optional<config_error> check_key(const fs::path& key) {
  auto stored = read_stored(key, 1 << 20);
  if (!stored)
    return stored.errors().front();
  if (stored->open_to_others)
    return config_error{key.string(), "others may read this key, so that it is not used", "run: chmod 600 " + key.string()};
  return std::nullopt;
}

} // namespace

tls_files certificate_files(const hub_config& config, const fs::path& folder, const variable_map& environment) {
  if (config.tls.cert.empty())
    return {folder / "tls" / "cert.pem", folder / "tls" / "key.pem"};
  auto home = home_folder(environment);
  return {expand_tilde(config.tls.cert, home), expand_tilde(config.tls.key, home)};
}

config_result<tls_door_ptr> open_tls(const hub_config& config, const fs::path& folder, const variable_map& environment) {
  if (!config.tls.enabled)
    return tls_door_ptr{};
  auto [cert, key] = certificate_files(config, folder, environment);
  if (config.tls.cert.empty())
    if (auto wrong = make_own(cert, key, config.host))
      return *wrong;
  if (auto wrong = check_key(key))
    return *wrong;
  auto opened = tls_door::open(cert.string(), key.string());
  if (auto* why = std::get_if<std::string>(&opened))
    return config_error{"tls", *why, "correct tls.cert and tls.key in the configuration"};
  return std::get<tls_door_ptr>(std::move(opened));
}

} // namespace hub
