#include "service/config/server_entry.hpp"

#include "service/config/cache_entry.hpp"
#include "service/config/fingerprint.hpp"
#include "service/config/ledger_entry.hpp"
#include "service/config/oauth_entry.hpp"
#include "service/config/policy_entry.hpp"
#include "service/config/server_guards.hpp"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <map>

namespace hub {

namespace {

using kind = config_value::kind;

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x))
           == std::tolower(static_cast<unsigned char>(y));
  });
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

/// A character of an HTTP header name.
bool is_token(char c) {
  return std::isalnum(static_cast<unsigned char>(c))
         || std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
}

/// Reads one entry, key by key.
class entry_reader {
public:
  entry_reader(const config_value& entry, const std::string& name, value_reader& reader, const server_cache& cache)
    : entry_(entry), label_("server \"" + name + "\""), reader_(reader) {
    result_.name = name;
    result_.cache = cache;
  }

  std::optional<server_config> read() {
    auto errors = reader_.error_count();
    if (!entry_.is(kind::object)) {
      reader_.wrong_type(entry_, label_, "an object", "write it like {\"command\": \"npx\"}");
      return std::nullopt;
    }
    reader_.check_unique(entry_, label_);
    read_program();
    read_address();
    read_connection();
    read_switches();
    read_guards(entry_, label_, reader_, result_);
    read_transport(errors);
    if (reader_.error_count() != errors)
      return std::nullopt;
    result_.origin = std::string{reader_.source().file} + ":"
                     + std::to_string(reader_.line_of(entry_.begin));
    result_.fingerprint = fingerprint_of(result_);
    return std::move(result_);
  }

private:
  /// The first member under one of these names. Null counts as absent.
  const config_value* find(std::initializer_list<std::string_view> names) {
    for (auto name : names)
      if (auto* value = entry_.find(name); value && !value->is(kind::null))
        return value;
    return nullptr;
  }

  std::string label(std::string_view field) const {
    return label_ + ": " + std::string{field};
  }

  void read_string(std::string& to, std::initializer_list<std::string_view> names) {
    if (auto* value = find(names))
      to = reader_.string(*value, label(*names.begin())).value_or("");
  }

  void read_program() {
    if (auto* command = find({"command", "cmd"})) {
      command_ = command;
      if (command->is(kind::array)) {
        // The program and its arguments in one, as opencode has it.
        result_.args = reader_.strings(*command, label("command"));
        if (!result_.args.empty()) {
          result_.command = result_.args.front();
          result_.args.erase(result_.args.begin());
        }
      } else {
        result_.command = reader_.string(*command, label("command")).value_or("");
        if (command->is(kind::string) && command->text.empty())
          reader_.fail(command->begin, label("command is empty"), "name a program, such as npx");
      }
    }
    if (auto* args = find({"args"})) {
      if (args->is(kind::string)) {
        reader_.fail(args->begin, label("args is a string, not an array of strings"),
                     "write each argument by itself: [\"-y\", \"package\"]");
      } else {
        auto more = reader_.strings(*args, label("args"));
        result_.args.insert(result_.args.end(), more.begin(), more.end());
      }
    }
    if (auto* env = find({"env", "environment", "envs"})) {
      result_.env = reader_.string_pairs(*env, label("env"));
      for (auto& [name, value] : result_.env)
        if (name.empty() || name.find_first_of(std::string_view{"=\0", 2}) != std::string::npos)
          reader_.fail(env->begin, label("env has a name that no variable can have"),
                       "use letters, digits and _");
    }
    read_string(result_.env_file, {"envFile", "env_file"});
    read_string(result_.cwd, {"cwd", "workingDirectory", "working_directory"});
    if (!result_.cwd.empty() && std::string_view{"/~$"}.find(result_.cwd[0]) == std::string::npos)
      reader_.fail(find({"cwd", "workingDirectory", "working_directory"})->begin,
                   label("cwd is a relative path, which a daemon has no place for"),
                   "start it with / or ~/");
  }

  void read_address() {
    if ((url_ = find({"url", "serverUrl", "httpUrl", "uri"}))) {
      result_.url = reader_.string(*url_, label("url")).value_or("");
      // A placeholder at the start may bring the scheme.
      if (url_->is(kind::string) && !result_.url.starts_with("${")
          && !is_http_url(result_.url))
        reader_.fail(url_->begin, label("url is no http:// or https:// address"),
                     "write it like http://127.0.0.1:8080/mcp");
    }
    if (auto* headers = find({"headers", "http_headers"})) {
      result_.headers = reader_.string_pairs(*headers, label("headers"));
      for (auto& [name, value] : result_.headers) {
        if (name.empty() || !std::all_of(name.begin(), name.end(), is_token))
          reader_.fail(headers->begin, label("headers has a name that HTTP does not allow"),
                       "use letters, digits and -");
        if (std::any_of(value.begin(), value.end(), is_control))
          reader_.fail(headers->begin, label("headers." + name + " has a control character"),
                       "keep the value on one line");
      }
    }
    if (auto* oauth = find({"oauth"}))
      result_.oauth = read_oauth(*oauth, label("oauth"), reader_);
  }

