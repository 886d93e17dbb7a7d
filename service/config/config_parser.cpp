#include "service/config/config_parser.hpp"

#include "service/config/cache_entry.hpp"
#include "service/config/cascade_entry.hpp"
#include "service/config/json_reader.hpp"
#include "service/config/ledger_entry.hpp"
#include "service/config/otlp_entry.hpp"
#include "service/config/plugin_entries.hpp"
#include "service/config/policy_entry.hpp"
#include "service/config/server_entry.hpp"
#include "service/config/server_groups.hpp"
#include "service/config/server_guards.hpp"
#include "service/config/value_reader.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <string_view>

#include <arpa/inet.h>

namespace hub {

namespace {

using kind = config_value::kind;
using std::chrono::seconds;

/// A setting that is a whole number.
struct number_setting {
  const char* key;
  int64_t min;
  int64_t max;
  void (*apply)(hub_config&, int64_t);
};

constexpr int64_t day = 86'400;
constexpr int64_t gibibyte = 1 << 30;

constexpr number_setting number_settings[] = {
  {"port", 0, 65'535, [](hub_config& c, int64_t x) { c.port = static_cast<uint16_t>(x); }},
  {"session_timeout_seconds", 1, 30 * day,
   [](hub_config& c, int64_t x) { c.session_timeout = seconds{x}; }},
  {"max_sessions", 1, 1'000'000,
   [](hub_config& c, int64_t x) { c.max_sessions = static_cast<size_t>(x); }},
  {"max_connections", 1, 1'000'000,
   [](hub_config& c, int64_t x) { c.max_connections = static_cast<size_t>(x); }},
  {"cache_ttl_seconds", 0, 365 * day,
   [](hub_config& c, int64_t x) { c.cache.ttl = seconds{x}; }},
  {"cache_max_entries", 0, 10'000'000,
   [](hub_config& c, int64_t x) { c.cache_max_entries = static_cast<size_t>(x); }},
  {"cache_max_bytes", 0, 64 * gibibyte,
   [](hub_config& c, int64_t x) { c.cache_max_bytes = static_cast<size_t>(x); }},
  {"result_limit_bytes", 0, gibibyte,
   [](hub_config& c, int64_t x) { c.result_limit = static_cast<size_t>(x); }},
  {"result_piece_bytes", 256, 1 << 20,
   [](hub_config& c, int64_t x) { c.result_piece = static_cast<size_t>(x); }},
  {"idle_shutdown_seconds", 0, 365 * day,
   [](hub_config& c, int64_t x) { c.idle_shutdown = seconds{x}; }},
  {"max_concurrent_starts", 1, 256,
   [](hub_config& c, int64_t x) { c.max_concurrent_starts = static_cast<size_t>(x); }},
  {"start_timeout_seconds", 1, day,
   [](hub_config& c, int64_t x) { c.start_timeout = seconds{x}; }},
  {"request_timeout_seconds", 1, day,
   [](hub_config& c, int64_t x) { c.request_timeout = seconds{x}; }},
  {"answer_timeout_seconds", 1, day,
   [](hub_config& c, int64_t x) { c.answer_timeout = seconds{x}; }},
  {"shutdown_grace_seconds", 0, 3'600,
   [](hub_config& c, int64_t x) { c.shutdown_grace = seconds{x}; }},
  {"search_token_budget", 1, 1'000'000,
   [](hub_config& c, int64_t x) { c.search_token_budget = static_cast<size_t>(x); }},
  {"federated_tools", 0, 128,
   [](hub_config& c, int64_t x) { c.federated_tools = static_cast<size_t>(x); }},
  {"shards", 1, 64, [](hub_config& c, int64_t x) { c.shards = static_cast<size_t>(x); }},
  {"max_message_bytes", 4'096, gibibyte,
   [](hub_config& c, int64_t x) { c.max_message_bytes = static_cast<size_t>(x); }},
  {"max_body_bytes", 4'096, gibibyte,
   [](hub_config& c, int64_t x) { c.max_body_bytes = static_cast<size_t>(x); }},
};

/// Settings that are read below, belong to parts that come later, or are left
/// by other programs that share the file.
constexpr std::string_view other_keys[] = {
  "host", "log_level", "cors_origins", "plugins_enabled", "learn_unknown", "learning", "search", "locks", "config_dir",
  "groups", "defaults", "warm_up", "warmup", "secret_commands", "tls", "rate_limit", "allow_plain_http", "tool_changes", "plugins", "permissions", "require_token", "requireToken", "audit", "cache", "prices", "known_prices", "budgets", "cascades", "cut_transparent_results", "mesh", "telemetry", "otlp", "log_format", "inputs",
};

std::optional<std::string> log_level_of(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (text == "warn")
    text = "warning";
  for (auto* level : {"trace", "debug", "info", "warning", "error", "critical", "off"})
    if (text == level)
      return text;
  return std::nullopt;
}

constexpr auto log_level_fix = "use trace, debug, info, warning, error, critical or off";
constexpr auto log_format_fix = "use auto, text or json";
constexpr auto host_fix = "use a name or an address, such as 127.0.0.1, ::1 or 0.0.0.0";

bool is_log_format(std::string_view text) noexcept {
  return text == "auto" || text == "text" || text == "json";
}

/// Whether `host` can be a name or an address.
bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= 255
         && std::all_of(host.begin(), host.end(), [](unsigned char c) {
              return std::isalnum(c) != 0 || c == '.' || c == '-' || c == ':' || c == '[' || c == ']' || c == '%';
            });
}

/// Reads the settings, all but the servers.
class settings_reader {
public:
  settings_reader(const config_value& root, value_reader& reader, hub_config& config)
    : root_(root), reader_(reader), config_(config) {
    // nop
  }

