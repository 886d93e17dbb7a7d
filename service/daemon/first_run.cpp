#include "service/daemon/first_run.hpp"

#include "messages/rpc/json_scan.hpp"
#include "service/config/config_file.hpp"
#include "service/config/stored_file.hpp"
#include "service/import/client_import.hpp"

#include <utility>

namespace hub {

config_result<first_run> make_first_config(const std::filesystem::path& file,
                                           const variable_map& environment, uint16_t port,
                                           const std::filesystem::path& demo) {
  first_run result;
  client_folders folders{environment, home_folder(environment), {}};
  auto found = import_from_clients(folders, port);
  auto added = servers_to_add(found, {});
  for (auto& x : found.files)
    result.lines.push_back("took " + std::to_string(x.servers) + " servers of " + x.client + " from "
                           + x.path.string());
  for (auto& note : found.notes)
    result.lines.push_back("not taken as it was: " + to_string(note));
  if (added.empty()) {
    result.demonstration = true;
    added.push_back({"demo", R"({"command":)" + rpc::quote(demo.string()) + "}"});
    result.lines.push_back("found no MCP servers in the files of AI clients; the demonstration "
                           "server `demo` is entered instead");
  }
  result.servers = added.size();
  auto text = add_servers(default_config_text(), file.string(), added);
  if (!text)
    return text.errors();
  if (auto wrong = create_stored(file, *text))
    return *wrong;
  return result;
}

} // namespace hub
