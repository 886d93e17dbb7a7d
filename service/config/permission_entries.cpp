#include "service/config/permission_entries.hpp"

#include "service/config/environment.hpp"

#include <algorithm>
#include <cstdlib>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

namespace hub {

namespace {

using kind = config_value::kind;

std::optional<permission> permission_of(std::string_view text) {
  for (auto x : {permission::allow, permission::warn, permission::deny})
    if (text == to_string(x))
      return x;
  return std::nullopt;
}

bool is_pattern(std::string_view x) {
  return x.find_first_of("*?") != std::string_view::npos;
}

/// Reads one rule.
class rule_reader {
public:
  rule_reader(std::string name, const std::vector<std::string>& servers, value_reader& reader)
    : servers_(servers), reader_(reader) {
    result_.name = std::move(name);
  }

  permission_rule read(const config_value& x) {
    if (!x.is(kind::object)) {
      reader_.wrong_type(x, result_.name, "an object", "write it like {\"server\": \"github\", \"do\": \"deny\"}");
      return result_;
    }
    reader_.check_unique(x, result_.name);
    refuse_unknown(x, result_.name, {"scope", "server", "tool", "do", "final", "reason"});
    if (auto* scope = x.find("scope"))
      read_scope(*scope);
    text(x, "server", result_.server);
    text(x, "tool", result_.tool);
    text(x, "reason", result_.reason);
    read_act(x);
    if (auto* final = x.find("final"))
      read_final(*final);
    auto known = result_.server.empty() || is_pattern(result_.server)
                 || std::ranges::find(servers_, result_.server) != servers_.end();
    if (!known)
      reader_.warn(x.find("server")->begin, result_.name + " names the server \"" + result_.server
                                              + "\", which is not configured", "check its spelling");
    return std::move(result_);
  }

private:
  void read_scope(const config_value& x) {
    if (x.is(kind::string) && x.text == "global")
      return;
    auto label = result_.name + ".scope";
    if (!x.is(kind::object)) {
      reader_.wrong_type(x, label, "\"global\" or an object",
                         "write it like {\"client\": \"claude*\"}, {\"role\": \"ci\"} or {\"project\": \"/home/me/shop\"}");
      return;
    }
    reader_.check_unique(x, label);
    refuse_unknown(x, label, {"client", "role", "project"});
    text(x, "client", result_.client);
    text(x, "role", result_.role);
    text(x, "project", result_.project);
    auto& folder = result_.project;
    if (folder.empty())
      return;
    if (auto* home = std::getenv("HOME"); home && (folder == "~" || folder.starts_with("~/")))
      folder.replace(0, 1, home);
    while (folder.size() > 1 && folder.back() == '/')
      folder.pop_back();
    if (folder.front() != '/')
      reader_.fail(x.find("project")->begin, label + ".project is no absolute path", "start it with / or ~/");
  }

  void read_act(const config_value& x) {
    auto* value = x.find("do");
    if (!value) {
      reader_.fail(x.begin, result_.name + " does not say what to do", "add \"do\": \"deny\", \"warn\" or \"allow\"");
      return;
    }
    auto word = reader_.string(*value, result_.name + ".do");
    auto act = word ? permission_of(*word) : std::nullopt;
    if (act)
      result_.act = *act;
    else if (word)
      reader_.fail(value->begin, result_.name + ".do is \"" + *word + "\", which the hub does not know",
                   "use allow, warn or deny");
  }

  void read_final(const config_value& x) {
    result_.final = reader_.boolean(x, result_.name + ".final").value_or(false);
    if (result_.final && (result_.act != permission::deny || !result_.is_global())) {
      reader_.fail(x.begin, result_.name + " is final and " + (result_.is_global() ? "does not deny" : "is not global"),
                   "only a deny without a scope can be final");
      result_.final = false;
    }
  }

  /// A text that must not be empty: an empty one would match everything.
  void text(const config_value& x, const char* key, std::string& to) {
    auto* value = x.find(key);
    if (!value)
      return;
    auto read = reader_.string(*value, result_.name + "." + key);
    if (read && read->empty())
      reader_.fail(value->begin, result_.name + "." + key + " is empty", "leave it out, or write what it is to match");
    to = read.value_or("");
  }

  void refuse_unknown(const config_value& x, const std::string& label, std::initializer_list<std::string_view> known) {
    for (auto& member : x.members)
      if (std::find(known.begin(), known.end(), member.key) == known.end()) {
        std::string all;
        for (auto key : known)
          all += (all.empty() ? "" : ", ") + std::string{key};
        reader_.fail(member.key_begin, label + ": \"" + member.key + "\" is no part of a rule", "use " + all);
      }
  }

  const std::vector<std::string>& servers_;
  value_reader& reader_;
  permission_rule result_;
};

} // namespace

permission_settings read_permissions(const config_value& x, const std::vector<std::string>& servers,
                                     value_reader& reader) {
  permission_settings result;
  auto* rules = &x;
  std::string label = "permissions";
  if (x.is(kind::object)) {
    reader.check_unique(x, label);
    for (auto& member : x.members)
      if (member.key != "default" && member.key != "rules")
        reader.fail(member.key_begin, "permissions: \"" + member.key + "\" is no part of it", "use default and rules");
    if (auto* value = x.find("default")) {
      auto word = reader.string(*value, "permissions.default");
      auto act = word ? permission_of(*word) : std::nullopt;
      if (word && !act)
        reader.fail(value->begin, "permissions.default is \"" + *word + "\", which the hub does not know",
                    "use allow, warn or deny");
      result.otherwise = act.value_or(permission::deny);
    }
    rules = x.find("rules");
    label = "permissions.rules";
    if (!rules)
      return result;
  }
  if (!rules->is(kind::array)) {
    reader.wrong_type(*rules, label, "an array of rules", "write it like [{\"server\": \"github\", \"do\": \"deny\"}]");
    return result;
  }
  for (size_t i = 0; i < rules->items.size(); ++i)
    result.rules.push_back(rule_reader{label + "[" + std::to_string(i) + "]", servers, reader}.read(rules->items[i]));
  return result;
}

config_value permission_tree(const permission_settings& x) {
  auto rules = config_value::of_kind(kind::array);
  for (auto& rule : x.rules) {
    auto entry = config_value::of_kind(kind::object);
    auto set = [](config_value& to, const char* key, const std::string& text) {
      if (!text.empty())
        to.set(key, config_value::of_string(text));
    };
    auto scope = config_value::of_kind(kind::object);
    set(scope, "client", rule.client);
    set(scope, "role", rule.role);
    set(scope, "project", rule.project);
    if (!scope.members.empty())
      entry.set("scope", std::move(scope));
    set(entry, "server", rule.server);
    set(entry, "tool", rule.tool);
    set(entry, "do", std::string{to_string(rule.act)});
    if (rule.final)
      entry.set("final", config_value::of_boolean(true));
    set(entry, "reason", rule.reason);
    rules.items.push_back(std::move(entry));
  }
  auto result = config_value::of_kind(kind::object);
  result.set("default", config_value::of_string(std::string{to_string(x.otherwise)}));
  result.set("rules", std::move(rules));
  return result;
}

} // namespace hub
