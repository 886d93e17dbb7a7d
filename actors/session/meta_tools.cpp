#include "actors/session/meta_tools.hpp"

#include "actors/catalog/search_reply.hpp"
#include "actors/catalog/text_analysis.hpp"
#include "actors/session/lock_tools.hpp"
#include "actors/session/result_tools.hpp"
#include "messages/printable_line.hpp"
#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <deque>
#include <utility>

namespace hub {

namespace {

/// How much of the search tool's description may name servers, in bytes.
constexpr size_t server_names_limit = 1000;

/// How long a gloss is, in bytes: what does not fit says too much to help choosing.
constexpr size_t gloss_limit = 60;

std::string as_text_result(std::string_view text) {
  return R"({"content":[{"type":"text","text":)" + rpc::quote(text) + "}]}";
}

/// What a server says of itself in a few words, if that says more than its name.
std::string gloss_of(const known_server& x) {
  if (!x.catalogue)
    return {};
  for (std::string_view key : {"title", "description"}) {
    auto text = printable_line(rpc::unquote(rpc::member(x.catalogue->server_info.view(), key)).value_or(""));
    if (!text.empty() && text.size() <= gloss_limit && identifier_key(text) != identifier_key(x.name))
      return text;
  }
  return {};
}

/// The servers that offer something, in the order of the configuration, so that
/// the description is stable. The names come first, and glosses get the room that is left.
std::string server_names(const catalog_snapshot& snapshot, size_t& offering) {
  std::vector<const known_server*> shown;
  size_t size = 0;
  for (auto& x : snapshot.servers()) {
    if (!x.enabled)
      continue;
    ++offering;
    if (size + x.id.size() + 2 > server_names_limit)
      continue;
    size += x.id.size() + 2;
    shown.push_back(&x);
  }
  std::string result;
  for (auto* x : shown) {
    result += (result.empty() ? "" : ", ") + x->id;
    auto gloss = gloss_of(*x);
    if (gloss.empty() || size + gloss.size() + 3 > server_names_limit)
      continue;
    size += gloss.size() + 3;
    result += " (" + gloss + ")";
  }
  if (offering > shown.size())
    result += " and " + std::to_string(offering - shown.size()) + " more";
  return result;
}

/// Tools as a list has them, each with a comma in front.
std::string tool_entries(const catalog_snapshot& snapshot, std::span<const tool_ref> tools) {
  std::string result;
  for (auto ref : tools) {
    auto& tool = snapshot.tool(ref);
    auto name = rpc::unquote(rpc::member(tool.view(), "name")).value_or("");
    result += ',';
    result += rpc::edit_members(tool, {{"name", rpc::quote(snapshot.tool_names().exposed_name(ref.server, name))}}).view();
  }
  return result;
}

/// What may help a search that has found nothing.
std::string_view hint_for_nothing(const search_index& index, const search_request& request) {
  auto servers = index.servers_like(request.server);
  if (!request.server.empty() && std::ranges::find(servers, true) == servers.end())
    return "No server is called so; hub__list_servers names them.";
  return "No tool has these words, or words spelt alike. Others may help, best English ones.";
}

} // namespace

std::optional<meta_tool> meta_tool_of(std::string_view name, const federation_settings& settings) {
  if (settings.locks && name == "hub__lock")
    return meta_tool::lock;
  if (settings.locks && name == "hub__unlock")
    return meta_tool::unlock;
  if (settings.result_limit > 0 && name == read_result_name)
    return meta_tool::read_result;
  if (name.starts_with("hub__"))
    name.remove_prefix(5);
  if (name == "search_tools")
    return meta_tool::search_tools;
  if (name == "call_tool")
    return meta_tool::call_tool;
  if (name == "list_servers")
    return meta_tool::list_servers;
  return std::nullopt;
}

std::string meta_tool_list(const catalog_snapshot& snapshot, bool locks, std::span<const tool_ref> tools) {
  size_t servers = 0;
  auto names = server_names(snapshot, servers);
  auto counts = std::to_string(snapshot.tools().size()) + " tools of " + std::to_string(servers)
                + (servers == 1 ? " MCP server" : " MCP servers");
  auto search = "Finds the right tool among " + counts + ": " + names
                + ". Use it first whenever a task may need one of them. Say in plain words what is to be "
                  "done, or give a tool's name. Returns the best tools with what hub__call_tool needs.";
  auto call = "Calls a tool that hub__search_tools found, by its full name, and returns its result.";
  auto list = "Lists the MCP servers (" + std::to_string(servers) + ") with their tools and states.";
  return R"({"tools":[{"name":"hub__search_tools","title":"Search tools","description":)"
         + rpc::quote(search)
         + R"(,"inputSchema":{"type":"object","properties":{)"
           R"("query":{"type":"string","description":"What is to be done, or the name of a tool"},)"
           R"("server":{"type":"string","description":"Only tools of this server; * and ? match"},)"
           R"("limit":{"type":"integer","minimum":1,"maximum":50,"description":"How many tools at most, 8 if absent"},)"
           R"("detail":{"type":"string","enum":["names","signature","schema"],"description":"How much of each tool; as much as fits if absent"},)"
           R"("budget":{"type":"integer","minimum":150,"maximum":20000,"description":"How many tokens the reply may take"}},)"
           R"("required":["query"]},"annotations":{"readOnlyHint":true,"openWorldHint":false}},)"
           R"({"name":"hub__call_tool","title":"Call a tool","description":)"
         + rpc::quote(call)
         + R"(,"inputSchema":{"type":"object","properties":{)"
           R"("tool":{"type":"string","description":"The full name, server__tool"},)"
           R"("arguments":{"type":"object","description":"The tool's own arguments, by its inputSchema","additionalProperties":true}},)"
           R"("required":["tool"]}},)"
           R"({"name":"hub__list_servers","title":"List servers","description":)"
         + rpc::quote(list)
         + R"(,"inputSchema":{"type":"object","properties":{}},"annotations":{"readOnlyHint":true,"openWorldHint":false}})"
         + (locks ? lock_tool_entries() : "") + tool_entries(snapshot, tools) + "]}";
}

route search_tools(const catalog_snapshot& snapshot, const federation_settings& settings,
                   std::string_view arguments, search_memory* memory) {
  if (!snapshot.index())
    return missing::search_index;
  auto read = read_search_request(arguments, settings.search_token_budget);
  if (auto* bad = std::get_if<bad_search>(&read))
    return tool_error(bad->message);
  auto& request = std::get<search_request>(read);
  if (memory && memory->wants_meaning(request.query))
    return meaning_wish{request.query};
  auto result = snapshot.index()->search(request.query, {request.limit + (memory ? memory->margin() : 0), request.server});
  if (memory)
    memory->arrange(snapshot, request, result);
  // What the views of `found` look at.
  std::deque<std::string> texts;
  auto keep = [&texts](std::string text) -> std::string_view {
    return texts.emplace_back(std::move(text));
  };
  std::vector<found_tool> found;
  for (auto& hit : result.hits) {
    auto ref = snapshot.tools()[hit.tool];
    auto tool = snapshot.tool(ref).view();
    auto name = keep(rpc::unquote(rpc::member(tool, "name")).value_or(""));
    found.push_back({keep(snapshot.tool_names().exposed_name(ref.server, name)), name,
                     snapshot.servers()[ref.server].id,
                     keep(rpc::unquote(rpc::member(tool, "description")).value_or("")),
                     rpc::member(tool, "inputSchema")});
  }
  search_outcome outcome;
  outcome.total = result.total;
  outcome.tools = found;
  if (result.rung == search_rung::spelling)
    outcome.hint = "No tool has these words; these are spelt alike.";
  else if (result.rung == search_rung::servers)
    outcome.hint = "No tool has these words; these belong to servers with such a name.";
  else if (found.empty())
    outcome.hint = hint_for_nothing(*snapshot.index(), request);
  for (auto server : result.nearest_servers)
    outcome.nearest_servers.push_back(snapshot.servers()[server].id);
  return result_of(as_text_result(compose_search_reply(request, outcome)));
}

route list_servers(const catalog_snapshot& snapshot, const hub_status* states) {
  if (!states)
    return missing::server_states;
  std::string text;
  size_t count = 0;
  for (uint32_t i = 0; i < snapshot.servers().size(); ++i) {
    auto& server = snapshot.servers()[i];
    if (!server.enabled)
      continue;
    std::vector<std::string> names;
    if (server.catalogue)
      for (auto& tool : server.catalogue->tools)
        names.push_back(snapshot.tool_names().exposed_name(
          i, rpc::unquote(rpc::member(tool.view(), "name")).value_or("")));
    std::ranges::sort(names);
    text += count++ == 0 ? "" : ",";
    text += R"({"server":)" + rpc::quote(server.id) + R"(,"tools":)" + std::to_string(names.size());
    auto state = std::ranges::find(states->servers, server.name, &server_status::name);
    if (state != states->servers.end()) {
      text += R"(,"state":")" + std::string{to_string(state->state)} + '"';
      if (!state->last_error.empty() && state->state != server_state::ready)
        text += R"(,"error":)" + rpc::quote(state->last_error);
    }
    text += R"(,"tool_names":[)";
    for (auto& name : names)
      text += (&name == names.data() ? "" : ",") + rpc::quote(name);
    text += "]}";
  }
  return result_of(as_text_result(R"({"server_count":)" + std::to_string(count) + R"(,"servers":[)"
                                  + text + "]}"));
}

