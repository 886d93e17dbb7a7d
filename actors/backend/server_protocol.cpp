#include "actors/backend/server_protocol.hpp"

#include "actors/backend/outgoing.hpp"
#include "messages/implementation.hpp"
#include "messages/rpc/codes.hpp"
#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <utility>

namespace hub {

namespace {

/// Old servers may answer with the version before the first release, too.
bool can_be_spoken_to(std::string_view version) {
  return is_handshake_version(version) || version == "2024-10-07";
}

json_text text(std::string x) {
  return json_text{std::move(x)};
}

/// What can be asked of some client, so that a shared connection declares it;
/// whoever cannot do it is not asked.
constexpr std::string_view shared_capabilities
  = R"({"roots":{},"sampling":{"context":{},"tools":{}},"elicitation":{"form":{},"url":{}}})";

bool lists(std::string_view array, std::string_view value) {
  auto found = false;
  rpc::for_each_element(array, [&](std::string_view x) {
    found = rpc::unquote(x) == value;
    return !found;
  });
  return found;
}

} // namespace

server_protocol::server_protocol(std::string server, known_era era, protocol_limits limits,
                                 connection_traits traits)
  : server_(std::move(server)),
    era_(era),
    limits_(limits),
    traits_(std::move(traits)),
    last_id_(traits_.first_id - 1) {
  facts_.server = server_;
  if (traits_.capabilities.empty())
    traits_.capabilities = json_text::of_literal(shared_capabilities);
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
  if (!renewing_)
    phase_ = phase::initializing;
  initialize_id_ = ++last_id_;
  ask(initialize_id_, "initialize",
      text(R"({"protocolVersion":)" + rpc::quote(newest_handshake_version)
           + R"(,"capabilities":)" + std::string{traits_.capabilities.view()} + R"(,"clientInfo":)"
           + std::string{own_implementation} + "}"));
}

void server_protocol::receive(json_text message, int64_t cause, time_point now) {
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
      on_request(x, cause, now);
      break;
    case rpc::message_kind::notification:
      on_notification(x, cause, now);
      break;
  }
}

void server_protocol::request(const backend_request& x) {
  if (auto open = calls_.size() + waiting_.size(); open >= limits_.open_calls) {
    rpc_answer answer;
    answer.kind = answer_kind::failure;
    answer.why = std::make_shared<failure>(failure{
      failure::kind::overloaded, server_,
      "server " + server_ + " has " + std::to_string(open) + " calls open and takes no more",
      "Wait for some of them to end, or call it less often."});
    out.answers.push_back({x.call, std::move(answer)});
  } else if (auto refused = refuse_task(x)) {
    rpc_answer answer;
    answer.kind = answer_kind::error;
    answer.body = std::move(*refused);
    out.answers.push_back({x.call, std::move(answer)});
  } else if (renewing_) {
    waiting_.push_back(std::make_shared<backend_request>(x));
  } else {
    send_call(x, true);
  }
}

void server_protocol::send_call(const backend_request& x, bool once_more) {
  auto id = ++last_id_;
  auto sent = translate_params(x, stateless_, id);
  if (x.method == "logging/setLevel") {
    // One level for all clients: the most talkative that any of them wants. Each
    // gets no more than it asked for, see `on_log`.
    auto level = rpc::unquote(rpc::member(sent.params.view(), "level")).value_or("");
    lowest_level_ = std::min(lowest_level_, log_level_of(level));
    sent.params = rpc::edit_members(sent.params, {{"level", rpc::quote(to_string(lowest_level_))}});
  }
  auto carried = offers_tasks_ && x.client && carries_tasks(facts_, *x.client);
  if (offers_tasks_ && !carried && x.method == "tools/call")
    sent.params = without_tasks(sent.params);
  ask(id, x.method, sent.params, x.trace.get());
  auto from_stateless = x.client && x.client->era == era::stateless;
  auto reports = !sent.progress_token.empty() || x.may_be_joined;
  calls_.emplace(id, open_call{x.call, std::move(sent.progress_token), x.notify, x.logs,
                               from_stateless, x.method == "resources/read", x.client, x.questions,
                               x.session, reports, carried && may_become_task(x), carried && x.method == "tasks/list",
                               x.method == "tasks/result" ? std::string{rpc::member(x.params.view(), "taskId")} : "",
                               traits_.http && once_more ? std::make_shared<backend_request>(x)
                                                         : nullptr});
}

