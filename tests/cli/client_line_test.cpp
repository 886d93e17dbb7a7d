#include "cli/client_line.hpp"
#include "messages/mirrored_headers.hpp"

#include <doctest/doctest.h>

using namespace hub::cli;

namespace {

using pairs = std::vector<std::pair<std::string, std::string>>;

std::string modern(const std::string& method, const std::string& params) {
  return R"({"jsonrpc":"2.0","id":"x","method":")" + method + R"(","params":{)" + params
         + R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}})";
}

} // namespace

TEST_CASE("a line of the handshake era needs no headers of its own") {
  line_translator reader;
  auto x = reader.read(R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"t"}})");
  CHECK(x.what == client_line::kind::request);
  CHECK(x.id == "7");
  CHECK(!x.stateless);
  CHECK(!x.repeatable);
  CHECK(x.headers.empty());
  CHECK(reader.read(R"({"jsonrpc":"2.0","id":7,"method":"tools/list"})").repeatable);
  CHECK(reader.read(R"([{"jsonrpc":"2.0","method":"n"}])").what == client_line::kind::other);
}

TEST_CASE("a stateless line gets the headers that HTTP wants") {
  line_translator reader;
  auto x = reader.read(modern("tools/call", R"("name":"grün",)"));
  CHECK(x.stateless);
  CHECK(x.headers == pairs{{"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", "tools/call"},
                           {"Mcp-Name", "=?base64?Z3LDvG4=?="}});
  CHECK(reader.read(modern("resources/read", R"("uri":"a://b",)")).headers[2].second == "a://b");
  CHECK(reader.read(modern("tools/list", "")).headers.size() == 2);
}

TEST_CASE("arguments go into headers once the tool was listed") {
  line_translator reader;
  auto call = modern("tools/call", R"("name":"t","arguments":{"region":"eu","n":3,"no":null},)");
  CHECK(reader.read(call).headers.size() == 3);
  reader.note_tools(R"({"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"t","inputSchema":{"type":"object",)"
                    R"("properties":{"region":{"type":"string","x-mcp-header":"Region"},)"
                    R"("n":{"type":"integer","x-mcp-header":"N"},"no":{"type":"string","x-mcp-header":"No"}}}}]}})");
  auto x = reader.read(call);
  REQUIRE(x.headers.size() == 5);
  CHECK(x.headers[3] == std::pair<std::string, std::string>{"Mcp-Param-Region", "eu"});
  CHECK(x.headers[4] == std::pair<std::string, std::string>{"Mcp-Param-N", "3"});
}

TEST_CASE("what is no message is answered with an error") {
  line_translator reader;
  auto x = reader.read("{");
  CHECK(x.what == client_line::kind::broken);
  CHECK(x.text.find("-32700") != std::string::npos);
  CHECK(x.text.find("\"id\":null") != std::string::npos);
}

TEST_CASE("header values are written so that HTTP cannot change them") {
  CHECK(hub::encode_header_value("plain text") == "plain text");
  CHECK(hub::encode_header_value(" x") == "=?base64?IHg=?=");
  CHECK(hub::encode_header_value("a\nb") == "=?base64?YQpi?=");
  CHECK(hub::encode_header_value("=?base64?x?=") == "=?base64?PT9iYXNlNjQ/eD89?=");
}
