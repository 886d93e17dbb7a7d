#pragma once

#include "service/config/config_error.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// A token of a client as it is kept: its SHA-256 in hex, since nobody guesses 256
/// random bits however fast a hash is.
struct kept_token {
  /// Unlike that of any other token that ever was.
  std::string id;

  std::string name;
  std::string role;
  std::string sha256;

  /// Seconds since 1970; an `expires_at` of 0 is never.
  int64_t created_at = 0;
  int64_t expires_at = 0;
};

/// The most tokens.
inline constexpr size_t tokens_limit = 256;

/// Where the tokens of a hub are.
std::filesystem::path access_file_in(const std::filesystem::path& folder);

/// Reads the tokens; none if there is no file. A file that others may read or write,
/// or that is wrong in any way, is an error: no token of it counts.
config_result<std::vector<kept_token>> read_tokens(const std::filesystem::path& file);

/// Replaces the file in one step, with mode 0600.
std::optional<config_error> write_tokens(const std::filesystem::path& file, const std::vector<kept_token>& tokens);

/// A new token, to be shown once, and what is kept of it.
struct new_token {
  std::string text;
  kept_token kept;
};

/// Makes a token of 256 random bits. Throws `std::system_error` if the kernel has none.
/// @param lifetime In seconds; 0 is for ever.
new_token make_token(std::string name, std::string role, int64_t now, int64_t lifetime);

/// What is wrong with the name of a token or of a role; nothing if it is 1 to 64 letters,
/// digits, `.`, `_`, `-` and `@`.
std::optional<std::string> wrong_word(std::string_view what, std::string_view word);

} // namespace hub
