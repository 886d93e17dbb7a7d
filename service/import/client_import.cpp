#include "service/import/client_import.hpp"

#include "service/config/server_entry.hpp"
#include "service/config/stored_file.hpp"
#include "service/config/value_reader.hpp"
#include "service/import/entry_translation.hpp"
#include "service/import/own_entry.hpp"

#include <algorithm>
#include <system_error>

namespace hub {

namespace {

using kind = config_value::kind;

/// What is read at once: Claude Code keeps its history in its file, too.
constexpr size_t max_file_bytes = 64 << 20;

/// Finds what client writes like this, for a file from anywhere.
entry_dialect dialect_of(const document& file) {
  auto& root = file.root;
  if (file.format == document_format::toml)
    return entry_dialect::codex;
  auto has = [&](std::string_view key, kind k) {
    auto* value = root.find(key);
    return value && value->is(k);
  };
  if (has("mcpServers", kind::array))
    return entry_dialect::continue_dev;
  if (auto* servers = root.find("mcpServers")) {
    if (has("projects", kind::object))
      return entry_dialect::claude_code;
    for (auto& member : servers->members)
      if (member.value.find("httpUrl"))
        return entry_dialect::gemini;
    return entry_dialect::standard;
  }
  if (has("projects", kind::object))
    return entry_dialect::claude_code;
  if (has("context_servers", kind::object))
    return entry_dialect::zed;
  if (root.find("servers") || root.find("mcp.servers"))
    return entry_dialect::vscode;
  if (auto* mcp = root.find("mcp"))
    return mcp->find("servers") ? entry_dialect::vscode : entry_dialect::opencode;
  if (has("extensions", kind::object))
    return entry_dialect::goose;
  return entry_dialect::standard;
}

/// The keys that a client has its servers under; a dot leads one level down.
std::vector<std::string_view> keys_of(entry_dialect dialect) {
  switch (dialect) {
    case entry_dialect::vscode:
      return {"servers", "mcp.servers", "mcpServers"};
    case entry_dialect::codex:
      return {"mcp_servers"};
    case entry_dialect::zed:
      return {"context_servers"};
    case entry_dialect::opencode:
      return {"mcp"};
    case entry_dialect::goose:
      return {"extensions"};
    default:
      return {"mcpServers"};
  }
}

/// A list of servers and the project that it is for.
struct found_list {
  const config_value* value = nullptr;
  std::filesystem::path project;
};

std::vector<found_list> find_lists(const config_value& root, entry_dialect dialect) {
  std::vector<found_list> result;
  for (auto key : keys_of(dialect)) {
    if (auto* value = root.find(key))
      result.push_back({value, {}});
    auto dot = key.find('.');
    if (dot == std::string_view::npos)
      continue;
    if (auto* outer = root.find(key.substr(0, dot)))
      if (auto* value = outer->find(key.substr(dot + 1)))
        result.push_back({value, {}});
  }
  if (auto* projects = root.find("projects"); projects && dialect == entry_dialect::claude_code)
    for (auto& project : projects->members)
      if (auto* value = project.value.find("mcpServers"))
        result.push_back({value, project.key});
  return result;
}

/// Reads files and collects what they hold.
class importer {
public:
  importer(const client_folders& folders, uint16_t hub_port)
    : folders_(folders), hub_port_(hub_port) {
    // nop
  }

  /// Reads a file; `known` says what it is, if that is known.
  void read(const std::filesystem::path& path, const std::optional<client_file>& known,
            std::optional<document_format> format) {
    client_ = known ? std::string{known->place.client} : "";
    title_ = known ? std::string{known->place.title} : "";
    path_ = path;
    auto stored = read_stored(path, max_file_bytes);
    if (!stored)
      return note_all(stored.errors());
    auto file = read_document(stored->text, path.string(), format);
    if (!file)
      return note_all(file.errors());
    auto dialect = known ? known->place.dialect : dialect_of(*file);
    result_.files.push_back({title_, path, 0});
    auto name = path.string();
    source_text source{name, stored->text};
    auto lists = find_lists(file->root, dialect);
    if (lists.empty() && !known)
      add_note(name, "", "has no list of MCP servers under any key that is known",
               "put them under mcpServers");
    for (auto& list : lists) {
      auto project = list.project.empty() && known ? known->project : list.project;
      read_list(*list.value, dialect, project, source);
    }
  }

  import_result take() {
    return std::move(result_);
  }

private:
  void read_list(const config_value& list, entry_dialect dialect,
                 const std::filesystem::path& project, source_text source) {
    for (auto& member : list.members)
      read_entry(member.key, member.value, dialect, project, source);
    for (auto& item : list.items) {
      auto* name = item.find("name");
      if (name && name->is(kind::string))
        read_entry(name->text, item, dialect, project, source);
      else
        add_note(place_of(source.file, source.text, item.begin), "", "is an entry without a name",
                 "give it a name");
    }
    if (!list.is(kind::object) && !list.is(kind::array) && !list.is(kind::null))
      add_note(place_of(source.file, source.text, list.begin), "",
               "is " + std::string{describe(list.type)} + " where servers should be",
               "write an object of servers by name");
  }