route call_tool(const catalog_snapshot& snapshot, const json_text& params, std::string_view tool,
                std::string_view arguments, call_way way) {
  auto found = snapshot.tool_names().resolve(tool);
  using kind = resolved_name::kind;
  // A tool that is not listed may be new, as long as the lists are not known.
  auto exists = found.how != kind::unknown && snapshot.servers()[found.server].member
                && (found.how != kind::unlisted || !snapshot.servers()[found.server].catalogue);
  // What rules hide is refused by its name, as any call that they judge, so that somebody can mend it.
  auto is_hidden = [&] {
    if (found.how == kind::unknown || !snapshot.policy())
      return false;
    auto& place = snapshot.servers()[found.server];
    return (place.member || place.denied)
           && snapshot.policy()->decide(place.name, found.tool).act == permission::deny;
  };
  if (!exists && !is_hidden()) {
    auto text = "Tool not found: " + std::string{tool} + ".";
    if (!found.did_you_mean.empty()) {
      text += " Did you mean";
      for (auto& name : found.did_you_mean)
        text += (&name == found.did_you_mean.data() ? " " : ", ") + name;
      text += "?";
    }
    text += " hub__search_tools finds the names of all tools.";
    return way == call_way::direct ? error_of(invalid_params, text) : tool_error(text);
  }
  auto& server = snapshot.servers()[found.server];
  auto name = rpc::quote(found.tool);
  return forward_to(server, "tools/call", rpc::edit_members(params, {{"name", name}, {"arguments", arguments}}),
                    way == call_way::meta_tool);
}

std::variant<wanted_call, bad_call> read_wanted_call(std::string_view arguments) {
  wanted_call result;
  result.tool = rpc::unquote(rpc::member(arguments, "tool")).value_or("");
  if (result.tool.empty())
    return bad_call{"\"tool\" is missing. Give the full name of the tool, server__tool, as "
                    "hub__search_tools returns it."};
  auto given = rpc::member(arguments, "arguments");
  if (given.empty() || given == "null") {
    json_text all{std::string{arguments}};
    result.arguments = rpc::edit_members(all, {{"tool", ""}, {"arguments", ""}}).view();
    return result;
  }
  result.arguments = given.starts_with('"') ? rpc::unquote(given).value_or("") : std::string{given};
  if (rpc::json_cursor{result.arguments}.peek() != '{' || rpc::check_json(result.arguments))
    return bad_call{"\"arguments\" is not an object. Give the tool's own arguments as its "
                    "inputSchema has them."};
  return result;
}

} // namespace hub
