#include "actors/session/federated_door.hpp"
#include "actors/session/meta_tools.hpp"

#include "tests/actors/session/door_snapshot.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace hub::test;

TEST_SUITE_BEGIN("federated door");

namespace {

/// The door in front of three servers.
struct federated {
  catalog_snapshot snapshot{three_servers()};
  federation_settings settings;

  federated() {
    snapshot.build_index();
  }

  route way(const client_request& request) {
    static const hub_status states;
    return route_federated(snapshot, settings, request, &states);
  }

  /// The answer to what the door answers itself.
  rpc_answer answer(std::string_view method, std::string_view params = "{}") {
    auto result = way(make_request(method, params));
    REQUIRE(std::holds_alternative<rpc_answer>(result));
    return std::get<rpc_answer>(result);
  }

  std::string result(std::string_view method, std::string_view params = "{}") {
    auto x = answer(method, params);
    CHECK(x.kind == answer_kind::result);
    CHECK_FALSE(rpc::check_json(x.body.view()));
    return std::string{x.body.view()};
  }

  /// The code of the error that the answer is.
  std::string error(std::string_view method, std::string_view params = "{}") {
    auto x = answer(method, params);
    CHECK(x.kind == answer_kind::error);
    return at(x.body.view(), "code");
  }

  /// Where the request goes.
  forward target(std::string_view method, std::string_view params) {
    auto result = way(make_request(method, params));
    REQUIRE(std::holds_alternative<forward>(result));
    return std::get<forward>(result);
  }

  /// The text that a tool of the hub answers with.
  std::string tool_text(std::string_view name, std::string_view arguments) {
    auto x = result("tools/call", R"({"name":)" + rpc::quote(name) + R"(,"arguments":)" + std::string{arguments} + "}");
    CHECK(at(x, "isError") == "");
    return first_text(x);
  }

  std::string tool_failure(std::string_view params) {
    auto x = result("tools/call", params);
    CHECK(at(x, "isError") == "true");
    return first_text(x);
  }
};

} // namespace

TEST_CASE_FIXTURE(federated, "the hub introduces itself in the client's version") {
  auto x = result("initialize");
  CHECK(at(x, "protocolVersion") == R"("2025-06-18")");
  CHECK(at(x, "serverInfo", "name") == R"("slm-hub")");
  CHECK(at(x, "capabilities", "tools", "listChanged") == "true");
  CHECK(at(x, "instructions").find("hub__search_tools") != std::string::npos);
}

TEST_CASE_FIXTURE(federated, "a stateless client discovers the hub") {
  auto x = result("server/discover");
  CHECK(at(x, "supportedVersions") == R"(["2026-07-28"])");
  CHECK(at(x, "_meta", "io.modelcontextprotocol/serverInfo", "name") == R"("slm-hub")");
}

TEST_CASE_FIXTURE(federated, "the tools are three, and the first names the servers behind it") {
  auto tools = elements(at(result("tools/list"), "tools"));
  REQUIRE(tools.size() == 3);
  CHECK(at(tools[0], "name") == R"("hub__search_tools")");
  CHECK(at(tools[1], "name") == R"("hub__call_tool")");
  CHECK(at(tools[2], "name") == R"("hub__list_servers")");
  auto description = at(tools[0], "description");
  CHECK(description.find("git_hub (Its title), notes") != std::string::npos);
  CHECK(description.find("3 tools of 3 MCP servers") != std::string::npos);
}

TEST_CASE("the search names all servers before it describes any, within its bound") {
  std::vector<known_server> servers;
  for (int i = 0; i < 200; ++i) {
    servers.push_back(make_server("server" + std::to_string(i), make_catalogue("x", {})));
    auto told = std::make_shared<server_catalogue>(*servers.back().catalogue);
    told->server_info = json_text{R"({"name":"n","description":"Does the thing number )" + std::to_string(i) + "\"}"};
    servers.back().catalogue = std::move(told);
  }
  auto description_of = [](std::vector<known_server> some) {
    auto tools = elements(at(meta_tool_list(catalog_snapshot{std::move(some)}, false), "tools"));
    return rpc::unquote(at(tools[0], "description")).value_or("");
  };
  auto all = description_of(servers);
  CHECK(all.size() < 1500);
  CHECK(all.find("server90,") != std::string::npos);
  CHECK(all.find(" more. Use it first") != std::string::npos);
  servers.resize(5);
  CHECK(description_of(servers).find("server4 (Does the thing number 4)") != std::string::npos);
}

