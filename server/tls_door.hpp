#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <variant>

struct ssl_ctx_st;
struct ssl_st;

namespace hub {

struct server_ssl_deleter {
  void operator()(ssl_st* x) const noexcept;
};

using server_ssl = std::unique_ptr<ssl_st, server_ssl_deleter>;

/// The certificate with which the hub proves itself at its TCP door. It never changes;
/// connections hold the one that they began with.
class tls_door {
public:
  /// Reads a certificate, with those that it was signed by, and its key: files in PEM form.
  /// @return The door, or a sentence that says which file cannot be used and why.
  static std::variant<std::shared_ptr<const tls_door>, std::string> open(const std::string& cert_file,
                                                                         const std::string& key_file);

  /// Takes the context over.
  tls_door(ssl_ctx_st* context, std::string fingerprint) noexcept;

  tls_door(const tls_door&) = delete;
  tls_door& operator=(const tls_door&) = delete;

  ~tls_door();

  /// Begins TLS, 1.2 or newer, on a connected socket that does not block; null if memory is short.
  server_ssl accept(int socket) const;

  /// SHA-256 of the certificate, as `AB:CD:...`.
  const std::string& fingerprint() const noexcept {
    return fingerprint_;
  }

private:
  ssl_ctx_st* context_;
  std::string fingerprint_;
};

using tls_door_ptr = std::shared_ptr<const tls_door>;

/// Where the door is left for the connections of all shards. Null if TLS is off.
using tls_cell = std::atomic<tls_door_ptr>;

} // namespace hub
