#include "service/config/launch.hpp"

#include "service/config/env_file.hpp"
#include "service/config/sandbox.hpp"
#include "service/config/server_entry.hpp"
#include "service/config/stored_file.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace hub {

namespace {

/// What a program needs to find itself, its user, its network and its packages.
constexpr std::string_view inherited_names[] = {
  "PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "SHELL", "TERM",
  "SSH_AUTH_SOCK", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS",
  "http_proxy", "https_proxy", "no_proxy", "all_proxy",
  "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",
  "LD_LIBRARY_PATH", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NVM_DIR", "VOLTA_HOME", "PYENV_ROOT",
  "DOCKER_HOST", "DOCKER_CONFIG", "DOCKER_CONTEXT",
};

constexpr std::string_view inherited_prefixes[] = {
  "LC_", "XDG_", "NODE_", "npm_config_", "NPM_CONFIG_", "UV_", "PIP_", "PYTHON", "SSL_CERT_",
};

bool is_inherited(std::string_view name) {
  return std::find(std::begin(inherited_names), std::end(inherited_names), name)
           != std::end(inherited_names)
         || std::any_of(std::begin(inherited_prefixes), std::end(inherited_prefixes),
                        [&](auto prefix) { return name.starts_with(prefix); });
}

/// Resolves the fields of one server and collects what fails.
class field_resolver {
public:
  field_resolver(const server_config& server, const variables& known)
    : server_(server), known_(known) {
    // nop
  }

  std::string resolve(const std::string& field, const std::string& text) {
    auto result = hub::resolve(text, known_);
    if (auto* error = std::get_if<unresolved_placeholder>(&result)) {
      fail(field, error->cause, error->fix);
      return {};
    }
    return std::get<std::string>(std::move(result));
  }

  /// Resolves a path, where `~` is the home.
  std::string resolve_path(const std::string& field, const std::string& text) {
    return expand_tilde(resolve(field, text), known_.home);
  }

  void fail(const std::string& field, const std::string& cause, const std::string& fix) {
    errors_.push_back(
      {server_.origin, "server \"" + server_.name + "\": " + field + " " + cause, fix});
  }

  const std::vector<config_error>& errors() const noexcept {
    return errors_;
  }

private:
  const server_config& server_;
  const variables& known_;
  std::vector<config_error> errors_;
};

/// Puts the variables of the server's `envFile` over `environment`.
void add_env_file(const server_config& server, const std::string& cwd, field_resolver& fields,
                  variable_map& environment) {
  if (server.env_file.empty())
    return;
  auto path = std::filesystem::path{fields.resolve_path("envFile", server.env_file)};
  if (path.empty())
    return;
  if (path.is_relative() && cwd.empty()) {
    fields.fail("envFile", "is a relative path and there is no cwd", "start it with / or ~/");
    return;
  }
  auto stored = read_stored(path.is_relative() ? cwd / path : path, 1 << 20);
  if (!stored) {
    for (auto& error : stored.errors())
      fields.fail("envFile", error.where + " " + error.cause, error.fix);
    return;
  }
  // Its odd lines are skipped as in the program that the file was written for.
  for (auto& [name, value] : read_env_lines(stored->text, path.string()).values)
    environment.insert_or_assign(name, value);
}

/// The environment of a child before `envFile` and `env`.
variable_map inherited_environment(const server_config& server, const variable_map& environment) {
  auto result = base_environment(environment);
  for (auto& name : server.inherit_env) {
    if (name == "*")
      return environment;
    if (auto* value = find_variable(environment, name))
      result.insert_or_assign(name, *value);
  }
  return result;
}

/// Puts the program of `launch` into its sandbox.
void add_sandbox(const server_config& server, const variables& known, field_resolver& fields, launch_spec& launch) {
  auto sandbox = server.sandbox;
  for (auto& path : sandbox.write) {
    auto written = path;
    path = fields.resolve_path("sandbox.write", path);
    std::error_code error;
    if (!path.empty() && !std::filesystem::exists(path, error))
      fields.fail("sandbox.write", "has " + written + ", which is not there", "create it or take it off the list");
  }
  auto bubblewrap = find_bubblewrap(known.environment);
  if (!bubblewrap)
    fields.fail("sandbox", "needs bubblewrap, and there is no bwrap in the PATH of the hub",
                "install the package bubblewrap, or remove \"sandbox\"");
  if (bubblewrap && fields.errors().empty())
    confine(launch, sandbox, *bubblewrap, known.home);
}

} // namespace