TEST_CASE_FIXTURE(federated, "a search gives tools with what a call of them needs, with the prefix and without") {
  for (auto name : {"hub__search_tools", "search_tools"}) {
    auto found = tool_text(name, R"({"query":"open an issue"})");
    CHECK(at(found, "found") == "1");
    CHECK(at(found, "query") == R"("open an issue")");
    auto tools = elements(at(found, "tools"));
    REQUIRE(tools.size() == 1);
    CHECK(at(tools[0], "tool") == R"("git_hub__create_issue")");
    CHECK(at(tools[0], "server") == R"("git_hub")");
    CHECK(at(tools[0], "description") == R"("Opens an issue in a repository")");
    CHECK(at(tools[0], "inputSchema", "required") == R"(["repo"])");
  }
}

TEST_CASE_FIXTURE(federated, "a search without a query is told what is missing") {
  CHECK(tool_failure(R"({"name":"hub__search_tools","arguments":{}})").find("query") != std::string::npos);
  CHECK(tool_text("hub__search_tools", R"({"query":"zzqxw"})").find("Others may help") != std::string::npos);
  CHECK(tool_text("hub__search_tools", R"({"query":"branches","server":"nobody"})").find("No server is called so")
        != std::string::npos);
}

TEST_CASE_FIXTURE(federated, "a search before the index is there waits for it") {
  catalog_snapshot fresh{three_servers()};
  auto request = make_request("tools/call", R"({"name":"search_tools","arguments":{"query":"x"}})");
  auto x = route_federated(fresh, settings, request, nullptr);
  REQUIRE(std::holds_alternative<missing>(x));
  CHECK(std::get<missing>(x) == missing::search_index);
}

TEST_CASE_FIXTURE(federated, "the list of servers has their tools and states, whatever runs") {
  hub_status states;
  states.servers.resize(1);
  states.servers[0].name = "git hub";
  states.servers[0].state = server_state::backing_off;
  states.servers[0].last_error = "exited with 1";
  auto request = make_request("tools/call", R"({"name":"hub__list_servers"})");
  auto before = route_federated(snapshot, settings, request, nullptr);
  REQUIRE(std::holds_alternative<missing>(before));
  CHECK(std::get<missing>(before) == missing::server_states);
  auto x = route_federated(snapshot, settings, request, &states);
  auto text = first_text(std::get<rpc_answer>(x).body.view());
  CHECK(at(text, "server_count") == "3");
  auto servers = elements(at(text, "servers"));
  REQUIRE(servers.size() == 3);
  CHECK(at(servers[0], "server") == R"("git_hub")");
  CHECK(at(servers[0], "tools") == "2");
  CHECK(at(servers[0], "tool_names") == R"(["git_hub__create_issue","git_hub__list_branches"])");
  CHECK(at(servers[0], "state") == R"("backing off")");
  CHECK(at(servers[0], "error") == R"("exited with 1")");
  CHECK(at(servers[2], "tools") == "0");
}

TEST_CASE_FIXTURE(federated, "a call goes to the server under the tool's own name, with its metadata") {
  auto to = target("tools/call", R"({"name":"hub__call_tool","arguments":{"tool":"git_hub__create_issue",)"
                                 R"("arguments":{"repo":"a"}},"_meta":{"progressToken":4}})");
  CHECK(to.server == "git hub");
  CHECK(to.method == "tools/call");
  CHECK(to.tell_as_tool_result);
  CHECK(at(to.params.view(), "name") == R"("create_issue")");
  CHECK(at(to.params.view(), "arguments") == R"({"repo":"a"})");
  CHECK(at(to.params.view(), "_meta", "progressToken") == "4");
}

