#pragma once

#include "messages/server_config.hpp"
#include "service/config/server_insertion.hpp"
#include "service/import/client_table.hpp"
#include "service/import/document.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace hub {

/// A server found in the file of a client.
struct imported_server {
  /// As our configuration would have it; `origin` is the client's file and line.
  server_config server;

  /// The entry for our configuration, as JSON, placeholders as they are.
  std::string entry;

  /// The client, as in the table: `claude-code`. Empty if it is not known.
  std::string client;

  std::filesystem::path path;
};

/// What could not be taken, or not as it was, and why.
struct import_note {
  /// For people: `Claude Code`; empty if the client is not known.
  std::string client;

  /// The file, with the line where there is one.
  std::string where;

  /// The server, if it is about one.
  std::string server;

  std::string cause;

  std::string fix;
};

/// The note in one line. It holds no values of variables or headers.
std::string to_string(const import_note& note);

/// A file that was looked at.
struct imported_file {
  std::string client;
  std::filesystem::path path;

  /// How many servers it has that were taken, before equal ones are merged.
  size_t servers = 0;
};

/// What was found. The names of the servers are unique.
struct import_result {
  std::vector<imported_server> servers;
  std::vector<import_note> notes;
  std::vector<imported_file> files;
};

/// Reads the files of all known clients. Servers that lead to the hub at
/// `hub_port` are left out. Of equal servers with one name the first is taken;
/// a different one of that name is called `name-client`.
import_result import_from_clients(const client_folders& folders, uint16_t hub_port);

/// Reads one file of any client. What client it is shows by its path or by its
/// content.
import_result read_client_file(const std::filesystem::path& path, const client_folders& folders,
                               uint16_t hub_port,
                               std::optional<document_format> format = {});

/// What of `found` is new to a configuration that has `present`. A name that is
/// there already stays as it is; if the servers differ, a note is added.
std::vector<new_server> servers_to_add(import_result& found,
                                       const std::vector<server_config>& present);

} // namespace hub