  void read_entry(const std::string& name, const config_value& entry, entry_dialect dialect,
                  const std::filesystem::path& project, source_text source) {
    translation_context context;
    context.dialect = dialect;
    context.folder = project.empty() ? std::filesystem::path{folders_.home} : project;
    context.file_folder = std::filesystem::path{source.file}.parent_path();
    // A client starts the servers of a project in its folder.
    context.runs_in_folder = !project.empty();
    std::vector<import_note> remarks;
    context.note = [&](size_t offset, std::string cause, std::string fix) {
      remarks.push_back({title_, place_of(source.file, source.text, offset), name,
                         std::move(cause), std::move(fix)});
    };
    auto keep_remarks = [&] {
      result_.notes.insert(result_.notes.end(), remarks.begin(), remarks.end());
    };
    auto ours = translate_entry(entry, context);
    if (!ours)
      return keep_remarks();
    value_reader reader{source};
    // The reader of our own configuration has the last word.
    auto named = config_value::of_kind(kind::object, entry.begin);
    named.members.push_back({name, entry.begin, *ours});
    auto servers = read_servers({"mcpServers", &named}, reader);
    if (servers.empty())
      return note_all(reader.errors());
    auto& server = servers.front();
    if (points_at_hub(server, hub_port_))
      return add_note(server.origin, name, "leads to the hub itself and is left out",
                      "nothing is to be done");
    keep_remarks();
    ++result_.files.back().servers;
    add({std::move(server), to_json(*ours), client_, path_});
  }

  /// Takes a server under a name that is still free.
  void add(imported_server x) {
    auto find = [&](const std::string& name) {
      return std::find_if(result_.servers.begin(), result_.servers.end(),
                          [&](auto& y) { return y.server.name == name; });
    };
    auto name = x.server.name;
    auto suffix = x.client.empty() ? std::string{"2"} : x.client;
    for (int i = 2;; ++i) {
      auto same = find(x.server.name);
      if (same == result_.servers.end())
        break;
      if (same->server.fingerprint == x.server.fingerprint
          && same->server.enabled == x.server.enabled)
        return;
      x.server.name = name + "-" + suffix + (i > 2 ? "-" + std::to_string(i - 1) : "");
    }
    if (x.server.name != name)
      add_note(x.server.origin, name,
               "is not the same as the server of that name in " + find(name)->server.origin
                 + ", so it is called " + x.server.name,
               "remove one of them if you need only one");
    result_.servers.push_back(std::move(x));
  }

  void add_note(std::string where, std::string server, std::string cause, std::string fix) {
    result_.notes.push_back(
      {title_, std::move(where), std::move(server), std::move(cause), std::move(fix)});
  }

  void note_all(const std::vector<config_error>& errors) {
    for (auto& error : errors)
      add_note(error.where, "", error.cause + ", so it is not taken", error.fix);
  }

  const client_folders& folders_;
  uint16_t hub_port_;
  import_result result_;

  // Of the file that is being read:
  std::string client_;
  std::string title_;
  std::filesystem::path path_;
};

} // namespace

std::string to_string(const import_note& note) {
  auto cause = note.server.empty() ? note.cause : "server \"" + note.server + "\" " + note.cause;
  if (!note.client.empty())
    cause = note.client + ": " + cause;
  return to_string(config_error{note.where, cause, note.fix});
}

import_result import_from_clients(const client_folders& folders, uint16_t hub_port) {
  importer result{folders, hub_port};
  for (auto& file : find_client_files(folders))
    result.read(file.path, file, file.place.format);
  return result.take();
}

import_result read_client_file(const std::filesystem::path& path, const client_folders& folders,
                               uint16_t hub_port, std::optional<document_format> format) {
  importer result{folders, hub_port};
  std::error_code error;
  auto absolute = std::filesystem::absolute(path, error);
  result.read(absolute, recognize_client_file(absolute), format);
  return result.take();
}

std::vector<new_server> servers_to_add(import_result& found,
                                       const std::vector<server_config>& present) {
  std::vector<new_server> result;
  for (auto& x : found.servers) {
    auto same = std::find_if(present.begin(), present.end(),
                             [&](auto& y) { return y.name == x.server.name; });
    if (same == present.end())
      result.push_back({x.server.name, x.entry});
    else if (same->fingerprint != x.server.fingerprint)
      found.notes.push_back({x.client, x.server.origin, x.server.name,
                             "is not the same as in your configuration (" + same->origin
                               + "), which stays as it is",
                             "remove it there and import again to take this one"});
  }
  return result;
}

} // namespace hub
