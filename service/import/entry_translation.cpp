#include "service/import/entry_translation.hpp"

#include "service/config/env_file.hpp"
#include "service/config/placeholders.hpp"
#include "service/config/server_entry.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <initializer_list>
#include <string_view>

namespace hub {

namespace {

using kind = config_value::kind;

/// Calls `f` with each string in `value`.
template <class F>
void for_each_string(config_value& value, F& f) {
  if (value.is(kind::string))
    f(value);
  for (auto& item : value.items)
    for_each_string(item, f);
  for (auto& member : value.members)
    for_each_string(member.value, f);
}

/// `text` with each `{file:PATH}` as `${file:PATH}`; a relative path starts in `folder`.
std::string rewrite_files(std::string_view text, const std::filesystem::path& folder) {
  constexpr std::string_view open = "{file:";
  std::string result;
  for (;;) {
    auto start = text.find(open);
    auto end = start == std::string_view::npos ? start : text.find('}', start);
    if (end == std::string_view::npos)
      return result.append(text);
    std::string path{text.substr(start + open.size(), end - start - open.size())};
    if (!path.starts_with('~'))
      path = (folder / path).lexically_normal().string();
    result.append(text.substr(0, start)).append("${file:").append(path).append("}");
    text.remove_prefix(end + 1);
  }
}

/// `text` with each `open NAME close` as `${NAME}`.
std::string rewrite_references(std::string_view text, std::string_view open,
                               std::string_view close) {
  std::string result;
  for (;;) {
    auto start = text.find(open);
    auto end = start == std::string_view::npos ? start : text.find(close, start + open.size());
    if (end == std::string_view::npos)
      return result.append(text);
    auto name = text.substr(start + open.size(), end - start - open.size());
    name = name.substr(std::min(name.find_first_not_of(' '), name.size()));
    name = name.substr(0, name.find_last_not_of(' ') + 1);
    if (is_variable_name(name))
      result.append(text.substr(0, start)).append("${").append(name).append("}");
    else
      result.append(text.substr(0, end + close.size()));
    text.remove_prefix(end + close.size());
  }
}

/// `text` with each `$NAME` as `${NAME}`.
std::string rewrite_bare_variables(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size();) {
    auto end = i + 1;
    while (text[i] == '$' && end < text.size()
           && is_variable_name(text.substr(i + 1, end - i)))
      ++end;
    if (text[i] == '$' && end > i + 1)
      result.append("${").append(text.substr(i + 1, end - i - 1)).append("}");
    else
      result += text[i];
    i = end;
  }
  return result;
}

/// The translation of one entry, step by step.
class entry_translator {
public:
  entry_translator(config_value& entry, const translation_context& context)
    : entry_(entry), context_(context) {
    // nop
  }

  /// False if there is nothing that the hub could run.
  bool translate() {
    if (!is_for_us())
      return false;
    rename_keys();
    rewrite_placeholders();
    flatten_command();
    name_type();
    take_variables();
    take_headers();
    convert_times();
    place_in_folder();
    remark_on_limits();
    return true;
  }

private:
  bool is(entry_dialect dialect) const {
    return context_.dialect == dialect;
  }

  void note(const config_value& at, std::string cause, std::string fix) {
    context_.note(at.begin, std::move(cause), std::move(fix));
  }

  /// The string under `key`, or an empty one.
  std::string text_of(std::string_view key) const {
    auto* value = std::as_const(entry_).find(key);
    return value && value->is(kind::string) ? value->text : "";
  }

  /// An object under `key`, made if there is none.
  config_value& object(std::string_view key, size_t begin) {
    if (auto* value = entry_.find(key); !value || !value->is(kind::object))
      entry_.set(key, config_value::of_kind(kind::object, begin));
    return *entry_.find(key);
  }

  bool is_for_us() {
    auto type = text_of("type");
    if (is(entry_dialect::goose))
      for (auto* own : {"builtin", "platform", "frontend", "inline_python"})
        if (type == own) {
          note(entry_, "is a part of Goose (" + type + ") and no MCP server",
               "nothing is to be done; Goose keeps it");
          return false;
        }
    if (is(entry_dialect::zed) && !entry_.find("command") && !entry_.find("url")) {
      note(entry_, "is an extension of Zed, whose file does not say how to start it",
           "add the server to the configuration of the hub by hand");
      return false;
    }
    return true;
  }

