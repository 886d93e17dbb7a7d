#pragma once

#include "messages/savings.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace hub {

/// Savings of all runs of the hub.
struct savings_account {
  /// When counting began, in seconds since 1970.
  int64_t since = 0;

  savings sum{};
};

/// The account as a JSON object.
std::string to_json(const savings_account& x);

/// Reads what `to_json` wrote; what is no such thing is an account that begins now.
savings_account read_savings(std::string_view text, int64_t now);

} // namespace hub