config_result<launch_spec> resolve_launch(const server_config& server, const variables& known) {
  field_resolver fields{server, known};
  if (server.transport != transport_kind::stdio) {
    fields.fail("url", "is no program to start", "give it a command, or connect to its url");
    return fields.errors();
  }
  launch_spec result;
  result.command = fields.resolve_path("command", server.command);
  if (result.command.empty() && fields.errors().empty())
    fields.fail("command", "is empty once its placeholders are resolved", "name a program");
  for (size_t i = 0; i < server.args.size(); ++i)
    result.args.push_back(
      fields.resolve("args[" + std::to_string(i) + "]", server.args[i]));
  if (!server.cwd.empty()) {
    auto errors = fields.errors().size();
    result.cwd = fields.resolve_path("cwd", server.cwd);
    std::error_code error;
    if (fields.errors().size() == errors
        && !std::filesystem::is_directory(result.cwd, error))
      fields.fail("cwd", "is " + server.cwd + ", which is no folder", "create it or change cwd");
  }
  auto environment = inherited_environment(server, known.environment);
  add_env_file(server, result.cwd, fields, environment);
  for (auto& [name, value] : server.env)
    environment.insert_or_assign(name, fields.resolve("env." + name, value));
  if (!server.sandbox.profile.empty())
    add_sandbox(server, known, fields, result);
  if (!fields.errors().empty())
    return fields.errors();
  for (auto& [name, value] : environment)
    result.env.push_back(name + "=" + value);
  result.bounds = {server.policy.processors.value_or(0), server.policy.memory_limit.value_or(0),
                   server.policy.processor_seconds.value_or(0)};
  return result;
}

config_result<endpoint_spec> resolve_endpoint(const server_config& server,
                                              const variables& known) {
  field_resolver fields{server, known};
  if (server.transport == transport_kind::stdio) {
    fields.fail("command", "is no address to connect to", "give it a url, or start its command");
    return fields.errors();
  }
  endpoint_spec result;
  result.url = fields.resolve("url", server.url);
  if (fields.errors().empty() && !is_http_url(result.url))
    fields.fail("url", "is no http:// or https:// address once its placeholders are resolved",
                "write it like http://127.0.0.1:8080/mcp");
  for (auto& [name, value] : server.headers) {
    auto text = fields.resolve("headers." + name, value);
    // A line end would let the value add headers of its own.
    if (text.find_first_of(std::string_view{"\r\n\0", 3}) != std::string::npos)
      fields.fail("headers." + name, "has a line end once its placeholders are resolved",
                  "keep the value on one line");
    result.headers.emplace_back(name, std::move(text));
  }
  result.tls.ca = fields.resolve_path("tls.ca", server.tls.ca);
  result.tls.cert = fields.resolve_path("tls.cert", server.tls.cert);
  result.tls.key = fields.resolve_path("tls.key", server.tls.key);
  result.tls.verify = server.tls.verify;
  result.proxy = fields.resolve("proxy", server.proxy);
  if (!fields.errors().empty())
    return fields.errors();
  return result;
}

config_result<oauth_settings> resolve_oauth(const server_config& server, const variables& known) {
  field_resolver fields{server, known};
  auto& x = server.oauth;
  oauth_settings result;
  result.url = fields.resolve("url", server.url);
  result.client_id = fields.resolve("oauth.client_id", x.client_id);
  result.client_secret = fields.resolve("oauth.client_secret", x.client_secret);
  result.private_key = fields.resolve("oauth.private_key", x.private_key);
  result.issuer = fields.resolve("oauth.issuer", x.issuer);
  result.client_metadata_url = fields.resolve("oauth.client_metadata_url", x.client_metadata_url);
  for (auto& scope : x.scopes)
    result.scopes.push_back(fields.resolve("oauth.scopes", scope));
  result.without_user = x.without_user;
  result.private_network = x.private_network;
  if (auto& key = result.private_key; !key.empty() && !key.starts_with("-----BEGIN")) {
    auto stored = read_stored(expand_tilde(key, known.home), 64 * 1024);
    if (stored)
      key = std::move(stored->text);
    else
      for (auto& error : stored.errors())
        fields.fail("oauth.private_key", error.cause, error.fix);
  }
  if (!fields.errors().empty())
    return fields.errors();
  return result;
}

std::vector<std::string> secrets_to_fetch(const server_config& server) {
  std::vector<std::string> result;
  for (auto* text : {&server.command, &server.env_file, &server.cwd, &server.url, &server.proxy, &server.tls.ca,
                     &server.tls.cert, &server.tls.key})
    add_secrets_to_fetch(*text, result);
  for (auto& text : server.args)
    add_secrets_to_fetch(text, result);
  for (auto* pairs : {&server.env, &server.headers})
    for (auto& [name, value] : *pairs)
      add_secrets_to_fetch(value, result);
  return result;
}

variable_map base_environment(const variable_map& environment) {
  variable_map result;
  for (auto& [name, value] : environment)
    if (is_inherited(name))
      result.emplace(name, value);
  return result;
}

} // namespace hub
