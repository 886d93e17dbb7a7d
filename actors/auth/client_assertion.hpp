#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hub {

/// A JWT by which a client proves who it is (RFC 7523, section 3): for five
/// minutes, once. Signed with ES256, RS256 or EdDSA, as the key has it.
/// @param private_key In PEM, without a passphrase.
/// @param audience The issuer of the authorization server.
/// @return Nothing if the key cannot be read or is of another kind.
std::optional<std::string> client_assertion(std::string_view private_key, std::string_view client_id,
                                            std::string_view audience, int64_t now);

} // namespace hub
