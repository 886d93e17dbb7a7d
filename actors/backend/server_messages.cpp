#include "actors/backend/outgoing.hpp"
#include "actors/backend/server_protocol.hpp"
#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <utility>

namespace hub {

namespace {

/// Pauses before a stream of changes that ended is opened again.
constexpr std::chrono::milliseconds first_listen_pause{1000};
constexpr std::chrono::milliseconds last_listen_pause{60'000};

/// How a stateless server says that there is no such resource: `data` names it.
/// Up to 2025-11-25 the code for that is -32002.
bool is_missing_resource(std::string_view error) {
  return rpc::member(error, "code") == "-32602"
         && !rpc::member(rpc::member(error, "data"), "uri").empty();
}

/// Whether `listChanged` is declared for a kind of list.
bool announces(std::string_view capabilities, std::string_view kind) {
  return rpc::member(rpc::member(capabilities, kind), "listChanged") == "true";
}

} // namespace

// -- what the server says by itself -------------------------------------------

void server_protocol::notify(const std::string& method) {
  if (phase_ == phase::ready && !stateless_)
    tell(method, {});
}

void server_protocol::on_notification(const rpc::envelope& x, int64_t cause, time_point now) {
  if (x.method == "notifications/progress") {
    on_progress(x);
  } else if (x.method == "notifications/message") {
    on_log(x, cause);
  } else if (x.method == "notifications/resources/updated") {
    out.updated_resources.push_back(x.params.detached());
  } else if (x.method == "notifications/elicitation/complete") {
    on_elicitation_complete(x);
  } else if (x.method == "notifications/tasks/status") {
    if (auto session = tasks_.session_of(rpc::member(x.params.view(), "taskId")))
      out.notices.push_back({std::move(session), text_parts{x.text}});
  } else if (x.method == "notifications/cancelled") {
    // Its own request: the answer is for nobody now. Or our listen, which ends.
    auto id = rpc::member(x.params.view(), "requestId");
    if (listen_id_ != 0 && rpc::to_integer(id) == listen_id_)
      on_listen_ended(now);
    else
      take_back_question(std::string{id});
  } else if (phase_ == phase::ready && reader_.restart(x.method)) {
    ask_pages(now);
  }
}

void server_protocol::on_elicitation_complete(const rpc::envelope& x) {
  auto name = rpc::unquote(rpc::member(x.params.view(), "elicitationId")).value_or("");
  if (auto i = elicitations_.find(name); i != elicitations_.end()) {
    out.notices.push_back({std::move(i->second), text_parts{x.text}});
    elicitations_.erase(i);
  }
}

void server_protocol::on_progress(const rpc::envelope& x) {
  auto token = rpc::to_integer(rpc::member(x.params.view(), "progressToken"));
  auto i = token ? calls_.find(*token) : calls_.end();
  if (token && i == calls_.end())
    if (auto task = tasks_.progress_of(*token)) {
      out.notices.push_back({std::move(task->session), restore_progress(x.params, task->token.view())});
      return;
    }
  if (i == calls_.end() || !i->second.reports) {
    stray("progress of a call that is not open", x.text.view());
    return;
  }
  auto& call = i->second;
  auto tell = [&](const exchange_address& to, const json_text& token) {
    // Its client may have come back without a token, or may wait with others who have one.
    if (!token.empty())
      out.events.push_back({to, restore_progress(x.params, token.view())});
  };
  tell(call.notify, call.progress_token);
  listeners_.for_each(call.call, [&](const join_call& other) { tell(other.notify, other.progress_token); });
}

void server_protocol::on_log(const rpc::envelope& x, int64_t cause) {
  // Over stdio a log message names no call. If there is one open, it is its;
  // otherwise nobody can tell whose it is, and it must not reach another client.
  auto i = cause != 0 ? calls_.find(cause) : calls_.begin();
  if (traits_.session && i == calls_.end()) {
    out.notices.push_back({traits_.session, text_parts{x.text}});
    return;
  }
  if (i == calls_.end() || (cause == 0 && calls_.size() != 1 && !traits_.session))
    return;
  auto& call = i->second;
  auto level = log_level_of(rpc::unquote(rpc::member(x.params.view(), "level")).value_or(""));
  auto tell = [&](const exchange_address& to, log_level wanted) {
    if (level >= wanted)
      out.events.push_back({to, text_parts{x.text}});
  };
  tell(call.notify, call.logs);
  listeners_.for_each(call.call, [&](const join_call& other) { tell(other.notify, other.logs); });
}

// -- changes --------------------------------------------------------------------

/// In the stateless era changes are told only to those who listen.
void server_protocol::send_listen() {
  listen_due_.reset();
  std::string wanted;
  auto add = [&wanted](std::string_view key, std::string_view value) {
    wanted += (wanted.empty() ? "\"" : ",\"") + std::string{key} + "\":" + std::string{value};
  };
  auto capabilities = facts_.capabilities.view();
  for (auto [kind, member] : {std::pair{"tools", "toolsListChanged"}, std::pair{"prompts", "promptsListChanged"},
                              std::pair{"resources", "resourcesListChanged"}})
    if (announces(capabilities, kind))
      add(member, "true");
  if (!watched_.empty()) {
    std::string uris;
    for (auto& uri : watched_)
      uris += (uris.empty() ? "[" : ",") + rpc::quote(uri);
    add("resourceSubscriptions", uris + "]");
  }
  auto before = std::exchange(listen_id_, 0);
  if (!wanted.empty()) {
    listen_id_ = ++last_id_;
    ask(listen_id_, "subscriptions/listen",
        json_text{R"({"notifications":{)" + wanted + R"(},"_meta":)" + own_metadata() + "}"});
  }
  if (before == 0)
    return;
  // The new one is there before the old one goes, so that nothing is missed.
  if (!traits_.http)
    tell("notifications/cancelled", json_text{R"({"requestId":)" + std::to_string(before) + "}"});
  out.abandoned.push_back(before);
}

void server_protocol::on_listen_ended(time_point now) {
  listen_id_ = 0;
  listen_pause_ = std::clamp(listen_pause_ * 2, first_listen_pause, last_listen_pause);
  listen_due_ = now + listen_pause_;
}

int64_t server_protocol::watch(const std::vector<std::string>& uris) {
  watched_ = uris;
  if (phase_ != phase::ready || renewing_)
    return 0;
  if (!stateless_)
    return watch_more();
  send_listen();
  return 0;
}

/// In the handshake era each resource is subscribed to by itself.
int64_t server_protocol::watch_more() {
  int64_t last = 0;
  auto ask_about = [this](std::string_view method, const std::string& uri) {
    auto id = ++last_id_;
    own_ids_.insert(id);
    ask(id, method, json_text{R"({"uri":)" + rpc::quote(uri) + "}"});
    return id;
  };
  std::erase_if(subscribed_, [&](const std::string& uri) {
    if (std::ranges::find(watched_, uri) != watched_.end())
      return false;
    ask_about("resources/unsubscribe", uri);
    return true;
  });
  for (auto& uri : watched_)
    if (subscribed_.insert(uri).second)
      last = ask_about("resources/subscribe", uri);
  return last;
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
  listeners_.forget(i->second.call);
  out.answers.push_back({i->second.call, std::move(answer)});
  forget(i, true);
}

void server_protocol::stray(std::string_view what, std::string_view message) {
  // A flood must not fill the log.
  if (++strays_ <= 5 || strays_ % 10'000 == 0)
    out.remarks.push_back("sent " + std::string{what} + " (" + std::to_string(strays_)
                          + " so far): " + rpc::quote(message.substr(0, 160)));
}

rpc_answer server_protocol::translate_answer(const rpc::envelope& x, const open_call& call) const {
  rpc_answer answer;
  answer.kind = x.kind == rpc::message_kind::result ? answer_kind::result : answer_kind::error;
  answer.body = x.body;
  answer.stateless_form = stateless_;
  if (call.lists_tasks && answer.kind == answer_kind::result)
    answer.body = tasks_.own_part(x.body, call.session, call.client.get());
  if (stateless_ && !call.client_is_stateless && call.reads_resource
      && answer.kind == answer_kind::error && is_missing_resource(x.body.view()))
    answer.body = rpc::edit_members(x.body, {{"code", "-32002"}});
  return answer;
}

} // namespace hub
