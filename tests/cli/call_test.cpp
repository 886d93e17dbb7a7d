#include "cli/program.hpp"
#include "cli/tool_call.hpp"
#include "messages/rpc/json_scan.hpp"
#include "tests/cli/hub_socket.hpp"

#include <doctest/doctest.h>
#include <sstream>

using namespace hub;
using namespace hub::cli;

namespace {

/// The program and a hub that gives one answer to all.
struct answered {
  test::scratch_folder folder;
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  console io{in, out, err};
  test::scripted_answer answer;
  test::hub_socket hub{folder.path(), [this](auto&) { return answer; }};

  exit_code run(const std::vector<std::string>& words) {
    out.str({});
    err.str({});
    return cli::run(words, io, {{"SLM_HUB_CONFIG_DIR", folder.path().string()}, {"HOME", folder.path().string()}});
  }

  void answer_result(const std::string& result) {
    answer.chunks = {R"({"jsonrpc":"2.0","id":1,"result":)" + result + "}"};
  }

  /// The `params` that the hub saw last.
  std::string params() const {
    return std::string{rpc::member(hub.seen().back().body, "params")};
  }
};

} // namespace

TEST_CASE_FIXTURE(answered, "a call is a stateless request with its headers and metadata") {
  answer_result(R"({"content":[{"type":"text","text":"42 km"}]})");
  CHECK(run({"call", "demo__convert_units", "value=26.2", "from=mi"}) == exit_code::ok);
  CHECK(out.str() == "42 km\n");
  auto seen = hub.seen().back();
  CHECK(seen.method == "POST");
  CHECK(seen.target == "/mcp");
  CHECK(seen.headers["mcp-protocol-version"] == "2026-07-28");
  CHECK(seen.headers["mcp-method"] == "tools/call");
  CHECK(seen.headers["mcp-name"] == "hub__call_tool");
  CHECK(seen.headers["accept"] == "application/json, text/event-stream");
  CHECK(seen.headers["content-type"] == "application/json");
  CHECK(!rpc::check_json(seen.body));
  CHECK(rpc::member(params(), "name") == "\"hub__call_tool\"");
  CHECK(rpc::member(params(), "arguments") == R"({"tool":"demo__convert_units","arguments":{"value":26.2,"from":"mi"}})");
  auto meta = std::string{rpc::member(params(), "_meta")};
  CHECK(rpc::member(meta, "io.modelcontextprotocol/protocolVersion") == "\"2026-07-28\"");
  CHECK(rpc::member(meta, "io.modelcontextprotocol/clientCapabilities") == "{}");
  CHECK(!rpc::member(meta, "io.modelcontextprotocol/clientInfo").empty());
  CHECK(rpc::member(meta, "progressToken").empty());
}

TEST_CASE_FIXTURE(answered, "arguments may come as an object, by an option or from standard input") {
  answer_result(R"({"content":[]})");
  for (auto& words : std::vector<std::vector<std::string>>{
         {"call", "t", R"({"a":[1]})"}, {"call", "t", "--args", R"({"a":[1]})"}, {"call", "--args", "-", "t"}}) {
    in.clear();
    in.str(R"({"a":[1]})");
    CHECK(run(words) == exit_code::ok);
    CHECK(rpc::member(params(), "arguments") == R"({"tool":"t","arguments":{"a":[1]}})");
  }
}

TEST_CASE_FIXTURE(answered, "progress is drawn on a terminal and the answer of the stream is printed") {
  io.err_is_terminal = true;
  answer.content_type = "text/event-stream";
  answer.chunks = {": hi\n\n", "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"par",
                   "ams\":{\"progressToken\":1,\"progress\":1,\"total\":3,\"message\":\"2 left\"}}\n\n",
                   "data: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"done\"}]}}\n\n"};
  CHECK(run({"call", "demo__countdown"}) == exit_code::ok);
  CHECK(out.str() == "done\n");
  CHECK(err.str() == "\r\x1b[K1 of 3: 2 left\r\x1b[K");
  CHECK(rpc::member(std::string{rpc::member(params(), "_meta")}, "progressToken") == "1");
}

TEST_CASE_FIXTURE(answered, "a tool that fails puts its text on standard error") {
  answer_result(R"({"content":[{"type":"text","text":"no such file"}],"isError":true})");
  CHECK(run({"call", "t"}) == exit_code::error);
  CHECK(out.str().empty());
  CHECK(err.str() == "no such file\n");
}

TEST_CASE_FIXTURE(answered, "with --json the result comes as it is, failed or not") {
  auto result = std::string{R"({"content":[], "n": 1.0, "isError":true})"};
  answer_result(result);
  CHECK(run({"call", "t", "--json"}) == exit_code::error);
  CHECK(out.str() == result + '\n');
}

TEST_CASE_FIXTURE(answered, "an error of the protocol is told with its fix") {
  answer.status = 400;
  answer.chunks = {R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"unknown tool t","data":{"fix":"search first"}}})"};
  CHECK(run({"call", "t"}) == exit_code::error);
  CHECK(err.str() == "slm-hub: unknown tool t; search first\n");
  answer.status = 503;
  answer.chunks = {R"({"error":"the hub is stopping","fix":"start it again"})"};
  CHECK(run({"call", "t"}) == exit_code::error);
  CHECK(err.str() == "slm-hub: the hub is stopping; start it again\n");
  answer.chunks = {};
  CHECK(run({"call", "t"}) == exit_code::error);
  CHECK(err.str().find("no answer to the call (HTTP status 503)") != std::string::npos);
}

TEST_CASE_FIXTURE(answered, "a call ends when its time is up") {
  answer.silent = true;
  CHECK(run({"call", "t", "--timeout", "0.05"}) == exit_code::error);
  CHECK(err.str().find("did not answer within 50 ms") != std::string::npos);
}

TEST_CASE("content that is no text is described") {
  CHECK(readable_content(R"({"content":[{"type":"text","text":"a"},{"type":"image","mimeType":"image/png","data":"AAAA"},
    {"type":"resource_link","uri":"x://y"},{"type":"resource","resource":{"uri":"x://z","text":"inner"}},
    {"type":"resource","resource":{"uri":"x://b","blob":"AAAA"}}]})")
        == "a\n[image image/png, 3 B]\n[resource x://y]\ninner\n[resource x://b]");
  CHECK(readable_content(R"({"content":[],"structuredContent":{"a":1}})") == R"({"a":1})");
}

TEST_CASE_FIXTURE(answered, "search prints signatures, best first") {
  answer_result(R"({"content":[{"type":"text","text":"{\"found\":9,\"query\":\"q\",\"tools\":[)"
                R"({\"tool\":\"a__x\",\"server\":\"a\",\"signature\":\"x(n: integer): does x\"},)"
                R"({\"tool\":\"b__y\",\"server\":\"b\",\"description\":\"does y\"}]}"}]})");
  CHECK(run({"search", "status", "of", "things", "--limit", "2", "--server", "s"}) == exit_code::ok);
  CHECK(out.str() == "a__x\n  x(n: integer): does x\nb__y\n  does y\n2 of 9 tools; more with --limit\n");
  CHECK(rpc::member(params(), "arguments")
        == R"({"query":"status of things","limit":2,"server":"s","detail":"signature"})");
  CHECK(hub.seen().back().headers["mcp-name"] == "hub__search_tools");
  CHECK(run({"search", "q", "--json"}) == exit_code::ok);
  CHECK(out.str().find(R"({"found":9,"query":"q")") == 0);
  CHECK(rpc::member(params(), "arguments") == R"({"query":"q"})");
}
