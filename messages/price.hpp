#pragma once

#include "messages/money.hpp"

#include <memory>
#include <string>
#include <vector>

namespace hub {

/// What a call of a tool costs: the sum of what is here.
struct price {
  money per_call{};

  /// For each 1,000 bytes of the result, in proportion.
  money per_kb{};

  /// For each second that the server takes, in proportion.
  money per_second{};

  /// Where the result tells what it cost, member by member from outside; empty if it does not.
  std::vector<std::string> field{};

  /// What the field counts: `money::cent` or `money::dollar`.
  int64_t field_unit = money::cent;

  /// What is kept free in the budgets while such a call is in flight. None is what calls of
  /// the tool have cost at most.
  money at_most{};

  bool operator==(const price&) const = default;

  /// Whether it is known before the call.
  bool is_fixed() const noexcept {
    return per_kb.is_none() && per_second.is_none() && field.empty();
  }

  bool is_free() const noexcept {
    return per_call.is_none() && is_fixed();
  }
};

/// Lives in the prices of its server, which it keeps alive.
using price_ptr = std::shared_ptr<const price>;

/// The price of the tools that a pattern matches.
struct price_rule {
  /// With `*` and `?`.
  std::string tool;

  /// Whether the pattern is for `server__tool` and not for the server's own name of it.
  bool full_name = false;

  hub::price price{};

  /// Where it comes from, for people.
  std::string origin{};

  bool operator==(const price_rule&) const = default;
};

} // namespace hub
