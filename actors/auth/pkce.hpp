#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hub {

/// `bytes` random bytes of the kernel as text for URLs: nobody can guess it.
/// Throws `std::system_error` if the kernel has none to give.
std::string random_token(size_t bytes = 32);

/// The `code_challenge` of a `code_verifier` by the method S256 (RFC 7636,
/// section 4.2).
std::string s256_challenge(std::string_view verifier);

} // namespace hub
