// Bytes as a message of a client and of a server, and what the hub writes of them.
#include "messages/rpc/compose.hpp"
#include "messages/rpc/envelope.hpp"
#include "messages/rpc/json_scan.hpp"
#include "tests/fuzz/require.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

using namespace hub;
using hub::fuzz::require;

namespace {

/// What was taken apart can be put together again.
text_parts rebuilt(const rpc::envelope& x) {
  switch (x.kind) {
    case rpc::message_kind::result:
      return rpc::make_result(x.id.view(), x.body);
    case rpc::message_kind::error:
      // The error may be about a message whose id nobody could read.
      return rpc::make_error(x.id.empty() ? "null" : x.id.view(), x.body);
    default:
      return rpc::make_request(x.id.view(), x.method, x.params);
  }
}

void check_same(const rpc::envelope& x, const rpc::scanned& again) {
  auto* y = std::get_if<rpc::envelope>(&again);
  require(y, "a message that was put together again is one");
  require(y->kind == x.kind && y->id.view() == x.id.view() && y->method == x.method,
          "it has the same kind, id and method");
  require(y->params.view() == x.params.view() && y->body.view() == x.body.view(), "it has the same contents");
}

void check_edits(const json_text& object) {
  auto edited = rpc::edit_members(object, {{"name", R"("new")"}, {"arguments", ""}, {"_meta", R"({"a":1})"}});
  require(!rpc::check_json(edited.view(), 140), "an edited object is JSON");
  require(rpc::member(edited.view(), "name") == R"("new")", "an edited member has its new value");
  require(rpc::member(edited.view(), "arguments").empty(), "a removed member is gone");
  require(rpc::edit_members(edited, {{"name", R"("new")"}}).view() == edited.view(), "the same edit changes nothing");
  auto longer = rpc::prepend_members(object, R"("first":true)").to_string();
  require(!rpc::check_json(longer, 140), "an object with members before its own is JSON");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string bytes{reinterpret_cast<const char*>(data), size};
  auto from_client = rpc::scan_client_message(json_text{bytes});
  if (auto* x = std::get_if<rpc::envelope>(&from_client)) {
    require(!rpc::check_json(bytes), "a message of a client is JSON");
    check_same(*x, rpc::scan_client_message(json_text{rebuilt(*x).to_string()}));
    check_edits(x->params);
    // What a strict reader takes, the quick one takes alike.
    check_same(*x, rpc::scan_server_message(json_text{bytes}));
  }
  auto from_server = rpc::scan_server_message(json_text{bytes});
  if (auto* x = std::get_if<rpc::envelope>(&from_server))
    check_same(*x, rpc::scan_server_message(json_text{rebuilt(*x).to_string()}));
  auto quoted = rpc::quote(bytes);
  require(!rpc::check_json(quoted), "a quoted text is JSON");
  if (rpc::is_utf8(bytes))
    require(rpc::unquote(quoted) == bytes, "a quoted text is read back");
  rpc::unquote(bytes);
  return 0;
}
