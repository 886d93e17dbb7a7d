#include "service/config/display.hpp"

#include "service/config/cache_entry.hpp"
#include "service/config/cascade_entry.hpp"
#include "messages/redaction.hpp"
#include "service/config/config_value.hpp"
#include "service/config/ledger_entry.hpp"
#include "service/config/json_reader.hpp"
#include "service/config/placeholders.hpp"
#include "service/config/policy_entry.hpp"
#include "service/config/server_guards.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>

namespace hub {

namespace {

using kind = config_value::kind;

constexpr std::string_view mask = "***";

std::string lower(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

/// Whether the value of an option or parameter called `name` is secret.
bool names_secret(std::string_view name) {
  auto text = lower(name);
  for (auto* word : {"key", "token", "secret", "password", "passwd", "pwd", "credential", "auth",
                     "bearer"})
    if (text.find(word) != std::string::npos)
      return true;
  return false;
}

/// Long enough to guess nothing from, with digits: a token and no word.
bool looks_like_token(std::string_view text) {
  auto is_digit = [](unsigned char c) { return std::isdigit(c) != 0; };
  auto is_symbol = [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '_' || c == '.';
  };
  return text.size() >= 20 && std::any_of(text.begin(), text.end(), is_digit)
         && std::all_of(text.begin(), text.end(), is_symbol);
}

/// `name: value` and `name=value` with the value masked.
std::string mask_after(std::string_view text, size_t separator) {
  auto value = text.substr(separator + 1);
  auto space = value.starts_with(' ') ? std::string_view{" "} : std::string_view{};
  value.remove_prefix(space.size());
  return std::string{text.substr(0, separator + 1)}.append(space) + mask_value(value);
}

std::string mask_argument(std::string_view arg) {
  if (arg.find("://") != std::string_view::npos)
    return mask_url(arg);
  auto separator = arg.find_first_of("=:");
  // Not a placeholder, which may have a colon.
  if (separator != std::string_view::npos && names_secret(arg.substr(0, separator))
      && arg.substr(0, separator).find("${") == std::string_view::npos)
    return mask_after(arg, separator);
  if (looks_like_token(arg) && !arg.starts_with('-') && arg.find('.') == std::string_view::npos)
    return std::string{mask};
  std::string result;
  for (auto& piece : split_placeholders(arg))
    result += piece.is_placeholder ? without_default(piece.text) : std::string{piece.text};
  return result;
}

/// The path of an address with its tokens masked.
std::string mask_path(std::string_view path) {
  std::string result;
  for (;;) {
    auto size = std::min(path.find('/'), path.size());
    auto segment = path.substr(0, size);
    result += looks_like_token(segment) ? mask : segment;
    if (size == path.size())
      return result;
    result += '/';
    path.remove_prefix(size + 1);
  }
}

/// The query of an address, from `?`, with its values masked.
std::string mask_query(std::string_view query) {
  std::string result;
  while (!query.empty()) {
    auto next = std::min(query.find('&', 1), query.size());
    auto part = query.substr(0, next);
    auto equals = part.find('=');
    if (equals == std::string_view::npos)
      result += looks_like_token(part.substr(1)) ? std::string{part.front()}.append(mask)
                                                 : std::string{part};
    else
      result += mask_after(part, equals);
    query.remove_prefix(next);
  }
  return result;
}

config_value number(int64_t x) {
  return config_value::of_number(std::to_string(x));
}

config_value strings(const std::vector<std::string>& texts) {
  auto result = config_value::of_kind(kind::array);
  for (auto& text : texts)
    result.items.push_back(config_value::of_string(text));
  return result;
}

config_value masked_pairs(const std::vector<std::pair<std::string, std::string>>& pairs) {
  auto result = config_value::of_kind(kind::object);
  for (auto& [name, value] : pairs)
    result.set(name, config_value::of_string(mask_value(value)));
  return result;
}

/// Settings with what may be a secret masked.
config_value masked_tree(config_value x) {
  if (x.is(kind::string))
    x.text = mask_argument(x.text);
  for (auto& item : x.items)
    item = masked_tree(std::move(item));
  for (auto& member : x.members)
    member.value = masked_tree(std::move(member.value));
  return x;
}

config_value plugins_tree(const std::vector<plugin_config>& plugins) {
  auto result = config_value::of_kind(kind::object);
  for (auto& x : plugins) {
    auto entry = config_value::of_kind(kind::object);
    if (x.enabled)
      entry.set("enabled", config_value::of_boolean(*x.enabled));
    if (!x.settings.empty())
      if (auto settings = read_json(x.settings, "settings"))
        entry.set("settings", masked_tree(std::move(*settings)));
    if (!x.env.empty())
      entry.set("env", masked_pairs(x.env));
    if (x.time_limit)
      entry.set("time_limit_ms", number(x.time_limit->count()));
    if (x.denies_on_failure)
      entry.set("on_failure", config_value::of_string("deny"));
    result.set(x.name, std::move(entry));
  }
  return result;
}

config_value oauth_tree(const oauth_config& x) {
  auto result = config_value::of_kind(kind::object);
  auto set_text = [&](const char* key, std::string text) {
    if (!text.empty())
      result.set(key, config_value::of_string(std::move(text)));
  };
  set_text("client_id", x.client_id);
  set_text("client_secret", mask_value(x.client_secret));
  // A path may be shown, a key not.
  set_text("private_key", x.private_key.starts_with("-----BEGIN") ? std::string{mask} : mask_argument(x.private_key));
  set_text("issuer", mask_url(x.issuer));
  set_text("client_metadata_url", mask_url(x.client_metadata_url));
  if (!x.scopes.empty())
    result.set("scopes", strings(x.scopes));
  if (x.without_user)
    set_text("grant", "client_credentials");
  return result;
}

config_value otlp_tree(const hub_config::otlp_config& x) {
  auto result = config_value::of_kind(kind::object);
  result.set("endpoint", config_value::of_string(mask_url(x.url)));
  if (!x.headers.empty())
    result.set("headers", masked_pairs(x.headers));
  result.set("sample", config_value::of_number(std::to_string(x.sample)));
  result.set("service", config_value::of_string(x.service));
  return result;
}

config_value server_tree(const server_config& server, const server_cache& usual) {
  auto result = config_value::of_kind(kind::object);
  auto set_text = [&](const char* key, std::string text) {
    if (!text.empty())
      result.set(key, config_value::of_string(std::move(text)));
  };
  if (server.transport == transport_kind::stdio) {
    set_text("command", mask_argument(server.command));
    if (!server.args.empty())
      result.set("args", strings(mask_args(server.args)));
    set_text("cwd", mask_argument(server.cwd));
    set_text("envFile", mask_argument(server.env_file));
    if (!server.env.empty())
      result.set("env", masked_pairs(server.env));
    if (!server.inherit_env.empty())
      result.set("inherit_env", server.inherit_env.front() == "*" ? config_value::of_boolean(true)
                                                                   : strings(server.inherit_env));
    if (auto& sandbox = server.sandbox; !sandbox.profile.empty()) {
      auto tree = config_value::of_kind(kind::object);
      tree.set("profile", config_value::of_string(sandbox.profile));
      if (!sandbox.write.empty())
        tree.set("write", strings(mask_args(sandbox.write)));
      if (sandbox.network)
        tree.set("network", config_value::of_boolean(*sandbox.network));
      result.set("sandbox", std::move(tree));
    }
  } else {
    set_text("type", server.transport == transport_kind::sse ? "sse" : "http");
    set_text("url", mask_url(server.url));
    if (!server.headers.empty())
      result.set("headers", masked_pairs(server.headers));
    if (auto oauth = oauth_tree(server.oauth); !oauth.members.empty())
      result.set("oauth", std::move(oauth));
    auto tls = config_value::of_kind(kind::object);
    for (auto& [key, path] : {std::pair{"ca", &server.tls.ca}, {"cert", &server.tls.cert}, {"key", &server.tls.key}})
      if (!path->empty())
        tls.set(key, config_value::of_string(mask_argument(*path)));
    if (!server.tls.verify)
      tls.set("verify", config_value::of_boolean(false));
    if (!tls.members.empty())
      result.set("tls", std::move(tls));
    set_text("proxy", mask_url(server.proxy));
    if (server.max_in_flight != server_config{}.max_in_flight)
      result.set("max_in_flight", number(static_cast<int64_t>(server.max_in_flight)));
  }
  if (!server.enabled)
    result.set("enabled", config_value::of_boolean(false));
  if (server.per_session)
    set_text("isolation", "session");
  if (server.era)
    set_text("era", *server.era == era::stateless ? "stateless" : "handshake");
  if (server.tool_changes)
    set_text("tool_changes", std::string{to_string(*server.tool_changes)});
  if (server.cache != usual)
    result.set("cache", cache_tree(server.cache));
  std::vector<price_rule> prices;
  std::ranges::copy_if(server.prices, std::back_inserter(prices), [](auto& x) { return !x.full_name; });
  if (!prices.empty())
    result.set("prices", price_tree(prices));
  if (!server.tags.empty())
    result.set("tags", strings(server.tags));
  show_policy(server.policy, result);
  return result;
}

} // namespace

std::string mask_value(std::string_view text) {
  std::string result;
  for (std::string_view scheme : {"Bearer ", "Basic ", "Token "})
    if (lower(text.substr(0, scheme.size())) == lower(scheme)) {
      result = text.substr(0, scheme.size());
      text.remove_prefix(scheme.size());
      break;
    }
  for (auto& piece : split_placeholders(text)) {
    if (piece.is_placeholder)
      result += without_default(piece.text);
    else
      result += mask;
  }
  return result;
}

std::string mask_url(std::string_view url) {
  std::string result;
  // The URL may stand after an option: `--url=https://…`.
  auto scheme = url.find("://");
  if (scheme == std::string_view::npos)
    scheme = 0;
  else
    scheme += 3;
  result = url.substr(0, scheme);
  auto rest = url.substr(scheme);
  auto query = std::min(rest.find_first_of("?#"), rest.size());
  auto slash = std::min(rest.find('/'), query);
  auto authority = rest.substr(0, slash);
  if (auto at = authority.rfind('@'); at != std::string_view::npos && scheme > 0) {
    result += mask_value(authority.substr(0, at));
    result += authority.substr(at);
  } else {
    result += authority;
  }
  result += mask_path(rest.substr(slash, query - slash));
  result += mask_query(rest.substr(query));
  return result;
}

std::vector<std::string> mask_args(const std::vector<std::string>& args) {
  std::vector<std::string> result;
  auto secret_next = false;
  for (auto& arg : args) {
    auto is_option = arg.starts_with("-") && arg.size() > 1;
    result.push_back(secret_next && !is_option ? mask_value(arg) : mask_argument(arg));
    secret_next = is_option && arg.find('=') == std::string::npos && names_secret(arg);
  }
  return result;
}

std::optional<std::string> written_secret(const hub_config& config) {
  auto is_written = [](std::string_view value) {
    std::string plain;
    for (auto& piece : split_placeholders(value))
      if (!piece.is_placeholder)
        plain += piece.text;
    auto word = plain.substr(0, plain.find(' '));
    auto is_scheme = lower(word) == "bearer" || lower(word) == "basic" || lower(word) == "token";
    return plain.size() - (is_scheme ? word.size() : 0) >= redaction::shortest;
  };
  for (auto& server : config.servers) {
    for (auto& [name, value] : server.env)
      if (names_secret(name) && !value.starts_with('/') && is_written(value))
        return "server \"" + server.name + "\": env." + name;
    for (auto& [name, value] : server.headers)
      if (names_secret(name) && is_written(value))
        return "server \"" + server.name + "\": headers." + name;
  }
  for (auto& plugin : config.plugins) {
    for (auto& [name, value] : plugin.env)
      if (names_secret(name) && !value.starts_with('/') && is_written(value))
        return "plugin \"" + plugin.name + "\": env." + name;
    if (auto settings = read_json(plugin.settings, "settings"))
      for (auto& [name, at, value] : settings->members)
        if (names_secret(name) && value.is(kind::string) && !value.text.starts_with('/') && is_written(value.text))
          return "plugin \"" + plugin.name + "\": settings." + name;
  }
  return std::nullopt;
}

std::string render_config_for_display(const hub_config& config) {
  auto root = config_value::of_kind(kind::object);
  root.set("host", config_value::of_string(config.host));
  root.set("port", number(config.port));
  root.set("log_level", config_value::of_string(config.log_level));
  root.set("log_format", config_value::of_string(config.log_format));
  root.set("session_timeout_seconds", number(config.session_timeout.count()));
  root.set("max_sessions", number(static_cast<int64_t>(config.max_sessions)));
  root.set("max_connections", number(static_cast<int64_t>(config.max_connections)));
  root.set("cache", cache_tree(config.cache));
  root.set("cache_max_entries", number(static_cast<int64_t>(config.cache_max_entries)));
  root.set("cache_max_bytes", number(static_cast<int64_t>(config.cache_max_bytes)));
  root.set("result_limit_bytes", number(static_cast<int64_t>(config.result_limit)));
  root.set("result_piece_bytes", number(static_cast<int64_t>(config.result_piece)));
  root.set("cut_transparent_results", config_value::of_boolean(config.cut_transparent_results));
  if (!config.prices.empty())
    root.set("prices", price_tree(config.prices));
  root.set("known_prices", config_value::of_boolean(config.known_prices));
  if (!config.budgets.empty())
    root.set("budgets", budget_tree(config.budgets));
  if (!config.cascades.empty())
    root.set("cascades", cascade_tree(config.cascades));
  root.set("idle_shutdown_seconds", number(config.idle_shutdown.count()));
  root.set("cors_origins", strings(config.cors_origins));
  root.set("plugins_enabled", strings(config.plugins_enabled));
  if (!config.plugins.empty())
    root.set("plugins", plugins_tree(config.plugins));
  root.set("learn_unknown", config_value::of_boolean(config.learn_unknown));
  root.set("learning", config_value::of_string(config.learning ? "on" : "off"));
  root.set("locks", config_value::of_boolean(config.locks));
  root.set("warm_up", config_value::of_string(config.warm_up == warm_up_mode::on       ? "on"
                                              : config.warm_up == warm_up_mode::shadow ? "shadow"
                                                                                       : "off"));
  root.set("secret_commands", config_value::of_boolean(config.secret_commands));
  root.set("max_concurrent_starts", number(static_cast<int64_t>(config.max_concurrent_starts)));
  root.set("start_timeout_seconds", number(config.start_timeout.count()));
  root.set("request_timeout_seconds", number(config.request_timeout.count()));
  root.set("answer_timeout_seconds", number(config.answer_timeout.count()));
  root.set("shutdown_grace_seconds", number(config.shutdown_grace.count()));
  root.set("search_token_budget", number(static_cast<int64_t>(config.search_token_budget)));
  if (!config.embeddings.url.empty()) {
    auto embeddings = config_value::of_kind(kind::object);
    embeddings.set("url", config_value::of_string(config.embeddings.url));
    embeddings.set("model", config_value::of_string(config.embeddings.model));
    embeddings.set("timeout_ms", number(config.embeddings.timeout.count()));
    auto search = config_value::of_kind(kind::object);
    search.set("embeddings", std::move(embeddings));
    root.set("search", std::move(search));
  }
  root.set("federated_tools", number(static_cast<int64_t>(config.federated_tools)));
  root.set("shards", number(static_cast<int64_t>(config.shards)));
  root.set("max_message_bytes", number(static_cast<int64_t>(config.max_message_bytes)));
  root.set("max_body_bytes", number(static_cast<int64_t>(config.max_body_bytes)));
  root.set("tool_changes", config_value::of_string(std::string{to_string(config.tool_changes)}));
  if (config.tls.cert.empty()) {
    root.set("tls", config_value::of_boolean(config.tls.enabled));
  } else {
    auto tls = config_value::of_kind(kind::object);
    tls.set("cert", config_value::of_string(config.tls.cert));
    tls.set("key", config_value::of_string(config.tls.key));
    root.set("tls", std::move(tls));
  }
  if (config.rate_limit.per_second > 0) {
    auto rate = config_value::of_kind(kind::object);
    rate.set("per_second", config_value::of_number(std::to_string(config.rate_limit.per_second)));
    rate.set("burst", config_value::of_number(std::to_string(config.rate_limit.burst)));
    root.set("rate_limit", std::move(rate));
  }
  root.set("allow_plain_http", config_value::of_boolean(config.allow_plain_http));
  root.set("require_token", config_value::of_boolean(config.require_token));
  auto audit = config_value::of_kind(kind::object);
  audit.set("enabled", config_value::of_boolean(config.audit.enabled));
  audit.set("arguments", config_value::of_boolean(config.audit.arguments));
  audit.set("max_bytes", number(static_cast<int64_t>(config.audit.max_bytes)));
  audit.set("files", number(static_cast<int64_t>(config.audit.files)));
  root.set("audit", std::move(audit));
  root.set("telemetry", config_value::of_boolean(config.telemetry));
  if (!config.otlp.url.empty())
    root.set("otlp", otlp_tree(config.otlp));
  if (!config.permissions.empty())
    root.set("permissions", permission_tree(config.permissions));
  if (config.defaults != run_policy{}) {
    auto defaults = config_value::of_kind(kind::object);
    show_policy(config.defaults, defaults);
    root.set("defaults", std::move(defaults));
  }
  auto servers = config_value::of_kind(kind::object);
  for (auto& server : config.servers)
    servers.set(server.name, server_tree(server, config.cache));
  root.set("mcpServers", std::move(servers));
  if (!config.groups.empty()) {
    auto groups = config_value::of_kind(kind::object);
    for (auto& group : config.groups)
      groups.set(group.name, strings(group.servers));
    root.set("groups", std::move(groups));
  }
  return to_json(root);
}

} // namespace hub