  void read_tls() {
    auto* tls = find({"tls"});
    if (!tls)
      return;
    if (!tls->is(kind::object)) {
      reader_.wrong_type(*tls, label("tls"), "an object", "write it like {\"ca\": \"~/ca.pem\"}");
      return;
    }
    reader_.check_unique(*tls, label("tls"));
    auto read_path = [&](std::string& to, const char* key) {
      auto* value = tls->find(key);
      if (!value)
        return;
      to = reader_.string(*value, label(std::string{"tls."} + key)).value_or("");
      if (!to.empty() && std::string_view{"/~$"}.find(to[0]) == std::string::npos)
        reader_.fail(value->begin, label(std::string{"tls."} + key + " is a relative path, which a daemon has no place for"),
                     "start it with / or ~/");
    };
    read_path(result_.tls.ca, "ca");
    read_path(result_.tls.cert, "cert");
    read_path(result_.tls.key, "key");
    if (!result_.tls.key.empty() && result_.tls.cert.empty())
      reader_.fail(tls->begin, label("tls has a key and no cert"), "add \"cert\", or remove \"key\"");
    if (auto* verify = tls->find("verify")) {
      result_.tls.verify = reader_.boolean(*verify, label("tls.verify")).value_or(true);
      if (!result_.tls.verify)
        reader_.warn(verify->begin, label("tls.verify is false, so that anybody can pretend to be this server"),
                     "name its authority in tls.ca instead");
    }
  }

  void read_connection() {
    read_tls();
    read_string(result_.proxy, {"proxy"});
    if (auto* most = find({"max_in_flight", "maxInFlight"}))
      if (auto number = reader_.integer(*most, label("max_in_flight"), 1, 1000))
        result_.max_in_flight = static_cast<size_t>(*number);
  }

  std::optional<bool> read_switch(std::string_view name) {
    auto* value = find({name});
    return value ? reader_.boolean(*value, label(name)) : std::nullopt;
  }

  void read_switches() {
    auto enabled = read_switch("enabled");
    auto disabled = read_switch("disabled");
    result_.enabled = enabled.value_or(true) && !disabled.value_or(false);
    if (enabled && disabled && *enabled == *disabled)
      reader_.warn(entry_.begin, label("enabled and disabled contradict each other"),
                   "keep one of them; the server is off until then");
    if (auto* cache = find({"cache"}))
      read_cache(*cache, label("cache"), reader_, result_.cache);
    if (read_switch("no_cache").value_or(false))
      result_.cache = {cache_mode::off};
    if (auto* prices = find({"prices"}))
      result_.prices = read_prices(*prices, label("prices"), reader_, false);
    if (auto* cost = find({"cost_per_call_cents"}))
      result_.prices.push_back(read_cost_per_call(*cost, label("cost_per_call_cents"), reader_));
    if (auto* own = find({"hub"})) {
      if (!own->is(kind::object)) {
        reader_.wrong_type(*own, label("hub"), "an object", "write it like {\"alwaysOn\": true}");
      } else {
        reader_.check_unique(*own, label("hub"));
        read_policy(*own, label("hub."), reader_, result_.policy);
      }
    }
    read_policy(entry_, label_ + ": ", reader_, result_.policy);
    if (auto* isolation = find({"isolation"}))
      if (auto text = reader_.string(*isolation, label("isolation"))) {
        result_.per_session = *text == "session";
        if (*text != "session" && *text != "shared")
          reader_.fail(isolation->begin, label("isolation is \"" + *text + "\""),
                       "use \"session\" for a process for each client session, or \"shared\"");
      }
    if (auto* era = find({"era"}))
      if (auto text = reader_.string(*era, label("era"))) {
        if (*text == "handshake")
          result_.era = hub::era::handshake;
        else if (*text == "stateless")
          result_.era = hub::era::stateless;
        else if (*text != "auto")
          reader_.fail(era->begin, label("era is \"" + *text + "\""),
                       "use \"handshake\" (to 2025-11-25), \"stateless\" (from 2026-07-28) or \"auto\"");
      }
    if (auto* tags = find({"tags"}))
      result_.tags = reader_.strings(*tags, label("tags"));
  }