void server_protocol::cancel(call_id call, std::string_view reason) {
  rpc_answer answer;
  answer.kind = answer_kind::cancelled;
  listeners_.forget(call);
  if (std::erase_if(waiting_, [call](auto& x) { return x->call == call; }) != 0) {
    out.answers.push_back({call, std::move(answer)});
    return;
  }
  auto i = std::find_if(calls_.begin(), calls_.end(),
                        [call](const auto& x) { return x.second.call == call; });
  if (i == calls_.end())
    return;
  if (!traits_.http || !stateless_) {
    auto params = R"({"requestId":)" + std::to_string(i->first);
    if (!reason.empty())
      params += R"(,"reason":)" + rpc::quote(reason);
    tell("notifications/cancelled", text(params + "}"));
  }
  out.abandoned.push_back(i->first);
  out.answers.push_back({call, std::move(answer)});
  forget(i, false);
}

void server_protocol::tick(time_point now) {
  if (phase_ == phase::probing && now >= probe_deadline_)
    send_initialize();
  if (reader_.busy()) {
    reader_.expire(now);
    ask_pages(now);
  }
  if (listen_due_ && now >= *listen_due_)
    send_listen();
  refuse_held(now);
}

void server_protocol::close(const std::shared_ptr<const failure>& why) {
  held_.clear();
  while (!calls_.empty())
    answer_call(calls_.begin(), why);
  for (auto& x : std::exchange(waiting_, {})) {
    rpc_answer answer;
    answer.kind = answer_kind::failure;
    answer.why = why;
    out.answers.push_back({x->call, std::move(answer)});
  }
  phase_ = phase::refused;
}

void server_protocol::fail(const request_failed& x, time_point now) {
  if (x.what == request_failed::kind::session_lost && phase_ == phase::ready && !renewing_) {
    out.remarks.push_back("has lost the session; a new one is opened");
    renewing_ = true;
    send_initialize();
  }
  if (auto i = calls_.find(x.id); i != calls_.end()) {
    if (x.what == request_failed::kind::session_lost && i->second.again) {
      waiting_.push_back(i->second.again);
      forget(i, false);
      return;
    }
    auto kind = x.what == request_failed::kind::refused ? failure::kind::bad_answer : failure::kind::crashed;
    answer_call(i, std::make_shared<failure>(failure{kind, server_, "server " + server_ + ' ' + x.cause, x.fix}));
  } else if (x.id == probe_id_ && x.id != 0) {
    probe_id_ = 0;
    if (phase_ == phase::probing)
      send_initialize();
  } else if (x.id == initialize_id_ && x.id != 0) {
    refuse("it did not answer initialize: it " + x.cause);
  } else if (x.id == listen_id_ && x.id != 0) {
    on_listen_ended(now);
  } else if (reader_.take(x.id, {}, now)) {
    ask_pages(now);
  } else if (own_ids_.erase(x.id) != 0) {
    // The server is told again in its next session.
    rpc_answer answer;
    answer.body = json_text::of_literal("{}");
    out.watch_answers.emplace_back(x.id, std::move(answer));
  }
}

void server_protocol::answer_call(call_map::iterator i, std::shared_ptr<const failure> why) {
  rpc_answer answer;
  answer.kind = answer_kind::failure;
  answer.why = std::move(why);
  listeners_.forget(i->second.call);
  out.answers.push_back({i->second.call, std::move(answer)});
  forget(i, true);
}

// -- answers ------------------------------------------------------------------