  void read() {
    for (auto& setting : number_settings)
      if (auto* value = root_.find(setting.key))
        if (auto x = reader_.integer(*value, setting.key, setting.min, setting.max))
          setting.apply(config_, *x);
    if (auto* value = root_.find("host"))
      read_host(*value);
    if (auto* value = root_.find("log_level"))
      read_log_level(*value);
    if (auto* value = root_.find("log_format"))
      read_log_format(*value);
    if (auto* value = root_.find("telemetry"))
      config_.telemetry = reader_.boolean(*value, "telemetry").value_or(true);
    if (auto* value = root_.find("otlp"))
      read_otlp(*value, reader_, config_.otlp);
    if (auto* value = root_.find("cors_origins"))
      read_origins(*value);
    if (auto* value = root_.find("plugins_enabled"))
      config_.plugins_enabled = reader_.strings(*value, "plugins_enabled");
    if (auto* value = root_.find("plugins"))
      config_.plugins = read_plugins(*value, reader_);
    if (auto* value = root_.find("learn_unknown"))
      config_.learn_unknown = reader_.boolean(*value, "learn_unknown").value_or(true);
    if (auto* value = root_.find("learning"))
      read_learning(*value);
    if (auto* value = root_.find("search"))
      read_search(*value);
    if (auto* value = root_.find("tool_changes"))
      config_.tool_changes = read_change_policy(*value, "tool_changes", reader_).value_or(config_.tool_changes);
    if (auto* value = root_.find("cache"))
      read_cache(*value, "cache", reader_, config_.cache);
    if (auto* value = root_.find("prices"))
      config_.prices = read_prices(*value, "prices", reader_, true);
    if (auto* value = root_.find("known_prices"))
      config_.known_prices = reader_.boolean(*value, "known_prices").value_or(true);
    if (auto* value = root_.find("budgets"))
      config_.budgets = read_budgets(*value, reader_);
    if (auto* value = root_.find("cut_transparent_results"))
      config_.cut_transparent_results = reader_.boolean(*value, "cut_transparent_results").value_or(false);
    if (auto* value = root_.find("secret_commands"))
      config_.secret_commands = reader_.boolean(*value, "secret_commands").value_or(false);
    if (auto* value = root_.find("locks"))
      config_.locks = reader_.boolean(*value, "locks").value_or(false);
    for (auto* key : {"require_token", "requireToken"})
      if (auto* value = root_.find(key))
        config_.require_token = reader_.boolean(*value, key).value_or(true);
    if (auto* value = root_.find("audit"))
      read_audit(*value);
    for (auto* key : {"warm_up", "warmup"})
      if (auto* value = root_.find(key))
        read_warm_up(*value, key);
    if (auto* value = root_.find("tls"))
      read_tls(*value);
    if (auto* value = root_.find("rate_limit"))
      read_rate(*value);
    if (auto* value = root_.find("allow_plain_http"))
      config_.allow_plain_http = reader_.boolean(*value, "allow_plain_http").value_or(false);
    if (auto* value = root_.find("defaults"))
      read_defaults(*value);
    if (auto* value = root_.find("config_dir"))
      reader_.warn(value->begin, "config_dir has no effect",
                   "set the environment variable SLM_HUB_CONFIG_DIR instead");
    warn_of_unknown();
  }

private:
  void read_host(const config_value& value) {
    auto host = reader_.string(value, "host");
    if (!host)
      return;
    if (is_host(*host))
      config_.host = *host;
    else
      reader_.fail(value.begin, "host \"" + *host + "\" is none", host_fix);
  }

