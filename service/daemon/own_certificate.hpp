#pragma once

#include "server/tls_door.hpp"
#include "service/config/config_error.hpp"
#include "service/config/environment.hpp"
#include "service/config/hub_config.hpp"

#include <filesystem>

namespace hub {

/// Where the certificate of the hub's port and its key are.
struct tls_files {
  std::filesystem::path cert;
  std::filesystem::path key;
};

tls_files certificate_files(const hub_config& config, const std::filesystem::path& folder,
                            const variable_map& environment);

/// The certificate that the hub proves itself by at its port, by its configuration: the files
/// that this names, or `tls/cert.pem` and `tls/key.pem` in `folder`, which are made the first
/// time (self-signed, ECDSA P-256, for the names and addresses of this machine, 10 years).
/// @return Null without TLS.
config_result<tls_door_ptr> open_tls(const hub_config& config, const std::filesystem::path& folder,
                                     const variable_map& environment);

} // namespace hub
