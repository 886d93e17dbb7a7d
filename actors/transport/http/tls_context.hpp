#pragma once

#include <memory>
#include <string>
#include <variant>

struct ssl_ctx_st;
struct ssl_st;

namespace hub {

/// How a server proves itself, and the hub itself to the server. Files are PEM.
struct tls_settings {
  /// Authorities that are trusted besides the system's own; empty for none.
  std::string ca_file;

  /// The hub's own certificate with its chain, and the key; empty for none.
  std::string cert_file;
  std::string key_file;

  /// False takes any certificate: only for tests.
  bool verify = true;
};

/// Why TLS cannot be had: a sentence without its subject, and what to do.
struct tls_failure {
  std::string cause;
  std::string fix;
};

struct ssl_deleter {
  void operator()(ssl_st* x) const noexcept;
};

/// One side of a TLS connection.
using ssl_handle = std::unique_ptr<ssl_st, ssl_deleter>;

/// What the TLS connections of one server have in common. Making one loads OpenSSL
/// and reads the files of the settings; the system's authorities are read when one
/// is needed.
class tls_context {
public:
  static std::variant<std::shared_ptr<tls_context>, tls_failure> make(const tls_settings& settings);

  explicit tls_context(ssl_ctx_st* context, bool verify) noexcept;

  tls_context(const tls_context&) = delete;
  tls_context& operator=(const tls_context&) = delete;

  ~tls_context();

  /// A connection over the socket `fd`, which is not owned, to `host`: a name, which
  /// goes into SNI, or an address. The certificate must be for it (RFC 6125).
  ssl_handle connect(int fd, const std::string& host) const;

private:
  ssl_ctx_st* context_;
  bool verify_;
};

/// Why the last operation of `x` failed, in words.
tls_failure explain_tls(ssl_st* x, const std::string& host);

} // namespace hub
