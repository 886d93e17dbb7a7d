#include "tests/sim/flaky_server.hpp"

#include "messages/rpc/json_scan.hpp"
#include "tests/sim/marker.hpp"

#include <utility>

namespace hub::sim {

namespace {

constexpr std::string_view capabilities
  = R"({"tools":{"listChanged":true},"resources":{},"prompts":{},"completions":{},"logging":{}})";

constexpr std::string_view info = R"({"name":"flaky","version":"1"})";

std::string tool_list(int more, bool first_page, bool paged) {
  std::string result = R"({"tools":[)";
  if (first_page)
    result += R"({"name":"echo","description":"Says the text again","inputSchema":{"type":"object"}})";
  if (!paged || !first_page)
    for (int i = 0; i <= more; ++i)
      result += (i != 0 || first_page ? "," : "")
                + (R"({"name":"extra_)" + std::to_string(i) + R"(","inputSchema":{"type":"object"}})");
  return result + "]" + (paged && first_page ? R"(,"nextCursor":"two"})" : "}");
}

} // namespace

std::vector<deed> flaky_server::hear(std::string_view message) {
  auto scanned = rpc::scan_client_message(json_text{std::string{message}});
  if (auto* bad = std::get_if<rpc::bad_message>(&scanned)) {
    complaints_.push_back("the hub wrote what is no message: " + bad->message + ": " + std::string{message});
    return {};
  }
  auto& x = std::get<rpc::envelope>(scanned);
  if (x.kind == rpc::message_kind::notification) {
    if (x.method == "notifications/initialized")
      initialized_ = true;
    else if (x.method == "notifications/cancelled" && dice_->chance(80))
      cancelled_.emplace(rpc::member(x.params.view(), "requestId"));
    return {};
  }
  if (x.kind != rpc::message_kind::request)
    return {};
  std::string id{x.id.view()};
  if (x.method == "server/discover") {
    on_probe(id);
  } else if (x.method == "initialize") {
    on_initialize(id);
  } else if (!initialized_ && !stateless_) {
    complaints_.push_back("the hub asked " + x.method + " before the handshake was over");
  } else if (x.method.ends_with("/list")) {
    on_list(x.method, id, x.params.view());
  } else if (x.method == "logging/setLevel") {
    answer(soon(), id, "{}");
  } else if (x.method != "subscriptions/listen") {
    on_call(x.method, id, x.params.view());
  }
  return std::exchange(deeds_, {});
}

void flaky_server::on_probe(const std::string& id) {
  auto yes = R"({"supportedVersions":["2026-07-28"],"capabilities":)" + std::string{capabilities}
             + R"(,"_meta":{"io.modelcontextprotocol/serverInfo":)" + std::string{info} + "}}";
  switch (temper_.probe) {
    case probe_manner::stateless:
      stateless_ = true;
      return answer(soon(), id, yes);
    case probe_manner::refuses:
      return fail(soon(), id, -32601, "Method not found");
    case probe_manner::closes:
      return die(soon());
    case probe_manner::silent:
      return;
    case probe_manner::late:
      // The hub may have begun the handshake by then, and must think again.
      stateless_ = true;
      return answer(milliseconds{2500} + soon() * 4, id, yes);
  }
}

void flaky_server::on_initialize(const std::string& id) {
  if (stateless_)
    return;
  if (dice_->chance(temper_.bad_start))
    switch (dice_->below(4)) {
      case 0:
        return fail(soon(), id, -32603, "not today");
      case 1:
        return answer(soon(), id, R"({"protocolVersion":"1999-01-01","capabilities":{},"serverInfo":{}})");
      case 2:
        return die(soon());
      default:
        return;
    }
  answer(soon(), id, R"({"protocolVersion":"2025-06-18","capabilities":)" + std::string{capabilities}
                       + R"(,"serverInfo":)" + std::string{info} + "}");
}

void flaky_server::on_list(const std::string& method, const std::string& id, std::string_view params) {
  if (dice_->chance(temper_.mute))
    return;
  if (dice_->chance(5))
    return fail(soon(), id, -32603, "no list");
  if (method == "tools/list") {
    auto first = rpc::member(params, "cursor").empty();
    answer(soon(), id, tool_list(more_tools_, first, more_tools_ % 2 == 1));
  } else if (method == "resources/list") {
    auto bad = dice_->chance(temper_.noise) ? R"(,{"uri":"file:///bad","size":tru})" : "";
    answer(soon(), id, R"({"resources":[{"uri":"file:///notes","name":"notes"})" + std::string{bad} + "]}");
  } else if (method == "resources/templates/list") {
    answer(soon(), id, R"({"resourceTemplates":[{"uriTemplate":"file:///{path}","name":"files"}]})");
  } else {
    answer(soon(), id, R"({"prompts":[{"name":"greet"}]})");
  }
}

void flaky_server::on_call(const std::string& method, const std::string& id, std::string_view params) {
  auto markers = markers_in(params);
  if (markers.empty())
    complaints_.push_back("a call came without what the client wrote: " + method + " " + std::string{params});
  auto text = markers.empty() ? std::string{"nobody's"} : markers.back();
  if (dice_->chance(temper_.crash))
    return die(soon());
  if (dice_->chance(temper_.mute))
    return;
  if (dice_->chance(5))
    return fail(soon(), id, -32000, "it says no to " + text);
  std::string result = R"({"content":[{"type":"text","text":")" + text + R"("}])"
                       + (stateless_ ? R"(,"resultType":"complete"})" : "}");
  if (dice_->chance(temper_.noise))
    make_noise(id, result);
  auto token = rpc::member(rpc::member(params, "_meta"), "progressToken");
  if (!token.empty() && dice_->chance(50))
    say(milliseconds{0}, R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":)"
                           + std::string{token} + R"(,"progress":1,"message":")" + text + R"("}})");
  auto wait = dice_->chance(8) ? dice_->between(milliseconds{5000}, milliseconds{40'000}) : soon();
  answer(wait, id, result);
  if (wait.count() == 0)
    last_answered_ = id;
}

/// Things that no good server says; none of them may hurt anybody.
void flaky_server::make_noise(const std::string& id, std::string_view result) {
  std::string body{result};
  switch (dice_->below(9)) {
    case 0:
      return say({}, "Listening on stdio...");
    case 1:
      return say({}, R"({"jsonrpc":"2.0","id":)");
    case 2:
      return say({}, "{\"jsonrpc\":\"2.0\",\"result\":\"\xff\xfe\"}");
    case 3:
      return say({}, R"({"jsonrpc":"2.0","id":"wrong )" + id + R"(","result":)" + body + "}");
    case 4:
      return say({}, R"({"jsonrpc":"2.0","id":1000)" + id + R"(,"result":)" + body + "}");
    case 5:
      // Its own answer follows, so that this is the first of two.
      return answer({}, id, result);
    case 6:
      if (!last_answered_.empty())
        answer({}, last_answered_, result);
      return;
    case 7:
      ++more_tools_;
      return say({}, R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
    default:
      return say({}, R"({"jsonrpc":"2.0","id":1,"method":"ping"})");
  }
}

void flaky_server::say(milliseconds after, std::string text, std::string answers) {
  deeds_.push_back({after, std::move(text), std::move(answers)});
}

void flaky_server::answer(milliseconds after, const std::string& id, std::string_view result) {
  say(after, R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":)" + std::string{result} + "}", id);
}

void flaky_server::fail(milliseconds after, const std::string& id, int code, std::string_view message) {
  say(after, R"({"jsonrpc":"2.0","id":)" + id + R"(,"error":{"code":)" + std::to_string(code)
               + R"(,"message":")" + std::string{message} + R"("}})", id);
}

void flaky_server::die(milliseconds after) {
  deeds_.push_back({after, {}, {}});
}

flaky_server::milliseconds flaky_server::soon() {
  return dice_->chance(50) ? milliseconds{0} : dice_->between(milliseconds{1}, milliseconds{400});
}

} // namespace hub::sim
