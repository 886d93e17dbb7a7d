#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "cli/quantity.hpp"
#include "cli/table.hpp"
#include "messages/percent_text.hpp"

#include <ostream>
#include <string>

namespace hub::cli {

namespace {

/// What the hub knows of the mesh. Says so if it is not in it.
std::string ask_mesh(const command_context& context) {
  auto answer = context.hub().ask("GET", "/api/mesh");
  if (!text_field(answer, "self").empty())
    return answer;
  auto why = text_field(answer, "why");
  throw command_error{"this hub is not in the mesh: the memory daemon is " + text_field(answer, "daemon")
                      + (why.empty() ? "" : ", " + why) + ". Start SuperLocalMemory, or see slm-hub plugins list"};
}

} // namespace

exit_code mesh_peers(const command_context& context, bool json) {
  auto& io = context.io;
  auto answer = ask_mesh(context);
  if (json) {
    io.out << answer << '\n';
    return exit_code::ok;
  }
  table rows{{{"PEER"}, {"AGENT"}, {"STATUS"}, {"PROJECT"}, {"SUMMARY"}}};
  for (auto x : list_field(answer, "peers"))
    rows.add({text_field(x, "peer"), text_field(x, "agent"), text_field(x, "status"), text_field(x, "project"),
              text_field(x, "summary")});
  io.out << "This hub is " << printable_line(text_field(answer, "self")) << '\n';
  if (rows.empty())
    io.out << "There is no other agent in the mesh.\n";
  else
    rows.print(io);
  return exit_code::ok;
}

exit_code mesh_inbox(const command_context& context, bool json) {
  auto& io = context.io;
  auto answer = ask_mesh(context);
  if (json) {
    io.out << answer << '\n';
    return exit_code::ok;
  }
  table rows{{{"TIME"}, {"FROM"}, {"TO"}, {"MESSAGE"}}};
  for (auto x : list_field(answer, "messages"))
    rows.add({text_field(x, "created_at"), text_field(x, "from"), text_field(x, "to"), text_field(x, "text")});
  if (rows.empty())
    io.out << "No messages have come.\n";
  else
    rows.print(io);
  return exit_code::ok;
}

exit_code mesh_send(const command_context& context, const std::string& to, const std::string& text) {
  context.hub().ask("POST", "/api/mesh/send?to=" + percent_encode(to) + "&text=" + percent_encode(text));
  context.io.out << "Sent\n";
  return exit_code::ok;
}

} // namespace hub::cli
