#pragma once

#include "messages/access.hpp"
#include "messages/audit.hpp"
#include "messages/policy.hpp"
#include "messages/store_trouble.hpp"
#include "service/config/config_error.hpp"
#include "service/config/hub_config.hpp"

#include <filesystem>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <variant>

namespace hub {

/// Who may come in, and what they may use.
struct hub_access {
  /// The tokens that count; never null.
  std::shared_ptr<access_cell> tokens;

  /// Reads the file of tokens again, or says why it cannot be taken.
  std::function<std::variant<access_table, std::string>()> read;

  /// Whether clients over TCP need a token; never null.
  std::shared_ptr<std::atomic<bool>> token_required;

  /// The rules in force; never null.
  std::shared_ptr<permission_cell> permissions;

  /// How the audit is; never null.
  std::shared_ptr<audit_gauge> audit = std::make_shared<audit_gauge>();

  /// How the store is; never null.
  std::shared_ptr<store_trouble> store = std::make_shared<store_trouble>();
};

/// Whether clients over TCP need a token.
bool needs_tokens(const hub_config& config);

/// The rules of a configuration; null if everything is allowed.
permission_table_ptr permission_table_of(const hub_config& config);

/// Reads the tokens of `folder`. An error if the hub would listen for others than this
/// machine without one.
config_result<hub_access> open_access(const hub_config& config, const std::filesystem::path& folder);

} // namespace hub
