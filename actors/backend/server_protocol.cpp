#include "actors/backend/server_protocol.hpp"

#include "actors/backend/outgoing.hpp"
#include "messages/implementation.hpp"
#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <utility>

namespace hub {

namespace {

constexpr int method_not_found = -32601;
constexpr int unsupported_version = -32022;

/// Old servers may answer with the version before the first release, too.
bool can_be_spoken_to(std::string_view version) {
  return is_handshake_version(version) || version == "2024-10-07";
}

json_text text(std::string x) {
  return json_text{std::move(x)};
}

/// Whether `listChanged` is declared for a kind of list.
bool announces(std::string_view capabilities, std::string_view kind) {
  return rpc::member(rpc::member(capabilities, kind), "listChanged") == "true";
}

/// How a stateless server says that there is no such resource: `data` names it.
/// Up to 2025-11-25 the code for that is -32002.
bool is_missing_resource(std::string_view error) {
  return rpc::member(error, "code") == "-32602"
         && !rpc::member(rpc::member(error, "data"), "uri").empty();
}

bool lists(std::string_view array, std::string_view value) {
  auto found = false;
  rpc::for_each_element(array, [&](std::string_view x) {
    found = rpc::unquote(x) == value;
    return !found;
  });
  return found;
}

} // namespace

server_protocol::server_protocol(std::string server, known_era era, protocol_limits limits)
  : server_(std::move(server)), era_(era), limits_(limits) {
  facts_.server = server_;
}

void server_protocol::open(time_point now) {
  if (era_ == known_era::handshake) {
    send_initialize();
    return;
  }
  phase_ = phase::probing;
  probe_deadline_ = now + limits_.probe;
  probe_id_ = ++last_id_;
  ask(probe_id_, "server/discover", text(R"({"_meta":)" + own_metadata() + "}"));
}

void server_protocol::send_initialize() {
  phase_ = phase::initializing;
  initialize_id_ = ++last_id_;
  ask(initialize_id_, "initialize",
      text(R"({"protocolVersion":)" + rpc::quote(newest_handshake_version)
           + R"(,"capabilities":{},"clientInfo":)" + std::string{own_implementation} + "}"));
}

void server_protocol::receive(json_text message, time_point now) {
  auto scanned = rpc::scan_server_message(message);
  if (auto* bad = std::get_if<rpc::bad_message>(&scanned)) {
    on_bad_message(*bad, message);
    return;
  }
  auto& x = std::get<rpc::envelope>(scanned);
  switch (x.kind) {
    case rpc::message_kind::result:
    case rpc::message_kind::error:
      on_answer(x, now);
      break;
    case rpc::message_kind::request:
      on_request(x);
      break;
    case rpc::message_kind::notification:
      on_notification(x, now);
      break;
  }
}

void server_protocol::request(const backend_request& x) {
  if (calls_.size() >= limits_.open_calls) {
    rpc_answer answer;
    answer.kind = answer_kind::failure;
    answer.why = std::make_shared<failure>(failure{
      failure::kind::overloaded, server_,
      "server " + server_ + " has " + std::to_string(calls_.size()) + " calls open and takes no more",
      "Wait for some of them to end, or call it less often."});
    out.answers.push_back({x.call, std::move(answer)});
    return;
  }
  auto id = ++last_id_;
  auto sent = translate_params(x, stateless_, id);
  if (x.method == "logging/setLevel") {
    // One level for all clients: the most talkative that any of them wants. Each
    // gets no more than it asked for, see `on_log`.
    auto level = rpc::unquote(rpc::member(sent.params.view(), "level")).value_or("");
    lowest_level_ = std::min(lowest_level_, log_level_of(level));
    sent.params = rpc::edit_members(sent.params, {{"level", rpc::quote(to_string(lowest_level_))}});
  }
  ask(id, x.method, sent.params);
  auto from_stateless = x.client && x.client->era == era::stateless;
  calls_.emplace(id, open_call{x.call, std::move(sent.progress_token), x.notify, x.logs,
                               from_stateless, x.method == "resources/read"});
}

void server_protocol::cancel(call_id call, std::string_view reason) {
  auto i = std::find_if(calls_.begin(), calls_.end(),
                        [call](const auto& x) { return x.second.call == call; });
  if (i == calls_.end())
    return;
  auto params = R"({"requestId":)" + std::to_string(i->first);
  if (!reason.empty())
    params += R"(,"reason":)" + rpc::quote(reason);
  out.to_server.push_back(rpc::make_request({}, "notifications/cancelled", text(params + "}")));
  rpc_answer answer;
  answer.kind = answer_kind::cancelled;
  out.answers.push_back({call, std::move(answer)});
  calls_.erase(i);
}

void server_protocol::tick(time_point now) {
  if (phase_ == phase::probing && now >= probe_deadline_)
    send_initialize();
  if (reader_.busy()) {
    reader_.expire(now);
    ask_pages(now);
  }
}

void server_protocol::close(const std::shared_ptr<const failure>& why) {
  for (auto& [id, call] : calls_) {
    rpc_answer answer;
    answer.kind = answer_kind::failure;
    answer.why = why;
    out.answers.push_back({call.call, std::move(answer)});
  }
  calls_.clear();
  phase_ = phase::refused;
}

// -- answers ------------------------------------------------------------------

void server_protocol::on_answer(const rpc::envelope& x, time_point now) {
  auto id = rpc::to_integer(x.id.view());
  if (!id) {
    stray("an answer whose id we never sent", x.text.view());
    return;
  }
  if (auto i = calls_.find(*id); i != calls_.end()) {
    out.answers.push_back({i->second.call, translate_answer(x, i->second)});
    calls_.erase(i);
    return;
  }
  auto is_result = x.kind == rpc::message_kind::result;
  if (*id == probe_id_) {
    probe_id_ = 0;
    on_discovered(x, now);
  } else if (*id == initialize_id_) {
    initialize_id_ = 0;
    if (phase_ == phase::initializing)
      on_initialized(x, now);
  } else if (reader_.take(*id, is_result ? x.body : json_text{})) {
    ask_pages(now);
  } else if (*id == listen_id_) {
    // The server ends its stream of changes; what it said so far stands.
    listen_id_ = 0;
  } else {
    stray("an answer that nobody waits for", x.text.view());
  }
}

void server_protocol::on_discovered(const rpc::envelope& x, time_point now) {
  if (phase_ != phase::probing && phase_ != phase::initializing)
    return;
  auto body = x.body.view();
  if (x.kind == rpc::message_kind::result
      && lists(rpc::member(body, "supportedVersions"), stateless_version)) {
    // A late answer counts, too: the first message decides for the process.
    initialize_id_ = 0;
    stateless_ = true;
    facts_.stateless = true;
    facts_.protocol_version = stateless_version;
    facts_.capabilities = x.body.slice(rpc::member(body, "capabilities")).detached();
    facts_.instructions = x.body.slice(rpc::member(body, "instructions")).detached();
    auto meta = rpc::member(body, "_meta");
    facts_.server_info
      = x.body.slice(rpc::member(meta, "io.modelcontextprotocol/serverInfo")).detached();
    become_ready(now);
    return;
  }
  if (rpc::to_integer(rpc::member(body, "code")) == unsupported_version)
    out.remarks.push_back("speaks the stateless era, but not version "
                          + std::string{stateless_version} + "; it is offered the handshake");
  if (phase_ == phase::probing)
    send_initialize();
}

void server_protocol::on_initialized(const rpc::envelope& x, time_point now) {
  auto body = x.body.view();
  if (x.kind == rpc::message_kind::error) {
    refuse("it answered initialize with the error " + std::string{body.substr(0, 400)});
    return;
  }
  auto version = rpc::unquote(rpc::member(body, "protocolVersion"));
  if (!version || !can_be_spoken_to(*version)) {
    refuse("it wants protocol version " + (version ? *version : std::string{"(none)"})
           + ", which this hub does not speak");
    return;
  }
  facts_.protocol_version = *version;
  facts_.capabilities = x.body.slice(rpc::member(body, "capabilities")).detached();
  facts_.instructions = x.body.slice(rpc::member(body, "instructions")).detached();
  facts_.server_info = x.body.slice(rpc::member(body, "serverInfo")).detached();
  out.to_server.push_back(rpc::make_request({}, "notifications/initialized", {}));
  become_ready(now);
}

void server_protocol::become_ready(time_point now) {
  phase_ = phase::ready;
  out.became_ready = true;
  auto capabilities = facts_.capabilities.view();
  if (stateless_) {
    // In this era changes are told only to those who listen.
    std::string wanted;
    for (auto [kind, member] : {std::pair{"tools", "toolsListChanged"},
                                std::pair{"prompts", "promptsListChanged"},
                                std::pair{"resources", "resourcesListChanged"}}) {
      if (announces(capabilities, kind)) {
        wanted += wanted.empty() ? "\"" : ",\"";
        wanted += std::string{member} + "\":true";
      }
    }
    if (!wanted.empty()) {
      listen_id_ = ++last_id_;
      ask(listen_id_, "subscriptions/listen",
          text(R"({"notifications":{)" + wanted + R"(},"_meta":)" + own_metadata() + "}"));
    }
  }
  reader_.set_capabilities(capabilities);
  reader_.start_all();
  ask_pages(now);
}

void server_protocol::ask_pages(time_point now) {
  while (auto page = reader_.next(last_id_ + 1, now + limits_.list)) {
    std::string params;
    if (!page->cursor.empty())
      params += R"("cursor":)" + page->cursor;
    if (stateless_)
      params += (params.empty() ? "" : ",") + (R"("_meta":)" + own_metadata());
    ask(++last_id_, page->method, params.empty() ? json_text{} : text("{" + params + "}"));
  }
  for (auto& x : reader_.take_remarks())
    out.remarks.push_back(std::move(x));
  if (reader_.finished()) {
    reader_.copy_to(facts_);
    out.learned = std::make_shared<server_catalogue>(facts_);
  }
}

rpc_answer server_protocol::translate_answer(const rpc::envelope& x, const open_call& call) const {
  rpc_answer answer;
  answer.kind = x.kind == rpc::message_kind::result ? answer_kind::result : answer_kind::error;
  answer.body = x.body;
  answer.stateless_form = stateless_;
  if (stateless_ && !call.client_is_stateless && call.reads_resource
      && answer.kind == answer_kind::error && is_missing_resource(x.body.view()))
    answer.body = rpc::edit_members(x.body, {{"code", "-32002"}});
  if (stateless_ && !call.client_is_stateless && answer.kind == answer_kind::result
      && rpc::member(x.body.view(), "resultType") == "\"input_required\"") {
    answer.kind = answer_kind::failure;
    answer.body = {};
    answer.why = std::make_shared<failure>(failure{
      failure::kind::bad_answer, server_,
      "server " + server_ + " asks its user for input, which this hub cannot carry to a client "
      "that speaks a version before " + std::string{stateless_version},
      "Use a client that speaks " + std::string{stateless_version} + "."});
  }
  return answer;
}

// -- what the server says by itself -------------------------------------------

void server_protocol::on_request(const rpc::envelope& x) {
  if (x.method == "ping") {
    out.to_server.push_back(rpc::make_result(x.id.view(), json_text::of_literal("{}")));
    return;
  }
  out.to_server.push_back(rpc::make_error(
    x.id.view(), rpc::error_object(method_not_found, "Method not found: " + x.method
                                                       + " (the client did not declare it)")));
}

void server_protocol::on_notification(const rpc::envelope& x, time_point now) {
  if (x.method == "notifications/progress") {
    on_progress(x);
  } else if (x.method == "notifications/message") {
    on_log(x);
  } else if (phase_ == phase::ready && reader_.restart(x.method)) {
    ask_pages(now);
  }
}

void server_protocol::on_progress(const rpc::envelope& x) {
  auto token = rpc::to_integer(rpc::member(x.params.view(), "progressToken"));
  auto i = token ? calls_.find(*token) : calls_.end();
  if (i == calls_.end() || i->second.progress_token.empty()) {
    stray("progress of a call that is not open", x.text.view());
    return;
  }
  auto& call = i->second;
  out.events.push_back({call.notify, restore_progress(x.params, call.progress_token.view())});
}

void server_protocol::on_log(const rpc::envelope& x) {
  // A log message names no call. If there is one open, it is its; otherwise
  // nobody can tell whose it is, and it must not reach another client.
  if (calls_.size() != 1)
    return;
  auto& call = calls_.begin()->second;
  auto level = log_level_of(rpc::unquote(rpc::member(x.params.view(), "level")).value_or(""));
  if (level < call.logs)
    return;
  out.events.push_back({call.notify, text_parts{x.text}});
}

void server_protocol::on_bad_message(const rpc::bad_message& bad, const json_text& message) {
  // If it can be told whose answer it would have been, nobody needs to wait.
  auto id = rpc::to_integer(bad.id.view());
  if (!id)
    id = rpc::to_integer(rpc::member(message.view(), "id"));
  auto i = id ? calls_.find(*id) : calls_.end();
  stray(bad.message, message.view());
  auto text = message.view();
  if (i == calls_.end() || rpc::member(text, "jsonrpc") != "\"2.0\""
      || !rpc::member(text, "method").empty())
    return;
  rpc_answer answer;
  answer.kind = answer_kind::failure;
  answer.why = std::make_shared<failure>(failure{
    failure::kind::bad_answer, server_,
    "server " + server_ + " gave an answer that is not JSON-RPC (" + bad.message + ")",
    "This is a fault of the server; see `slm-hub logs " + server_ + "`."});
  out.answers.push_back({i->second.call, std::move(answer)});
  calls_.erase(i);
}

void server_protocol::refuse(std::string why) {
  phase_ = phase::refused;
  out.refused = std::move(why);
}

void server_protocol::stray(std::string_view what, std::string_view message) {
  // A flood must not fill the log.
  if (++strays_ <= 5 || strays_ % 10'000 == 0)
    out.remarks.push_back("sent " + std::string{what} + " (" + std::to_string(strays_)
                          + " so far): " + rpc::quote(message.substr(0, 160)));
}

void server_protocol::ask(int64_t id, std::string_view method, const json_text& params) {
  out.to_server.push_back(rpc::make_request(std::to_string(id), method, params));
}

} // namespace hub
