#include "actors/session/federated_door.hpp"

#include "actors/session/lock_tools.hpp"
#include "actors/session/memory_texts.hpp"
#include "actors/session/meta_tools.hpp"
#include "actors/session/result_tools.hpp"
#include "messages/implementation.hpp"
#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace hub {

namespace {

/// How many entries a page of a federated list holds.
constexpr size_t page_size = 500;

constexpr std::string_view own_capabilities
  = R"({"tools":{"listChanged":true},"resources":{"subscribe":true,"listChanged":true},"prompts":{"listChanged":true},"completions":{},"logging":{}})";

std::string own_instructions(const catalog_snapshot& snapshot, std::string_view memory) {
  auto text = "This hub gives access to " + std::to_string(snapshot.tools().size())
              + " tools of several MCP servers. Find a tool with hub__search_tools, then call it "
                "with hub__call_tool by its full name, server__tool.";
  if (!memory.empty())
    text.append("\n\n").append(memory);
  return rpc::quote(text);
}

/// What the memory and the mesh offer while they are there.
std::vector<json_text> own_resources(const federation_settings& settings) {
  std::vector<json_text> result;
  if (settings.memory && settings.memory->wanted)
    result.push_back(memory_resource_entry());
  if (settings.memory && settings.memory->mesh_wanted)
    result.push_back(mesh_resource_entry());
  return result;
}

std::vector<json_text> own_prompts(const federation_settings& settings) {
  std::vector<json_text> result;
  if (settings.memory && settings.memory->wanted)
    result.push_back(memory_prompt_entry());
  return result;
}

/// Whether a name leads to a server that this door shows, or to one that rules hide: what asks
/// for that is refused by its name and noted, as calls are.
bool is_reachable(const catalog_snapshot& snapshot, const resolved_name& x) {
  return x.how != resolved_name::kind::unknown
         && (snapshot.servers()[x.server].member || snapshot.servers()[x.server].denied);
}

/// Calls `f(server, object)` for each entry that a list of all servers has.
template <class F>
void for_each_entry(const catalog_snapshot& snapshot,
                    std::vector<json_text> server_catalogue::*list, F&& f) {
  for (uint32_t i = 0; i < snapshot.servers().size(); ++i) {
    auto& server = snapshot.servers()[i];
    if (server.enabled && server.catalogue)
      for (auto& entry : (*server.catalogue).*list)
        f(i, entry);
  }
}

/// A cursor is the place at which the next page starts.
std::optional<size_t> read_cursor(std::string_view params) {
  auto cursor = rpc::member(params, "cursor");
  if (cursor.empty())
    return 0;
  auto text = rpc::unquote(cursor).value_or("");
  size_t result = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (error != std::errc{} || end != text.data() + text.size() || result == 0
      || result % page_size != 0)
    return std::nullopt;
  return result;
}

/// A page of a list of all servers, with the member `key` of each entry changed
/// to what `rename(server, value)` says.
template <class Rename>
route page_of(const catalog_snapshot& snapshot, const client_request& request,
              std::vector<json_text> server_catalogue::*list, std::string_view member,
              std::string_view key, Rename rename, std::vector<json_text> own = {}) {
  auto start = read_cursor(request.message.params.view());
  if (!start)
    return error_of(invalid_params, "Invalid params: this cursor was not given by this hub");
  auto page = *start == 0 ? std::move(own) : std::vector<json_text>{};
  auto full = page.size() + page_size;
  size_t at = 0;
  auto more = false;
  for_each_entry(snapshot, list, [&](uint32_t server, const json_text& entry) {
    auto here = at++;
    if (here < *start)
      return;
    if (page.size() == full) {
      more = true;
      return;
    }
    auto value = rpc::unquote(rpc::member(entry.view(), key)).value_or("");
    page.push_back(rpc::edit_members(entry, {{key, rpc::quote(rename(server, value))}}));
  });
  auto result = list_of(member, page);
  if (more)
    result.body = rpc::edit_members(
      result.body, {{"nextCursor", rpc::quote(std::to_string(*start + page_size))}});
  return result;
}

forward to_server(const catalog_snapshot& snapshot, uint32_t server, const client_request& request,
                  json_text params) {
  return forward_to(snapshot.servers()[server], request.message.method, std::move(params));
}

route call(const catalog_snapshot& snapshot, const federation_settings& settings,
           const client_request& request, const hub_status* states, search_memory* memory) {
  auto params = request.message.params.view();
  auto name = rpc::unquote(rpc::member(params, "name"));
  if (!name)
    return error_of(invalid_params, "Invalid params: \"name\" of the tool is missing");
  auto arguments = rpc::member(params, "arguments");
  if (!arguments.empty() && !arguments.starts_with('{') && arguments != "null")
    return error_of(invalid_params, "Invalid params: \"arguments\" is not an object");
  auto meta = meta_tool_of(*name, settings);
  if (!meta)
    return call_tool(snapshot, request.message.params, *name, arguments, call_way::direct);
  switch (*meta) {
    case meta_tool::search_tools:
      return search_tools(snapshot, settings, arguments, memory);
    case meta_tool::list_servers:
      return list_servers(snapshot, states);
    case meta_tool::lock:
      return read_lock(arguments);
    case meta_tool::unlock:
      return read_unlock(arguments);
    case meta_tool::read_result:
      return read_read_result(arguments, settings.result_piece);
    case meta_tool::call_tool:
      break;
  }
  auto read = read_wanted_call(arguments);
  if (auto* bad = std::get_if<bad_call>(&read))
    return tool_error(bad->message);
  auto& wanted = std::get<wanted_call>(read);
  // Models call the other meta-tools this way, too.
  auto inner = meta_tool_of(wanted.tool, settings);
  if (inner == meta_tool::search_tools)
    return search_tools(snapshot, settings, wanted.arguments, memory);
  if (inner == meta_tool::list_servers)
    return list_servers(snapshot, states);
  if (inner == meta_tool::lock)
    return read_lock(wanted.arguments);
  if (inner == meta_tool::unlock)
    return read_unlock(wanted.arguments);
  if (inner == meta_tool::read_result)
    return read_read_result(wanted.arguments, settings.result_piece);
  return call_tool(snapshot, request.message.params, wanted.tool, wanted.arguments,
                   call_way::meta_tool);
}

route read_resource(const catalog_snapshot& snapshot, const federation_settings& settings, const client_request& request) {
  auto uri = rpc::unquote(rpc::member(request.message.params.view(), "uri"));
  if (!uri)
    return error_of(invalid_params, "Invalid params: \"uri\" is missing");
  if (settings.memory && *uri == memory_uri)
    return memory_wish::resource;
  if (settings.memory && *uri == mesh_uri)
    return memory_wish::mesh_resource;
  auto found = snapshot.resolve_uri(*uri);
  if (!found)
    return error_of(resource_not_found, "Resource not found: " + *uri,
                    R"({"uri":)" + rpc::quote(*uri) + "}");
  return to_server(snapshot, found->server, request,
                   rpc::edit_members(request.message.params, {{"uri", rpc::quote(found->name)}}));
}

route get_prompt(const catalog_snapshot& snapshot, const federation_settings& settings, const client_request& request) {
  auto name = rpc::unquote(rpc::member(request.message.params.view(), "name"));
  if (settings.memory && name == memory_prompt_name)
    return memory_wish::prompt;
  auto found = snapshot.prompt_names().resolve(name.value_or(""));
  if (!name || !is_reachable(snapshot, found))
    return error_of(invalid_params, "Invalid params: unknown prompt " + name.value_or("(none)"));
  return to_server(snapshot, found.server, request,
                   rpc::edit_members(request.message.params, {{"name", rpc::quote(found.tool)}}));
}

route complete(const catalog_snapshot& snapshot, const client_request& request) {
  auto& params = request.message.params;
  auto ref = rpc::member(params.view(), "ref");
  auto of_prompt = rpc::member(ref, "type") == "\"ref/prompt\"";
  auto key = of_prompt ? "name" : "uri";
  auto value = rpc::unquote(rpc::member(ref, key));
  if (!value)
    return error_of(invalid_params, "Invalid params: \"ref\" names neither a prompt nor a resource");
  uint32_t server = 0;
  std::string original;
  if (of_prompt) {
    auto found = snapshot.prompt_names().resolve(*value);
    if (!is_reachable(snapshot, found))
      return error_of(invalid_params, "Invalid params: unknown prompt " + *value);
    server = found.server;
    original = found.tool;
  } else {
    auto found = snapshot.resolve_uri(*value);
    if (!found)
      return error_of(invalid_params, "Invalid params: unknown resource " + *value);
    server = found->server;
    original = found->name;
  }
  auto edited = rpc::edit_members(params.slice(ref), {{key, rpc::quote(original)}});
  return to_server(snapshot, server, request, rpc::edit_members(params, {{"ref", edited.view()}}));
}

} // namespace

