#include "messages/mirrored_headers.hpp"
#include "server/mcp_headers.hpp"

#include "tests/server/requests.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace hub::test;

namespace {

/// What is wrong with a `tools/call` of `name` (as JSON) under this header.
std::optional<std::string> judge(std::string_view name, std::string_view header) {
  auto request = stateless_post("tools/call", "", header);
  auto params = json_text{R"({"name":)" + std::string{name} + "}"};
  return find_mismatch(request, "tools/call", params);
}

} // namespace

TEST_CASE("a mirrored header is trimmed and its base64 sentinel decoded") {
  CHECK(decode_header(" get_weather ") == "get_weather");
  CHECK(decode_header("=?base64?SGVsbG8=?=") == "Hello");
  CHECK(decode_header("\t=?base64?SGVsbG8=?= ") == "Hello");
  CHECK(decode_header("=?base64?SGVsbG8?=") == std::nullopt);
  CHECK(decode_header("=?base64?" "?=") == "");
  CHECK(decode_header("=?base64?w7zDtg==?=") == "\u00fc\u00f6");
  CHECK(decode_header("=?base64?!!?=") == std::nullopt);
  CHECK(decode_header("=?base64?A?=") == std::nullopt);
  CHECK(decode_header("=?base64?=") == "=?base64?=");
}

TEST_CASE("the name of a call must be repeated in Mcp-Name") {
  CHECK(!judge(R"("echo")", "echo"));
  CHECK(!judge(R"("echo")", " echo "));
  CHECK(!judge(R"("echo")", "=?base64?ZWNobw==?="));
  CHECK(!judge(R"("\u00fc")", "=?base64?w7w=?="));
  CHECK(!judge(R"("a\/b")", "a/b"));
  CHECK(judge(R"("echo")", "Echo"));
  CHECK(judge(R"("echo")", "other"));
  CHECK(judge(R"("echo")", "=?base64?b3RoZXI=?="));
  CHECK(judge(R"("echo")", "=?base64?*?="));
  CHECK(judge(R"("echo")", {}));
  CHECK(judge("7", "echo"));
}

TEST_CASE("which member is repeated depends on the method") {
  CHECK(mirrored_member("tools/call") == "name");
  CHECK(mirrored_member("prompts/get") == "name");
  CHECK(mirrored_member("resources/read") == "uri");
  CHECK(mirrored_member("tasks/get") == "taskId");
  CHECK(mirrored_member("tools/list") == "");
}

TEST_CASE("a name header is of no interest to methods without a name") {
  auto request = stateless_post("tools/list", "", "whatever");
  CHECK(!find_mismatch(request, "tools/list", json_text{"{}"}));
}
