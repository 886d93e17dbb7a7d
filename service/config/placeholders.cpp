#include "service/config/placeholders.hpp"

#include "messages/redaction.hpp"
#include "service/config/env_file.hpp"
#include "service/config/stored_file.hpp"

#include <algorithm>

namespace hub {

namespace {

/// How deep defaults may stand in defaults. Nobody needs two.
constexpr size_t max_nesting = 8;

/// The longest secret in a file of its own, in bytes.
constexpr size_t secret_file_bytes = 64 * 1024;

/// The position after the `}` that closes the `${` at `start`; npos if none.
size_t end_of_placeholder(std::string_view text, size_t start) {
  size_t open = 0;
  for (auto i = start; i < text.size(); ++i) {
    if (text.substr(i, 2) == "${") {
      ++open;
      ++i;
    } else if (text[i] == '}' && open > 0 && --open == 0) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

using resolved = std::variant<std::string, unresolved_placeholder>;

/// The text between `${` and `}` in its parts.
struct placeholder_parts {
  std::string_view name;
  std::string_view fallback;
  bool has_fallback = false;
};

placeholder_parts parts_of(std::string_view body) {
  placeholder_parts result;
  if (body.starts_with("env:"))
    body.remove_prefix(4);
  if (auto colon = body.find(":-"); colon != std::string_view::npos) {
    result.fallback = body.substr(colon + 2);
    result.has_fallback = true;
    body = body.substr(0, colon);
  }
  result.name = body;
  return result;
}

/// Why the placeholder `shown` cannot be used, when it names no variable.
unresolved_placeholder unusable(std::string_view body, const std::string& shown) {
  std::string use_variable
    = "write ${NAME} instead, and set NAME in the environment or a secrets file";
  if (body.starts_with("input:"))
    return {"has " + shown + ", which only an editor can ask its user for", use_variable};
  if (body.starts_with("workspaceFolder"))
    return {"has " + shown + ", and the hub serves no single workspace", "write the path itself"};
  return {"has " + shown + ", which is no placeholder that the hub knows",
          "write ${NAME} or ${NAME:-default}, or $${ for a plain ${"};
}

/// A placeholder that names where its value is: `file`, `cmd` or `keyring`.
struct secret_source {
  std::string_view kind;
  std::string_view what;
};

std::optional<secret_source> source_of(std::string_view body) {
  for (std::string_view kind : {"file", "cmd", "keyring"})
    if (body.starts_with(kind) && body.substr(kind.size()).starts_with(':') && body.size() > kind.size() + 1)
      return secret_source{kind, body.substr(kind.size() + 1)};
  return std::nullopt;
}

/// `${userHome}` and its like, which need no variable.
bool is_constant(std::string_view body) {
  return body == "userHome" || body == "pathSeparator" || body == "/";
}

/// Why `placeholder`, from `${` on, can have no value.
std::optional<unresolved_placeholder> fault_of(std::string_view placeholder) {
  if (end_of_placeholder(placeholder, 0) == std::string_view::npos)
    return unresolved_placeholder{"has a ${ that is not closed",
                                  "add }, or write $${ for a plain ${"};
  auto body = placeholder.substr(2, placeholder.size() - 3);
  // It looks like a variable, and none of that name would be what was meant.
  auto is_workspace = body.starts_with("workspaceFolder");
  if (is_constant(body) || source_of(body) || (is_variable_name(parts_of(body).name) && !is_workspace))
    return std::nullopt;
  return unusable(body, without_default(placeholder));
}

resolved resolve_nested(std::string_view text, const variables& known, size_t nesting);

resolved read_secret_file(std::string_view path, const variables& known) {
  auto shown = "has ${file:" + std::string{path} + "}, and ";
  auto stored = read_stored(expand_tilde(std::string{path}, known.home), secret_file_bytes);
  if (!stored) {
    auto& error = stored.errors().front();
    return unresolved_placeholder{shown + error.cause, error.fix};
  }
  if (stored->open_to_others)
    return unresolved_placeholder{shown + "others may read that file, so that it is not used",
                                  "run: chmod 600 " + std::string{path}};
  auto& text = stored->text;
  while (text.ends_with('\n') || text.ends_with('\r'))
    text.pop_back();
  process_redaction().add(text);
  return std::move(text);
}

resolved resolve_source(const secret_source& source, std::string_view body, const variables& known) {
  if (source.kind == "file")
    return read_secret_file(source.what, known);
  auto i = known.fetched.find(body);
  if (i == known.fetched.end())
    return unresolved_placeholder{"has " + without_default("${" + std::string{body} + "}")
                                    + ", which cannot be used in this place",
                                  "write ${NAME} instead, and set NAME in the environment or a secrets file"};
  if (!i->second.cause.empty())
    return unresolved_placeholder{i->second.cause, i->second.fix};
  return i->second.value;
}

resolved resolve_one(std::string_view placeholder, const variables& known, size_t nesting) {
  if (auto fault = fault_of(placeholder))
    return *fault;
  if (nesting > max_nesting)
    return unresolved_placeholder{"has defaults in defaults, too many to follow", "use fewer"};
  auto body = placeholder.substr(2, placeholder.size() - 3);
  if (is_constant(body))
    return body == "userHome" ? known.home : std::string{"/"};
  if (auto source = source_of(body))
    return resolve_source(*source, body, known);
  auto parts = parts_of(body);
  auto* value = known.find(parts.name);
  if (parts.has_fallback && (!value || value->empty()))
    return resolve_nested(parts.fallback, known, nesting + 1);
  if (value)
    return *value;
  auto name = std::string{parts.name};
  if (auto* file = find_variable(known.withheld, name))
    return unresolved_placeholder{"names " + without_default(placeholder) + ", and others can read " + *file
                                    + ", which has it, so that the file is not used",
                                  "run: chmod 600 '" + *file + "'"};
  return unresolved_placeholder{
    "names " + without_default(placeholder) + ", which is not set",
    "set " + name + " in the environment of the hub, write " + name
      + "=value to secrets.env in its configuration folder, or give a default: ${" + name
      + ":-default}"};
}

resolved resolve_nested(std::string_view text, const variables& known, size_t nesting) {
  std::string result;
  for (auto& piece : split_placeholders(text)) {
    if (piece.is_placeholder) {
      auto one = resolve_one(piece.text, known, nesting);
      if (std::holds_alternative<unresolved_placeholder>(one))
        return one;
      result += std::get<std::string>(one);
      continue;
    }
    auto plain = piece.text;
    while (!plain.empty()) {
      auto escape = plain.find("$${");
      result += plain.substr(0, escape);
      if (escape == std::string_view::npos)
        break;
      result += "${";
      plain.remove_prefix(escape + 3);
    }
  }
  return result;
}

} // namespace

const std::string* variables::find(std::string_view name) const {
  if (auto* value = find_variable(environment, name))
    return value;
  return find_variable(secrets, name);
}

std::vector<text_piece> split_placeholders(std::string_view text) {
  std::vector<text_piece> result;
  size_t plain = 0;
  size_t i = 0;
  while (i < text.size()) {
    if (text.substr(i, 3) == "$${") {
      i += 3;
    } else if (text.substr(i, 2) == "${") {
      if (i > plain)
        result.push_back({text.substr(plain, i - plain), false});
      auto end = std::min(end_of_placeholder(text, i), text.size());
      result.push_back({text.substr(i, end - i), true});
      plain = i = end;
    } else {
      ++i;
    }
  }
  if (plain < text.size())
    result.push_back({text.substr(plain), false});
  return result;
}

void add_secrets_to_fetch(std::string_view text, std::vector<std::string>& names) {
  for (auto& piece : split_placeholders(text)) {
    if (!piece.is_placeholder || !piece.text.ends_with('}'))
      continue;
    auto body = piece.text.substr(2, piece.text.size() - 3);
    if (auto source = source_of(body); source && source->kind != "file" && std::ranges::find(names, body) == names.end())
      names.emplace_back(body);
  }
}

std::optional<unresolved_placeholder> find_unusable(std::string_view text) {
  for (auto& piece : split_placeholders(text))
    if (piece.is_placeholder)
      if (auto fault = fault_of(piece.text))
        return fault;
  return std::nullopt;
}

resolved resolve(std::string_view text, const variables& known) {
  return resolve_nested(text, known, 0);
}

std::string without_default(std::string_view placeholder) {
  auto colon = placeholder.find(":-");
  if (colon == std::string_view::npos)
    return std::string{placeholder};
  return std::string{placeholder.substr(0, colon)} + ":-***}";
}

} // namespace hub