rpc_answer introduce_hub(const catalog_snapshot& snapshot, const client_request& request, std::string_view memory) {
  return introduce(request, {std::string{own_capabilities}, std::string{own_implementation},
                             own_instructions(snapshot, memory)});
}

route route_federated(const catalog_snapshot& snapshot, const federation_settings& settings,
                      const client_request& request, const hub_status* states, search_memory* memory,
                      std::span<const tool_ref> tools) {
  auto& method = request.message.method;
  auto to_uri = [&](uint32_t server, const std::string& uri) {
    return snapshot.exposed_uri(server, uri);
  };
  if (method == "tools/call")
    return call(snapshot, settings, request, states, memory);
  if (method == "initialize" || method == "server/discover") {
    if (settings.memory && settings.memory->wanted)
      return memory_wish::introduction;
    return introduce_hub(snapshot, request, {});
  }
  if (method == "ping" || method == "logging/setLevel")
    return result_of("{}");
  if (method == "tools/list") {
    if (!rpc::member(request.message.params.view(), "cursor").empty())
      return error_of(invalid_params, "Invalid params: this cursor was not given by this hub; the "
                                      "list has one page");
    return result_of(meta_tool_list(snapshot, settings.locks, tools));
  }
  if (method == "resources/list")
    return page_of(snapshot, request, &server_catalogue::resources, "resources", "uri", to_uri,
                   own_resources(settings));
  if (method == "resources/templates/list")
    return page_of(snapshot, request, &server_catalogue::templates, "resourceTemplates",
                   "uriTemplate", to_uri);
  if (method == "prompts/list")
    return page_of(snapshot, request, &server_catalogue::prompts, "prompts", "name",
                   [&](uint32_t server, const std::string& name) {
                     return snapshot.prompt_names().exposed_name(server, name);
                   },
                   own_prompts(settings));
  if (method == "resources/read")
    return read_resource(snapshot, settings, request);
  if (method == "prompts/get")
    return get_prompt(snapshot, settings, request);
  if (method == "completion/complete")
    return complete(snapshot, request);
  return error_of(method_not_found, "Method not found: " + method);
}

