#pragma once

#include "messages/server_config.hpp"
#include "service/config/config_value.hpp"
#include "service/config/value_reader.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// The place of a file where servers are listed: an object by name, or an array
/// of objects with a `name`.
struct server_list {
  /// How it is called in the file, such as `mcpServers` or `mcp.servers`.
  std::string key;

  const config_value* value = nullptr;
};

/// The longest name of a server, in bytes.
inline constexpr size_t longest_server_name = 128;

/// The lists of servers that `root` has under any of the usual keys, the one
/// that counts first. It may be of a wrong type.
std::vector<server_list> find_server_lists(const config_value& root);

/// Reads one entry in any of the usual spellings. What is wrong with it is
/// noted in `reader`; then there is no result.
/// @param cache What counts where an entry says nothing of the cache.
std::optional<server_config> read_server(const config_value& entry, const std::string& name,
                                         value_reader& reader, const server_cache& cache = {});

/// Reads all entries of a list, in order. What is wrong is noted in `reader`.
std::vector<server_config> read_servers(const server_list& list, value_reader& reader, const server_cache& cache = {});

/// What kind of transport `type` names in any of the usual spellings; nothing
/// if it is none that the hub knows.
std::optional<transport_kind> transport_of(std::string_view type);

/// Whether `text` starts with `http://` or `https://` and names a host.
bool is_http_url(std::string_view text);

} // namespace hub
