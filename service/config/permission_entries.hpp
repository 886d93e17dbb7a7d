#pragma once

#include "messages/policy.hpp"
#include "service/config/config_value.hpp"
#include "service/config/value_reader.hpp"

#include <string>
#include <vector>

namespace hub {

/// What `permissions` says.
struct permission_settings {
  std::vector<permission_rule> rules;

  /// What counts where no rule matches.
  permission otherwise = permission::allow;

  bool operator==(const permission_settings&) const = default;

  bool empty() const noexcept {
    return rules.empty() && otherwise == permission::allow;
  }
};

/// Reads `permissions`: an array of rules, or an object of `default` and `rules`. A key
/// that is not known is an error here, since a rule without it would match more.
/// @param servers The configured names, for warnings about those that are not.
permission_settings read_permissions(const config_value& x, const std::vector<std::string>& servers,
                                     value_reader& reader);

/// The rules as a tree, for `config show`.
config_value permission_tree(const permission_settings& x);

} // namespace hub