TEST_CASE_FIXTURE(federated, "a tool is called by its full name as well") {
  auto to = target("tools/call", R"({"name":"notes__write_note","arguments":{"text":"b"}})");
  CHECK(to.server == "notes");
  CHECK(at(to.params.view(), "name") == R"("write_note")");
  CHECK(at(to.params.view(), "arguments", "text") == R"("b")");
}

TEST_CASE_FIXTURE(federated, "arguments are understood as models write them") {
  SUBCASE("as the text of an object") {
    auto to = target("tools/call", R"({"name":"call_tool","arguments":{"tool":"notes__write_note",)"
                                   R"("arguments":"{\"text\":\"b\"}"}})");
    CHECK(at(to.params.view(), "arguments", "text") == R"("b")");
  }
  SUBCASE("beside the name of the tool") {
    auto to = target("tools/call", R"({"name":"hub__call_tool","arguments":{"tool":"notes__write_note","text":"b"}})");
    CHECK(at(to.params.view(), "arguments") == R"({"text":"b"})");
  }
  SUBCASE("as nothing") {
    auto to = target("tools/call", R"({"name":"hub__call_tool","arguments":{"tool":"notes__write_note"}})");
    CHECK(at(to.params.view(), "arguments") == "{}");
  }
  SUBCASE("as another tool of the hub") {
    auto text = tool_text("hub__call_tool", R"({"tool":"hub__search_tools","arguments":{"query":"branches"}})");
    CHECK(at(text, "found") == "1");
  }
}

TEST_CASE_FIXTURE(federated, "a tool that nobody has is a tool's failure that proposes others") {
  auto text = tool_failure(R"({"name":"hub__call_tool","arguments":{"tool":"nobody__create_isue"}})");
  CHECK(text.find("git_hub__create_issue") != std::string::npos);
  CHECK(tool_failure(R"({"name":"hub__call_tool","arguments":{}})").find("\"tool\" is missing") != std::string::npos);
  CHECK(tool_failure(R"({"name":"hub__call_tool","arguments":{"tool":"x","arguments":[1]}})").find("not an object")
        != std::string::npos);
}

TEST_CASE_FIXTURE(federated, "a direct call of a tool that nobody has is an error of the protocol") {
  CHECK(error("tools/call", R"({"name":"zzz","arguments":{}})") == "-32602");
}

TEST_CASE_FIXTURE(federated, "a call of the wrong shape is an error of the protocol") {
  CHECK(error("tools/call", R"({"arguments":{}})") == "-32602");
  CHECK(error("tools/call", R"({"name":"hub__call_tool","arguments":[1]})") == "-32602");
  CHECK(error("tools/list", R"({"cursor":"500"})") == "-32602");
  CHECK(error("no/such") == "-32601");
}

