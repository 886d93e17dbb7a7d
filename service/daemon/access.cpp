#include "service/daemon/access.hpp"

#include "service/config/access_file.hpp"

#include <utility>
#include <vector>

namespace hub {

namespace {

access_table table_of(const std::vector<kept_token>& tokens) {
  std::vector<access_token> result;
  for (auto& x : tokens) {
    access_token token{std::make_shared<const principal>(principal{x.id, x.name, x.role, x.expires_at}), {}};
    if (from_hex(x.sha256, token.digest))
      result.push_back(std::move(token));
  }
  return access_table{std::move(result)};
}

} // namespace

bool needs_tokens(const hub_config& config) {
  return config.require_token || !is_loopback_host(config.host);
}

permission_table_ptr permission_table_of(const hub_config& config) {
  if (config.permissions.empty())
    return nullptr;
  return std::make_shared<const permission_table>(config.permissions.rules, config.permissions.otherwise);
}

config_result<hub_access> open_access(const hub_config& config, const std::filesystem::path& folder) {
  auto file = access_file_in(folder);
  auto tokens = read_tokens(file);
  if (!tokens)
    return tokens.errors();
  if (tokens->empty() && !is_loopback_host(config.host))
    return config_error{"host", "the hub would listen on " + config.host + ", where others can reach it, and no token exists",
                        "make one with `slm-hub token create NAME`, or listen on 127.0.0.1"};
  hub_access result;
  result.tokens = std::make_shared<access_cell>(std::make_shared<const access_table>(table_of(*tokens)));
  result.read = [file]() -> std::variant<access_table, std::string> {
    auto read = read_tokens(file);
    if (!read)
      return to_string(read.errors());
    return table_of(*read);
  };
  result.audit->wanted = config.audit.enabled;
  result.token_required = std::make_shared<std::atomic<bool>>(needs_tokens(config));
  result.permissions = std::make_shared<permission_cell>(permission_table_of(config));
  return result;
}

} // namespace hub
