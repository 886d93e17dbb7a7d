#pragma once

#include <string>
#include <string_view>

namespace hub {

/// How much of the arguments of a call a summary tells.
enum class summary_detail {
  names, ///< Their names, and how long their values are.
  values ///< The values too, without what looks like a secret.
};

/// The arguments in `params` of a `tools/call` as one line of at most 500 characters.
/// Values of secrets that the hub knows, of members that are called like one, and texts that
/// look like keys are `***` in any case.
std::string argument_summary(std::string_view params, summary_detail detail);

/// Whether a member of this name may hold a secret.
bool is_secret_name(std::string_view name);

/// Whether a text looks like a key or a token: long, without blanks, of letters and digits.
bool looks_like_secret(std::string_view text) noexcept;

} // namespace hub
