// Lines as the tools of two servers, which clients list, search and call.
#include "actors/backend/catalogue_reader.hpp"
#include "actors/catalog/snapshot.hpp"
#include "actors/session/federated_door.hpp"
#include "messages/rpc/json_scan.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

using namespace hub;
using hub::fuzz::require;

namespace {

/// What the hub learns from a server that answers its lists with `result`.
catalogue_ptr learn(std::string_view result) {
  catalogue_reader reader;
  reader.set_capabilities(R"({"tools":{},"resources":{},"prompts":{}})");
  reader.start_all();
  json_text answer{std::string{result}};
  // A list that goes on gets no more pages here than one more.
  for (int64_t id = 1; id <= 8 && reader.next(id, {}); ++id)
    reader.take(id, answer);
  auto learned = std::make_shared<server_catalogue>();
  reader.copy_to(*learned);
  return learned;
}

void ask(const catalog_snapshot& snapshot, const std::string& method, std::string params) {
  auto context = std::make_shared<client_context>();
  context->protocol_version = "2025-06-18";
  client_request request;
  request.message.method = method;
  request.message.params = json_text{std::move(params)};
  request.client = context;
  hub_status states;
  auto way = route_federated(snapshot, {}, request, &states);
  if (auto* answer = std::get_if<rpc_answer>(&way))
    require(!rpc::check_json(answer->body.view(), 140), "what a client gets is JSON");
  else if (auto* to = std::get_if<forward>(&way))
    require(!rpc::check_json(to->params.view(), 140), "what a server gets is JSON");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text{reinterpret_cast<const char*>(data), size};
  auto end = std::min(text.find('\n'), text.size());
  auto one = text.substr(0, end);
  auto two = text.substr(std::min(end + 1, text.size()));
  if (!rpc::is_utf8(one) || !rpc::is_utf8(two))
    // Such a message is refused as a whole.
    return 0;
  known_server first;
  first.name = "first one";
  first.catalogue = learn(one);
  known_server second;
  second.name = "first_one";
  second.catalogue = learn(two);
  catalog_snapshot snapshot{{first, second}};
  snapshot.build_index();
  for (auto& ref : snapshot.tools()) {
    auto name = rpc::unquote(rpc::member(snapshot.tool(ref).view(), "name")).value_or("");
    auto exposed = snapshot.tool_names().exposed_name(ref.server, name);
    require(exposed.size() <= 64, "a name is short enough");
    auto back = snapshot.tool_names().resolve(exposed);
    require(back.server == ref.server && back.tool == name, "an exposed name leads back");
  }
  for (auto method : {"tools/list", "resources/list", "resources/templates/list", "prompts/list"})
    ask(snapshot, method, "{}");
  for (auto query : {"read file", "x", "write_a_Note"})
    ask(snapshot, "tools/call",
        R"({"name":"hub__search_tools","arguments":{"query":)" + rpc::quote(query) + "}}");
  ask(snapshot, "tools/call", R"({"name":"hub__list_servers"})");
  ask(snapshot, "tools/call", R"({"name":"hub__call_tool","arguments":{"tool":"first_one__x","y":1}})");
  return 0;
}