  /// Gives `key` the name `name`, where it stands. The first key that is there
  /// wins.
  void rename(std::initializer_list<std::string_view> keys, std::string_view name) {
    for (auto key : keys) {
      if (!entry_.find(key))
        continue;
      if (key != name && entry_.find(name))
        entry_.erase(name);
      for (auto& member : entry_.members)
        if (member.key == key)
          member.key = name;
      for (auto other : keys)
        if (other != name)
          entry_.erase(other);
      return;
    }
  }

  void rename_keys() {
    entry_.erase("name");
    // Gemini takes `url` for SSE, and `httpUrl` before it.
    if (is(entry_dialect::gemini) && text_of("type").empty()
        && (entry_.find("httpUrl") || entry_.find("url")))
      entry_.set("type", config_value::of_string(entry_.find("httpUrl") ? "http" : "sse"));
    rename({"command", "cmd"}, "command");
    rename({"env", "environment", "envs"}, "env");
    rename({"envFile", "env_file"}, "envFile");
    rename({"cwd", "workingDirectory", "working_directory"}, "cwd");
    rename({"httpUrl", "url", "serverUrl", "uri"}, "url");
    rename({"type", "transport", "transportType", "protocol"}, "type");
    rename({"headers", "http_headers"}, "headers");
  }

  void rewrite_placeholders() {
    auto rewrite = [&](config_value& x) {
      if (is(entry_dialect::opencode))
        x.text = rewrite_files(rewrite_references(x.text, "{env:", "}"), context_.file_folder);
      else if (is(entry_dialect::continue_dev))
        x.text = rewrite_references(
          rewrite_references(x.text, "${{ secrets.", "}}"), "${{ inputs.", "}}");
      else if (is(entry_dialect::gemini))
        x.text = rewrite_bare_variables(x.text);
    };
    for_each_string(entry_, rewrite);
  }

  /// One program with arguments, however it is written.
  void flatten_command() {
    auto* command = entry_.find("command");
    if (!command)
      return;
    if (command->is(kind::object)) {
      // As older versions of Zed have it.
      auto inner = std::move(*command);
      entry_.erase("command");
      for (auto& [from, to] : {std::pair{"path", "command"}, {"args", "args"}, {"env", "env"}})
        if (auto* value = inner.find(from); value && !value->is(kind::null))
          entry_.set(to, std::move(*value));
    } else if (command->is(kind::array) && !command->items.empty()) {
      auto words = std::move(command->items);
      *command = std::move(words.front());
      words.erase(words.begin());
      auto args = config_value::of_kind(kind::array, command->begin);
      args.items = std::move(words);
      if (auto* more = entry_.find("args"))
        args.items.insert(args.items.end(), more->items.begin(), more->items.end());
      if (!args.items.empty())
        entry_.set("args", std::move(args));
    }
  }

  /// `http` or `sse` for remote servers, nothing for local ones.
  void name_type() {
    auto* type = entry_.find("type");
    if (!type || !type->is(kind::string))
      return;
    auto known = transport_of(type->text);
    if (known == transport_kind::stdio && entry_.find("command"))
      entry_.erase("type");
    else if (known == transport_kind::streamable_http)
      type->text = "http";
    else if (known == transport_kind::sse)
      type->text = "sse";
  }

  void take_variables() {
    // Lists of names that the client takes from its keyring or environment.
    for (auto* key : {"env_keys", "env_vars"}) {
      auto* names = entry_.find(key);
      if (!names)
        continue;
      auto list = std::move(*names);
      entry_.erase(key);
      for (auto& name : list.items) {
        if (!name.is(kind::string) || !is_variable_name(name.text))
          continue;
        auto& env = object("env", list.begin);
        if (!env.find(name.text))
          env.set(name.text, config_value::of_string("${" + name.text + "}", name.begin));
        if (is(entry_dialect::goose))
          note(name,
               "takes " + name.text + " from the keyring of Goose, which the hub does not read",
               "write " + name.text + "=value to secrets.env in the hub's configuration folder");
      }
    }
    auto* env = entry_.find("env");
    if (!env || !env->is(kind::object))
      return;
    for (auto& [name, begin, value] : env->members) {
      if (value.is(kind::null))
        note(value, "has no value for the variable " + name + ", which is left out",
             "add it to the configuration of the hub if the server needs it");
      else if (value.is(kind::boolean))
        value = config_value::of_string(value.boolean ? "true" : "false", value.begin);
    }
    std::erase_if(env->members, [](auto& x) { return x.value.is(kind::null); });
  }