namespace {

/// What clients can see of a server.
const catalogue_ptr& visible_part(const known_server* server) {
  static const catalogue_ptr nothing;
  return server && server->enabled && server->member ? server->catalogue : nothing;
}

/// The server called `name`, which mostly stands where it stood.
const known_server* find_server(const catalog_snapshot& where, const std::string& name, size_t place) {
  auto& servers = where.servers();
  if (place < servers.size() && servers[place].name == name)
    return &servers[place];
  auto i = std::ranges::find(servers, name, &known_server::name);
  return i == servers.end() ? nullptr : &*i;
}

void add_changes(const catalogue_ptr& before, const catalogue_ptr& after, visible_changes& result) {
  if (before == after)
    return;
  auto same = [](const std::vector<json_text>& x, const std::vector<json_text>& y) {
    return std::ranges::equal(x, y, {}, &json_text::view, &json_text::view);
  };
  static const server_catalogue nothing;
  auto& x = before ? *before : nothing;
  auto& y = after ? *after : nothing;
  // What a server says has changed is passed on, even if it looks the same.
  result.tools |= y.announced.tools > x.announced.tools || !same(x.tools, y.tools);
  result.resources |= y.announced.resources > x.announced.resources || !same(x.resources, y.resources)
                      || !same(x.templates, y.templates);
  result.prompts |= y.announced.prompts > x.announced.prompts || !same(x.prompts, y.prompts);
}

} // namespace

visible_changes compare(const catalog_snapshot& before, const catalog_snapshot& after, std::string_view server) {
  visible_changes result;
  auto is_of_interest = [server](const known_server& x) { return server.empty() || x.name == server; };
  auto& now = after.servers();
  for (size_t i = 0; i < now.size(); ++i)
    if (is_of_interest(now[i]))
      add_changes(visible_part(find_server(before, now[i].name, i)), visible_part(&now[i]), result);
  auto& old = before.servers();
  for (size_t i = 0; i < old.size(); ++i)
    if (is_of_interest(old[i]) && !find_server(after, old[i].name, i))
      add_changes(visible_part(&old[i]), nullptr, result);
  return result;
}

} // namespace hub