  void read_log_level(const config_value& value) {
    auto text = reader_.string(value, "log_level");
    if (!text)
      return;
    if (auto level = log_level_of(*text))
      config_.log_level = *level;
    else
      reader_.fail(value.begin, "log_level \"" + *text + "\" is none that the hub knows",
                   log_level_fix);
  }

  void read_log_format(const config_value& value) {
    auto text = reader_.string(value, "log_format");
    if (!text)
      return;
    if (is_log_format(*text))
      config_.log_format = *text;
    else
      reader_.fail(value.begin, "log_format \"" + *text + "\" is none", log_format_fix);
  }

  void read_origins(const config_value& value) {
    config_.cors_origins = reader_.strings(value, "cors_origins");
    for (auto& item : value.items) {
      if (item.is(kind::string) && item.text == "*")
        reader_.warn(item.begin, "cors_origins has \"*\", which is not heeded: any web page "
                                "could use your tools",
                     "name the pages that may");
      else if (item.is(kind::string) && !is_http_url(item.text))
        reader_.fail(item.begin, "cors_origins has \"" + item.text + "\", which is no origin",
                     "write it like http://localhost:3000");
    }
  }

  void read_audit(const config_value& value) {
    auto& x = config_.audit;
    if (value.is(kind::boolean)) {
      x.enabled = value.boolean;
      return;
    }
    if (!value.is(kind::object))
      return reader_.wrong_type(value, "audit", "true, false or an object", "write it like {\"arguments\": false}");
    reader_.check_unique(value, "audit");
    for (auto& [key, at, item] : value.members) {
      auto label = "audit." + key;
      if (key == "enabled")
        x.enabled = reader_.boolean(item, label).value_or(true);
      else if (key == "arguments")
        x.arguments = reader_.boolean(item, label).value_or(false);
      else if (key == "max_bytes")
        x.max_bytes = static_cast<size_t>(reader_.integer(item, label, 65'536, gibibyte).value_or(gibibyte));
      else if (key == "files")
        x.files = static_cast<size_t>(reader_.integer(item, label, 2, 999).value_or(2));
      else
        reader_.fail(at, "audit: \"" + key + "\" is no part of it", "use enabled, arguments, max_bytes and files");
    }
  }

  void read_warm_up(const config_value& value, const char* key) {
    auto text = reader_.string(value, key);
    if (!text)
      return;
    if (*text == "off" || *text == "shadow" || *text == "on")
      config_.warm_up = *text == "on" ? warm_up_mode::on : *text == "off" ? warm_up_mode::off : warm_up_mode::shadow;
    else
      reader_.fail(value.begin, std::string{key} + " is \"" + *text + "\"", "use \"off\", \"shadow\" or \"on\"");
  }

  void read_learning(const config_value& value) {
    if (value.is(kind::boolean)) {
      config_.learning = value.boolean;
      return;
    }
    auto text = reader_.string(value, "learning");
    if (!text)
      return;
    if (*text == "on" || *text == "off")
      config_.learning = *text == "on";
    else
      reader_.fail(value.begin, "learning is \"" + *text + "\"", "use \"on\" or \"off\"");
  }

  void read_search(const config_value& value) {
    constexpr auto fix = R"(write it like {"embeddings": {"url": "http://127.0.0.1:8080/v1", "model": "all-minilm-l6-v2"}})";
    if (!value.is(kind::object))
      return reader_.wrong_type(value, "search", "an object", fix);
    reader_.check_unique(value, "search");
    for (auto& [key, at, item] : value.members) {
      if (key != "embeddings")
        reader_.fail(at, "search: \"" + key + "\" is no part of it", "use embeddings");
      else if (!item.is(kind::object))
        reader_.wrong_type(item, "search.embeddings", "an object", fix);
      else
        read_embeddings(item);
    }
  }

  void read_embeddings(const config_value& value) {
    auto& x = config_.embeddings;
    reader_.check_unique(value, "search.embeddings");
    for (auto& [key, at, item] : value.members) {
      auto label = "search.embeddings." + key;
      if (key == "url")
        x.url = reader_.string(item, label).value_or("");
      else if (key == "model")
        x.model = reader_.string(item, label).value_or("");
      else if (key == "timeout_ms")
        x.timeout = std::chrono::milliseconds{reader_.integer(item, label, 10, 5'000).value_or(200)};
      else
        reader_.fail(at, "search.embeddings: \"" + key + "\" is no part of it", "use url, model and timeout_ms");
    }
    if (!is_http_url(x.url))
      reader_.fail(value.begin, "search.embeddings.url \"" + x.url + "\" is no address", "write it like http://127.0.0.1:8080/v1");
    if (x.model.empty())
      reader_.fail(value.begin, "search.embeddings names no model", "add \"model\" as the endpoint calls it");
  }

  void read_rate(const config_value& value) {
    auto& x = config_.rate_limit;
    if (!value.is(kind::object))
      return reader_.wrong_type(value, "rate_limit", "an object", "write it like {\"per_second\": 50, \"burst\": 200}");
    reader_.check_unique(value, "rate_limit");
    for (auto& [key, at, item] : value.members) {
      if (key != "per_second" && key != "burst") {
        reader_.fail(at, "rate_limit: \"" + key + "\" is no part of it", "use per_second and burst");
        continue;
      }
      auto number = reader_.number(item, "rate_limit." + key, 0, 1e6).value_or(0);
      (key == "burst" ? x.burst : x.per_second) = number;
    }
    if (x.burst < 1)
      x.burst = std::max(1.0, 2 * x.per_second);
  }

  void read_tls(const config_value& value) {
    auto& x = config_.tls;
    if (value.is(kind::boolean)) {
      x.enabled = value.boolean;
      return;
    }
    if (!value.is(kind::object))
      return reader_.wrong_type(value, "tls", "true, false or an object",
                                "write it like {\"cert\": \"~/hub.pem\", \"key\": \"~/hub.key\"}");
    reader_.check_unique(value, "tls");
    for (auto& [key, at, item] : value.members) {
      if (key != "cert" && key != "key") {
        reader_.fail(at, "tls: \"" + key + "\" is no part of it", "use cert and key");
        continue;
      }
      auto path = reader_.string(item, "tls." + key).value_or("");
      if (path.empty() || std::string_view{"/~"}.find(path[0]) == std::string_view::npos)
        reader_.fail(item.begin, "tls." + key + " is no absolute path", "start it with / or ~/");
      (key == "cert" ? x.cert : x.key) = std::move(path);
    }
    x.enabled = true;
    if (x.cert.empty() != x.key.empty())
      reader_.fail(value.begin, "tls has only one of cert and key", "name both, or write true for a certificate of the hub's own");
  }

  void read_defaults(const config_value& value) {
    if (!value.is(kind::object))
      return reader_.wrong_type(value, "defaults", "an object", "write it like {\"idle_seconds\": 600}");
    reader_.check_unique(value, "defaults");
    for (auto& member : value.members)
      if (!is_policy_key(member.key))
        reader_.fail(member.key_begin, "defaults: \"" + member.key + "\" is no part of it",
                     "use lazy, always_on, idle_seconds, start_timeout, timeout, max_concurrent, crash_limit, "
                     "memory_mb, cpus and cpu_seconds");
    read_policy(value, "defaults: ", reader_, config_.defaults);
  }

  void warn_of_unknown() {
    auto lists = find_server_lists(root_);
    auto known = [&](const std::string& key) {
      // `$schema`, and `_` and `x-` by which people mark what is theirs.
      return key.starts_with("$") || key.starts_with("_") || key.starts_with("x-")
             || std::find(std::begin(other_keys), std::end(other_keys), key) != std::end(other_keys)
             || std::any_of(std::begin(number_settings), std::end(number_settings),
                            [&](auto& x) { return key == x.key; })
             || std::any_of(lists.begin(), lists.end(), [&](auto& x) {
                  return key == x.key || x.key.starts_with(key + ".");
                });
    };
    for (auto& member : root_.members)
      if (!known(member.key))
        reader_.warn(member.key_begin,
                     "\"" + member.key + "\" is no setting of this hub and has no effect",
                     "check its spelling");
  }

  const config_value& root_;
  value_reader& reader_;
  hub_config& config_;
};

} // namespace

bool is_loopback_host(std::string_view host) {
  if (host == "localhost")
    return true;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  auto text = std::string{host};
  in_addr v4 = {};
  if (::inet_pton(AF_INET, text.c_str(), &v4) == 1)
    return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6 = {};
  return ::inet_pton(AF_INET6, text.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

config_result<hub_config> parse_config(const std::string& text, const std::string& file) {
  auto root = read_json(text, file);
  if (!root)
    return root.errors();
  value_reader reader{{file, text}};
  if (!root->is(kind::object)) {
    reader.wrong_type(*root, "the file", "an object", "write { \"mcpServers\": { } }");
    return reader.errors();
  }
  hub_config result;
  reader.check_unique(*root, "the file");
  settings_reader{*root, reader, result}.read();
  auto lists = find_server_lists(*root);
  if (!lists.empty())
    result.servers = read_servers(lists.front(), reader, result.cache);
  for (auto& server : result.servers) {
    server.policy = result.defaults.under(server.policy);
    add_prices(server, result.prices, result.known_prices);
  }
  if (auto* cascades = root->find("cascades"))
    result.cascades = read_cascades(*cascades, result.servers, reader);
  if (auto* groups = root->find("groups"))
    result.groups = read_groups(*groups, result.servers, reader);
  if (auto* permissions = root->find("permissions")) {
    std::vector<std::string> names;
    for (auto& x : result.servers)
      names.push_back(x.name);
    result.permissions = read_permissions(*permissions, names, reader);
  }
  for (size_t i = 1; i < lists.size(); ++i)
    reader.warn(lists[i].value->begin,
                lists[i].key + " is not read, because " + lists.front().key + " is there too",
                "move its servers into " + lists.front().key);
  if (reader.error_count() > 0)
    return reader.errors();
  result.warnings = reader.warnings();
  return result;
}

config_result<hub_config> apply_environment(hub_config config, const variable_map& environment) {
  std::vector<config_error> errors;
  auto given = [&](const char* name) {
    auto* value = find_variable(environment, name);
    return value && !value->empty() ? value : nullptr;
  };
  if (auto* port = given("SLM_HUB_PORT")) {
    auto last = port->data() + port->size();
    auto [end, error] = std::from_chars(port->data(), last, config.port);
    if (error != std::errc{} || end != last)
      errors.push_back({"SLM_HUB_PORT", "\"" + *port + "\" is no port",
                        "set it to a whole number from 0 to 65535"});
  }
  if (auto* host = given("SLM_HUB_HOST")) {
    config.host = *host;
    if (!is_host(*host))
      errors.push_back({"SLM_HUB_HOST", "\"" + *host + "\" is no host", host_fix});
  }
  if (auto* level = given("SLM_HUB_LOG_LEVEL")) {
    if (auto known = log_level_of(*level))
      config.log_level = *known;
    else
      errors.push_back(
        {"SLM_HUB_LOG_LEVEL", "\"" + *level + "\" is none that the hub knows", log_level_fix});
  }
  if (auto* format = given("SLM_HUB_LOG_FORMAT")) {
    config.log_format = *format;
    if (!is_log_format(*format))
      errors.push_back({"SLM_HUB_LOG_FORMAT", "\"" + *format + "\" is no format of a log", log_format_fix});
  }
  apply_otlp_environment(config, environment, errors);
  if (!errors.empty())
    return errors;
  return config;
}

} // namespace hub