  void take_headers() {
    // Continue has the headers one level down.
    if (auto* options = entry_.find("requestOptions"); options && options->find("headers")) {
      auto headers = *options->find("headers");
      entry_.erase("requestOptions");
      entry_.set("headers", std::move(headers));
    }
    // Codex names the variables that hold the secrets.
    if (auto variable = text_of("bearer_token_env_var"); !variable.empty()) {
      auto begin = entry_.find("bearer_token_env_var")->begin;
      entry_.erase("bearer_token_env_var");
      object("headers", begin)
        .set("Authorization", config_value::of_string("Bearer ${" + variable + "}", begin));
    }
    if (auto* named = entry_.find("env_http_headers")) {
      auto headers = std::move(*named);
      entry_.erase("env_http_headers");
      for (auto& [name, begin, variable] : headers.members)
        if (variable.is(kind::string))
          object("headers", headers.begin)
            .set(name, config_value::of_string("${" + variable.text + "}", begin));
    }
  }

  void convert_times() {
    for (auto* key : {"startup_timeout_sec", "startup_timeout_ms"})
      if (auto* value = entry_.find(key)) {
        note(*value, "has its own start time limit, which is not taken",
             "set start_timeout_seconds in the hub's configuration, which counts for all servers");
        entry_.erase(key);
      }
    rename({"tool_timeout_sec", "timeout"}, "timeout");
    auto* timeout = entry_.find("timeout");
    if (!timeout || !timeout->is(kind::number))
      return;
    if (is(entry_dialect::opencode)) {
      note(*timeout, "has a time limit for listing its tools, which is not taken",
           "nothing is to be done, or set \"timeout\" in seconds for its calls");
      entry_.erase("timeout");
      return;
    }
    double value = 0;
    auto last = timeout->text.data() + timeout->text.size();
    if (std::from_chars(timeout->text.data(), last, value).ptr != last)
      return;
    auto is_milliseconds = is(entry_dialect::gemini);
    // Nobody waits for more than an hour.
    if (!is_milliseconds && value > 3600) {
      is_milliseconds = true;
      note(*timeout, "has the timeout " + timeout->text + ", which is taken as milliseconds",
           "correct it in the hub's configuration if seconds were meant");
    }
    if (!is_milliseconds)
      return;
    char buffer[64];
    auto end = std::to_chars(buffer, buffer + sizeof buffer, value / 1000).ptr;
    timeout->text.assign(buffer, end);
  }

  /// Gives the server the folder that it had with its client.
  void place_in_folder() {
    if (context_.folder.empty())
      return;
    if (auto* cwd = entry_.find("cwd"); cwd && cwd->is(kind::string)) {
      auto first = cwd->text.empty() ? '/' : cwd->text.front();
      if (first != '/' && first != '~' && first != '$')
        cwd->text = (context_.folder / cwd->text).lexically_normal().string();
      return;
    }
    if (!context_.runs_in_folder)
      return;
    auto is_relative = [](const config_value& x) {
      return x.is(kind::string)
             && (x.text == "." || x.text == ".." || x.text.starts_with("./")
                 || x.text.starts_with("../"));
    };
    auto* command = entry_.find("command");
    auto* args = entry_.find("args");
    if ((command && is_relative(*command))
        || (args && std::any_of(args->items.begin(), args->items.end(), is_relative)))
      entry_.set("cwd", config_value::of_string(context_.folder.string(), entry_.begin));
  }

  /// Says what will not be as it was with the client.
  void remark_on_limits() {
    for (auto* key : {"includeTools", "excludeTools", "disabledTools", "enabled_tools",
                      "disabled_tools", "available_tools"})
      if (auto* tools = entry_.find(key); tools && !tools->items.empty())
        note(*tools, "limits its tools by " + std::string{key} + ", which the hub does not apply",
             "the entry is taken with all tools; disable it if that is too much");
    for (auto* key : {"command", "args", "env", "envFile", "cwd", "url", "headers"}) {
      auto remark = [&](config_value& x) {
        if (auto fault = find_unusable(x.text))
          note(x, std::string{key} + " " + fault->cause,
               "the entry is taken and cannot start until you " + fault->fix);
      };
      if (auto* value = entry_.find(key))
        for_each_string(*value, remark);
    }
  }

  config_value& entry_;
  const translation_context& context_;
};

} // namespace

std::optional<config_value> translate_entry(config_value entry,
                                            const translation_context& context) {
  // Other shapes are for the reader of entries to refuse.
  if (entry.is(kind::object) && !entry_translator{entry, context}.translate())
    return std::nullopt;
  return entry;
}

} // namespace hub