void server_protocol::on_answer(const rpc::envelope& x, time_point now) {
  auto id = rpc::to_integer(x.id.view());
  if (!id) {
    stray("an answer whose id we never sent", x.text.view());
    return;
  }
  if (auto i = calls_.find(*id); i != calls_.end()) {
    settled_ = true;
    if (i->second.makes_task && x.kind == rpc::message_kind::result)
      tasks_.take(x.body, i->second.session, i->second.client.get(), *id, i->second.progress_token);
    listeners_.forget(i->second.call);
    auto answer = translate_answer(x, i->second);
    answer.read_at = now;
    out.answers.push_back({i->second.call, std::move(answer)});
    forget(i, true);
    return;
  }
  auto is_result = x.kind == rpc::message_kind::result;
  if (*id == probe_id_) {
    probe_id_ = 0;
    on_discovered(x, now);
  } else if (*id == initialize_id_) {
    initialize_id_ = 0;
    if (phase_ == phase::initializing || renewing_)
      on_initialized(x, now);
  } else if (reader_.take(*id, is_result ? x.body : json_text{}, now)) {
    settled_ = true;
    ask_pages(now);
  } else if (*id == listen_id_) {
    if (is_result)
      on_listen_ended(now);
    else
      // It does not tell of changes.
      listen_id_ = 0;
  } else if (own_ids_.erase(*id) != 0) {
    rpc_answer answer;
    answer.kind = is_result ? answer_kind::result : answer_kind::error;
    answer.body = x.body;
    out.watch_answers.emplace_back(*id, std::move(answer));
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
  auto unsupported = rpc::to_integer(rpc::member(body, "code")) == rpc_code::unsupported_protocol_version;
  if (unsupported && phase_ == phase::probing && !probed_again_
      && lists(rpc::member(rpc::member(body, "data"), "supported"), stateless_version)) {
    // It lists the version that it refused; it is believed once.
    probed_again_ = true;
    open(now);
    return;
  }
  if (unsupported)
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
  tell("notifications/initialized", {});
  become_ready(now);
}

void server_protocol::become_ready(time_point now) {
  phase_ = phase::ready;
  out.became_ready = true;
  renewing_ = false;
  // A new session knows nothing of what was watched in the old one.
  subscribed_.clear();
  offers_tasks_ = declares_tasks(facts_);
  if (stateless_)
    send_listen();
  else
    watch_more();
  reader_.set_capabilities(facts_.capabilities.view());
  reader_.start_all();
  ask_pages(now);
  for (auto& x : std::exchange(waiting_, {}))
    send_call(*x, false);
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
    if (traits_.http && stateless_)
      tool_headers_ = take_tool_headers(facts_.tools, out.remarks);
    out.learned = std::make_shared<server_catalogue>(facts_);
    if (traits_.session)
      // Nobody renews what a run tells that ends with its session.
      out.learned->freshness = nullptr;
  }
}

void server_protocol::read_lists_again(time_point now) {
  if (phase_ == phase::ready && reader_.restart_due(now))
    ask_pages(now);
}

void server_protocol::refuse(std::string why) {
  phase_ = phase::refused;
  out.refused = std::move(why);
}

void server_protocol::send(text_parts message, int64_t id, std::string_view method,
                           const json_text& params, const trace_context* trace) {
  std::shared_ptr<const http_hints> http;
  if (traits_.http)
    http = hints_for(facts_.protocol_version, stateless_ || method == "server/discover", method,
                     params.view(), tool_headers_, trace);
  out.to_server.push_back({std::move(message), id, std::move(http)});
}

void server_protocol::ask(int64_t id, std::string_view method, const json_text& params, const trace_context* trace) {
  send(rpc::make_request(std::to_string(id), method, params), id, method, params, trace);
}

void server_protocol::tell(std::string_view method, const json_text& params) {
  send(rpc::make_request({}, method, params), 0, method, params);
}

} // namespace hub