  void read_transport(size_t errors_before) {
    auto* type = find({"type", "transport", "transportType", "protocol"});
    std::optional<transport_kind> wanted;
    if (type) {
      auto text = reader_.string(*type, label("type"));
      if (!text)
        return;
      wanted = transport_of(*text);
      if (!wanted) {
        reader_.fail(type->begin, label("type is \"" + *text + "\", which the hub does not know"),
                     "use stdio, http or sse");
        return;
      }
    }
    if (reader_.error_count() != errors_before)
      return;
    if (!command_ && !url_) {
      reader_.fail(entry_.begin, label_ + " has neither command nor url",
                   "add \"command\" for a local server or \"url\" for a remote one");
    } else if (!wanted && command_ && url_) {
      reader_.fail(url_->begin, label_ + " has both command and url",
                   "remove one, or say which counts with \"type\": \"stdio\" or \"http\"");
    } else if (wanted == transport_kind::stdio && !command_) {
      reader_.fail(type->begin, label_ + " is of type stdio and has no command",
                   "add \"command\", or use \"type\": \"http\"");
    } else if (wanted && wanted != transport_kind::stdio && !url_) {
      reader_.fail(type->begin, label_ + " is of type " + type->text + " and has no url",
                   "add \"url\", or use \"type\": \"stdio\"");
    } else if (command_ && result_.command.empty()) {
      reader_.fail(command_->begin, label("command is empty"), "name a program, such as npx");
    } else {
      result_.transport = wanted.value_or(url_ ? transport_kind::streamable_http
                                               : transport_kind::stdio);
    }
  }

  const config_value& entry_;
  std::string label_;
  value_reader& reader_;
  server_config result_;
  const config_value* command_ = nullptr;
  const config_value* url_ = nullptr;
};

} // namespace

std::vector<server_list> find_server_lists(const config_value& root) {
  std::vector<server_list> result;
  for (auto* key : {"mcpServers", "servers", "mcp_servers", "context_servers", "mcp.servers",
                    "amp.mcpServers", "mcp", "extensions"}) {
    auto* value = root.find(key);
    if (!value)
      continue;
    // VS Code nests `servers`, opencode has the servers themselves here.
    auto* inner = std::string_view{key} == "mcp" ? value->find("servers") : nullptr;
    if (inner)
      result.push_back({"mcp.servers", inner});
    else
      result.push_back({key, value});
  }
  return result;
}

std::optional<server_config> read_server(const config_value& entry, const std::string& name,
                                         value_reader& reader, const server_cache& cache) {
  return entry_reader{entry, name, reader, cache}.read();
}

std::vector<server_config> read_servers(const server_list& list, value_reader& reader, const server_cache& cache) {
  std::vector<server_config> result;
  std::map<std::string, size_t> seen;
  auto add = [&](const config_value& entry, const std::string& name, size_t name_begin) {
    if (name.empty() || std::any_of(name.begin(), name.end(), is_control)) {
      reader.fail(name_begin, "a server's name is empty or has control characters",
                  "give it a name on one line");
      return;
    }
    if (name.size() > longest_server_name) {
      reader.fail(name_begin,
                  "the name of a server has " + std::to_string(name.size()) + " bytes",
                  "give it one of at most " + std::to_string(longest_server_name));
      return;
    }
    if (auto [first, added] = seen.emplace(name, name_begin); !added) {
      auto line = reader.line_of(first->second);
      reader.fail(name_begin,
                  "there is a server \"" + name + "\" on line " + std::to_string(line) + " already",
                  "rename or remove one of them");
      return;
    }
    if (auto server = read_server(entry, name, reader, cache))
      result.push_back(std::move(*server));
  };
  if (list.value->is(kind::object)) {
    for (auto& [name, name_begin, entry] : list.value->members)
      add(entry, name, name_begin);
  } else if (list.value->is(kind::array)) {
    for (size_t i = 0; i < list.value->items.size(); ++i) {
      auto& entry = list.value->items[i];
      auto label = list.key + "[" + std::to_string(i) + "]";
      if (!entry.is(kind::object)) {
        reader.wrong_type(entry, label, "an object",
                          "write it like {\"name\": \"git\", \"command\": \"npx\"}");
      } else if (auto* name = entry.find("name"); !name) {
        reader.fail(entry.begin, label + " has no name", "add \"name\"");
      } else if (auto text = reader.string(*name, label + ".name")) {
        add(entry, *text, name->begin);
      }
    }
  } else if (!list.value->is(kind::null)) {
    reader.wrong_type(*list.value, list.key, "an object of servers by name",
                      "write it like {\"git\": {\"command\": \"npx\"}}");
  }
  return result;
}

std::optional<transport_kind> transport_of(std::string_view type) {
  for (auto name : {"stdio", "local"})
    if (equal_ignoring_case(type, name))
      return transport_kind::stdio;
  for (auto name : {"http", "streamable-http", "streamableHttp", "streamable_http", "remote"})
    if (equal_ignoring_case(type, name))
      return transport_kind::streamable_http;
  if (equal_ignoring_case(type, "sse"))
    return transport_kind::sse;
  return std::nullopt;
}

bool is_http_url(std::string_view text) {
  for (std::string_view scheme : {"http://", "https://"})
    if (equal_ignoring_case(text.substr(0, scheme.size()), scheme)) {
      auto rest = text.substr(scheme.size());
      return !rest.empty() && rest.front() != '/' && rest.front() != ':'
             && std::none_of(rest.begin(), rest.end(),
                             [](char c) { return c == ' ' || is_control(c); });
    }
  return false;
}

} // namespace hub