TEST_CASE_FIXTURE(federated, "resources have URIs that lead back to their servers") {
  auto resources = elements(at(result("resources/list"), "resources"));
  REQUIRE(resources.size() == 3);
  CHECK(at(resources[0], "uri") == R"("hub:git_hub/file:///readme")");
  CHECK(at(resources[0], "size") == "7");
  CHECK(at(resources[2], "uri") == R"("hub:notes/file:///both")");
  auto to = target("resources/read", R"({"uri":"hub:notes/file:///both"})");
  CHECK(to.server == "notes");
  CHECK(at(to.params.view(), "uri") == R"("file:///both")");
  CHECK_FALSE(to.tell_as_tool_result);
}

TEST_CASE_FIXTURE(federated, "an original URI is read if only one server can be meant") {
  CHECK(target("resources/read", R"({"uri":"file:///readme"})").server == "git hub");
  CHECK(target("resources/read", R"({"uri":"git://x/head"})").server == "git hub");
  CHECK(error("resources/read", R"({"uri":"file:///both"})") == "-32002");
  auto unknown = answer("resources/read", R"({"uri":"file:///none"})");
  CHECK(at(unknown.body.view(), "data", "uri") == R"("file:///none")");
}

TEST_CASE_FIXTURE(federated, "templates are renamed like resources") {
  auto templates = elements(at(result("resources/templates/list"), "resourceTemplates"));
  REQUIRE(templates.size() == 1);
  CHECK(at(templates[0], "uriTemplate") == R"("hub:git_hub/git://{repo}/head")");
}

TEST_CASE_FIXTURE(federated, "prompts of the same name are told apart and reach their servers") {
  auto prompts = elements(at(result("prompts/list"), "prompts"));
  REQUIRE(prompts.size() == 2);
  CHECK(at(prompts[0], "name") == R"("git_hub__review")");
  CHECK(at(prompts[0], "description") == R"("Reviews a change")");
  auto to = target("prompts/get", R"({"name":"notes__review","arguments":{"a":"b"}})");
  CHECK(to.server == "notes");
  CHECK(at(to.params.view(), "name") == R"("review")");
  CHECK(at(to.params.view(), "arguments", "a") == R"("b")");
  CHECK(error("prompts/get", R"({"name":"zzz"})") == "-32602");
}

TEST_CASE_FIXTURE(federated, "what is completed keeps its own name at the server") {
  auto prompt = target("completion/complete", R"({"ref":{"type":"ref/prompt","name":"git_hub__review"},)"
                                              R"("argument":{"name":"a","value":"b"}})");
  CHECK(prompt.server == "git hub");
  CHECK(at(prompt.params.view(), "ref", "name") == R"("review")");
  CHECK(at(prompt.params.view(), "argument", "value") == R"("b")");
  auto resource = target("completion/complete",
                         R"({"ref":{"type":"ref/resource","uri":"hub:git_hub/git://{repo}/head"}})");
  CHECK(at(resource.params.view(), "ref", "uri") == R"("git://{repo}/head")");
  CHECK(error("completion/complete", R"({"ref":{"type":"ref/prompt"}})") == "-32602");
}

TEST_CASE("a long list comes in pages, each entry once") {
  offer many;
  for (int i = 0; i < 1200; ++i)
    many.resources.push_back(R"({"uri":"file:///)" + std::to_string(i) + R"("})");
  catalog_snapshot snapshot{{make_server("one", make_catalogue("one", many))}};
  std::string params = "{}";
  std::vector<std::string> all;
  std::vector<size_t> pages;
  do {
    auto way = route_federated(snapshot, {}, make_request("resources/list", params), nullptr);
    std::string page{std::get<rpc_answer>(way).body.view()};
    auto entries = elements(at(page, "resources"));
    pages.push_back(entries.size());
    all.insert(all.end(), entries.begin(), entries.end());
    auto cursor = at(page, "nextCursor");
    params = cursor.empty() ? "" : R"({"cursor":)" + cursor + "}";
  } while (!params.empty());
  CHECK(pages == std::vector<size_t>{500, 500, 200});
  CHECK(at(all.front(), "uri") == R"("hub:one/file:///0")");
  CHECK(at(all.back(), "uri") == R"("hub:one/file:///1199")");
  for (auto cursor : {R"("7")", R"("x")", "500", R"("")"}) {
    auto way = route_federated(snapshot, {}, make_request("resources/list", R"({"cursor":)" + std::string{cursor} + "}"),
                               nullptr);
    CHECK(at(std::get<rpc_answer>(way).body.view(), "code") == "-32602");
  }
}

TEST_CASE("a change of one server shows in its own lists alone") {
  auto servers = three_servers();
  catalog_snapshot before{servers};
  auto changed = note_offer;
  changed.prompts.clear();
  servers[1].catalogue = make_catalogue("notes", changed);
  catalog_snapshot after{servers};
  auto everywhere = compare(before, after, "");
  CHECK(everywhere.prompts);
  CHECK_FALSE(everywhere.tools);
  CHECK_FALSE(everywhere.resources);
  CHECK(compare(before, after, "notes").prompts);
  CHECK_FALSE(compare(before, after, "git hub").prompts);
}
