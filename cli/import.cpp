#include "cli/commands.hpp"
#include "cli/configuration_change.hpp"
#include "cli/json_fields.hpp"
#include "cli/quantity.hpp"
#include "cli/table.hpp"
#include "messages/rpc/json_scan.hpp"
#include "service/config/config_parser.hpp"
#include "service/config/stored_file.hpp"
#include "service/import/client_import.hpp"

#include <algorithm>
#include <ostream>

namespace hub::cli {

namespace {

/// What an import comes to.
struct import_outcome {
  std::filesystem::path config_file;
  import_result found;

  /// Those of the found servers that are new.
  std::vector<const imported_server*> taken;

  bool dry_run = false;

  /// What a running hub made of it.
  reload_answer reloaded;
};

import_outcome take_servers(const command_context& context, const import_options& options) {
  import_outcome result;
  result.config_file = context.config_file();
  result.dry_run = options.dry_run;
  auto file = result.config_file.string();
  auto text = present_configuration(file);
  auto present = parse_config(text, file);
  if (!present)
    fail(present.errors());
  auto config = apply_environment(std::move(*present), context.environment);
  if (!config)
    fail(config.errors());
  client_folders folders{context.environment, home_folder(context.environment), options.project};
  result.found = options.file.empty() ? import_from_clients(folders, config->port)
                                      : read_client_file(options.file, folders, config->port);
  auto added = servers_to_add(result.found, config->servers);
  for (auto& server : result.found.servers)
    if (std::any_of(added.begin(), added.end(), [&](auto& each) { return each.name == server.server.name; }))
      result.taken.push_back(&server);
  if (!added.empty() && !options.dry_run) {
    auto changed = add_servers(text, file, added);
    if (!changed)
      fail(changed.errors());
    if (auto wrong = write_stored(file, *changed))
      fail({*wrong});
    result.reloaded = reload_if_running(context);
  }
  return result;
}

std::string list_of(const std::vector<std::string>& elements) {
  std::string result = "[";
  for (auto& element : elements)
    result.append(result.size() == 1 ? "" : ",").append(element);
  return result + ']';
}

std::string to_json(const import_outcome& outcome) {
  auto flag = [](bool value) { return value ? "true" : "false"; };
  std::vector<std::string> files;
  for (auto& file : outcome.found.files) {
    std::string object = "{";
    append_member(object, "client", rpc::quote(file.client));
    append_member(object, "path", rpc::quote(file.path.string()));
    append_member(object, "servers", std::to_string(file.servers));
    files.push_back(object + '}');
  }
  std::vector<std::string> taken;
  for (auto* server : outcome.taken) {
    std::string object = "{";
    append_member(object, "name", rpc::quote(server->server.name));
    append_member(object, "client", rpc::quote(server->client));
    append_member(object, "path", rpc::quote(server->path.string()));
    taken.push_back(object + '}');
  }
  std::vector<std::string> notes;
  for (auto& note : outcome.found.notes) {
    std::string object = "{";
    append_member(object, "client", rpc::quote(note.client));
    append_member(object, "where", rpc::quote(note.where));
    append_member(object, "server", rpc::quote(note.server));
    append_member(object, "cause", rpc::quote(note.cause));
    append_member(object, "fix", rpc::quote(note.fix));
    notes.push_back(object + '}');
  }
  std::string result = "{";
  append_member(result, "config_file", rpc::quote(outcome.config_file.string()));
  append_member(result, "dry_run", flag(outcome.dry_run));
  append_member(result, "reloaded", outcome.reloaded.value_or("null"));
  append_member(result, "files", list_of(files));
  append_member(result, "taken", list_of(taken));
  append_member(result, "notes", list_of(notes));
  return result + '}';
}

void print(console& io, const import_outcome& outcome) {
  if (!outcome.found.files.empty()) {
    table files{{{"CLIENT"}, {"SERVERS", table::align::right}, {"FILE"}}};
    for (auto& file : outcome.found.files)
      files.add({file.client.empty() ? "-" : file.client, std::to_string(file.servers), file.path.string()});
    files.print(io);
    io.out << '\n';
  }
  auto count = static_cast<int64_t>(outcome.taken.size());
  if (outcome.taken.empty()) {
    io.out << (outcome.found.servers.empty() ? "No servers were found.\n"
                                             : "All servers found are in the configuration already.\n");
  } else {
    io.out << (outcome.dry_run ? "Would take " : "Took ") << counted(count, "server") << " into "
           << outcome.config_file.string() << ":\n";
    for (auto* server : outcome.taken)
      io.out << "  " << io.paint(style::good, printable_line(server->server.name)) << '\n';
  }
  if (!outcome.found.notes.empty())
    io.out << "\nNot taken, or not as it was:\n";
  for (auto& note : outcome.found.notes)
    io.out << "  " << printable_line(to_string(note)) << '\n';
  if (outcome.reloaded) {
    io.out << '\n';
    print_reload(io, *outcome.reloaded);
  }
}

} // namespace

exit_code import_servers(const command_context& context, const import_options& options) {
  auto outcome = take_servers(context, options);
  if (options.json)
    context.io.out << to_json(outcome) << '\n';
  else
    print(context.io, outcome);
  // A file that was asked for and gives nothing is a failure; clients that have
  // no servers are not.
  return !options.file.empty() && outcome.found.servers.empty() ? exit_code::error : exit_code::ok;
}

} // namespace hub::cli
