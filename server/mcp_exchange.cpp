#include "server/mcp_exchange.hpp"

#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"
#include "server/answer.hpp"
#include "server/mcp_headers.hpp"
#include "messages/protocol_versions.hpp"
#include "server/response_head.hpp"

#include <utility>

namespace hub {

namespace {

constexpr std::string_view retry_soon = "Retry-After: 1\r\n";

refusal session_refusal(int status, int code, std::string message, std::string_view id) {
  return {status, code, std::move(message), {}, json_text{std::string{id}}};
}

/// The error for a door that leads nowhere.
failure::kind to_kind(session_outcome outcome) noexcept {
  switch (outcome) {
    case session_outcome::unknown_server:
      return failure::kind::unknown_server;
    case session_outcome::disabled_server:
      return failure::kind::disabled_server;
    case session_outcome::too_many_sessions:
      return failure::kind::overloaded;
    case session_outcome::denied:
      return failure::kind::denied;
    case session_outcome::shutting_down:
      return failure::kind::shutting_down;
    default:
      return failure::kind::internal;
  }
}

/// What mends it.
std::string fix_of(session_outcome outcome, const door& where) {
  if (outcome == session_outcome::disabled_server)
    return "Switch it on with: slm-hub enable " + where.server;
  if (outcome == session_outcome::denied)
    return "`slm-hub permissions check` explains what decides";
  if (outcome == session_outcome::unknown_server && where.server.empty())
    return "\"groups\" in the configuration names the groups of this hub";
  return "slm-hub servers lists the servers of this hub";
}

} // namespace

mcp_exchange::mcp_exchange(front& home, response_sink& sink, const http_request& request,
                           std::string_view cors_origin, door where, caller sender)
  : home_(home), response_(sink, request, cors_origin), door_(std::move(where)), sender_(std::move(sender)),
    heard_(home.now()) {
  // nop
}

// -- from the request to the session --------------------------------------------

void mcp_exchange::start(http_request& request) {
  switch (request.method) {
    case http_method::post:
      return start_post(request);
    case http_method::get:
      return start_stream(request);
    default:
      return start_end(request);
  }
}

void mcp_exchange::start_post(http_request& request) {
  auto read = read_post(request);
  if (auto why = std::get_if<refusal>(&read))
    return refuse(*why);
  auto& post = std::get<mcp_post>(read);
  era_ = post.era;
  received_ = std::chrono::steady_clock::now();
  trace_ = trace_of(post.trace, request);
  auto is_request = post.message.kind == rpc::message_kind::request && post.batch.empty();
  if (is_request)
    question_ = {post.message.method, std::string{post.message.id.view()}};
  if (home_.draining() && (is_request || !post.batch.empty()))
    return refuse_for_now("The hub is shutting down");
  if (era_ == era::stateless)
    start_stateless(request, post);
  else
    start_handshake(request, post);
}

void mcp_exchange::start_stateless(const http_request& request, mcp_post& post) {
  // The version has no notification that a client may send over HTTP.
  if (post.message.kind != rpc::message_kind::request)
    return response_.send_empty(202);
  if (post.message.method == "subscriptions/listen" && !response_.may_stream())
    return refuse({406, rpc_code::bad_session,
                   "Not Acceptable: subscriptions/listen is answered with a stream; accept "
                   "text/event-stream",
                   {},
                   post.message.id});
  if (auto why = read_param_headers(request, post.message.id))
    return refuse(*why);
  if (!enter())
    return;
  goal_ = goal::ask;
  client_ = home_.contexts().of(post.claim, sender_);
  logs_ = post.claim.logs;
  message_ = std::move(post.message);
  home_.way_in().find_stateless(door_, client_, id_);
}

std::optional<refusal> mcp_exchange::read_param_headers(const http_request& request,
                                                        const json_text& id) {
  if (request.mcp_params.empty())
    return std::nullopt;
  auto headers = std::make_shared<std::vector<std::pair<std::string, std::string>>>();
  for (auto& [name, text] : request.mcp_params) {
    auto value = decode_header(text);
    if (!value)
      return refusal{400, rpc_code::header_mismatch,
                     "Header mismatch: the header Mcp-Param-" + std::string{name}
                       + " is not valid base64 between =?base64? and ?=; encode the UTF-8 bytes of "
                         "the argument",
                     {},
                     id};
    headers->emplace_back(name, std::move(*value));
  }
  param_headers_ = std::move(headers);
  return std::nullopt;
}

void mcp_exchange::start_handshake(http_request& request, mcp_post& post) {
  auto is_request = post.message.kind == rpc::message_kind::request;
  auto initializes = post.batch.empty() && is_request && post.message.method == "initialize";
  message_ = std::move(post.message);
  batch_ = std::move(post.batch);
  if (!initializes) {
    if (auto why = check_handshake_version(request.protocol_version, message_.id))
      return refuse(*why);
    if (!batch_.empty())
      return find_session(request, goal::ask_all);
    return find_session(request, is_request ? goal::ask : goal::tell);
  }
  if (!request.session_id.empty())
    return find_session(request, goal::initialize_again);
  if (auto why = check_initialize(message_))
    return refuse(*why);
  if (!enter())
    return;
  goal_ = goal::initialize;
  client_ = home_.contexts().of_initialize(message_.params, sender_);
  // Its answer carries the session id in the head, so nothing may come before it.
  response_.prefer_json();
  home_.way_in().open(door_, client_, true, id_);
}

void mcp_exchange::start_stream(const http_request& request) {
  if (trimmed(request.protocol_version) == stateless_version)
    return refuse({405, rpc_code::bad_session,
                   "Method Not Allowed: this version has no GET; use subscriptions/listen", {}, {}});
  if (!response_.may_stream())
    return refuse({406, rpc_code::bad_session,
                   "Not Acceptable: GET opens an event stream; accept text/event-stream", {}, {}});
  if (auto why = check_handshake_version(request.protocol_version, {}))
    return refuse(*why);
  if (home_.draining())
    return refuse_for_now("The hub is shutting down");
  position_ = read_event_id(request.last_event_id);
  find_session(request, position_ ? goal::resume : goal::stream);
}

void mcp_exchange::start_end(const http_request& request) {
  if (trimmed(request.protocol_version) == stateless_version)
    return refuse({405, rpc_code::bad_session,
                   "Method Not Allowed: this version has no sessions to end", {}, {}});
  if (request.session_id.empty())
    return refuse({400, rpc_code::bad_session,
                   "Bad Request: the header Mcp-Session-Id is missing; send the id to end", {}, {}});
  auto self = shared_from_this();
  home_.way_in().end(std::string{request.session_id}, door_,
                     [self](const session_ended* x) {
                       if (x == nullptr)
                         self->refuse_for_now("The hub is shutting down");
                       else if (x->existed)
                         self->response_.send_json(200, text_parts{json_text::of_literal("{}")});
                       else
                         self->refuse_session({session_outcome::unknown_session, {}, nullptr});
                     });
}

bool mcp_exchange::enter() {
  id_ = home_.way_in().enter(shared_from_this());
  if (id_ == 0)
    refuse_for_now("The hub has too many requests in flight");
  return id_ != 0;
}

void mcp_exchange::leave() {
  if (auto id = std::exchange(id_, 0))
    home_.way_in().leave(id);
}

void mcp_exchange::find_session(const http_request& request, goal next) {
  if (request.session_id.empty())
    return refuse({400, rpc_code::bad_session,
                   "Bad Request: the header Mcp-Session-Id is missing; initialize first and send "
                   "the id of its answer",
                   {},
                   message_.id});
  if (!enter())
    return;
  goal_ = next;
  home_.way_in().find(request.session_id, door_, sender_.who, id_);
}

// -- from the session to the answer -----------------------------------------------

void mcp_exchange::on_session(session_answer answer) {
  if (answer.outcome != session_outcome::found || !answer.session)
    return refuse_session(answer);
  session_ = std::move(answer.session);
  auto& way_in = home_.way_in();
  switch (goal_) {
    case goal::tell:
      way_in.tell(*session_, std::move(message_));
      leave();
      return response_.send_empty(202);
    case goal::ask:
    case goal::initialize:
      if (!client_)
        client_ = session_->client;
      if (may_be_primed()) {
        asked_ = home_.moments();
        home_.expect_moment();
      }
      return way_in.ask(*session_, {id_, 0, std::move(message_), std::move(client_), logs_,
                                    std::move(param_headers_), std::move(trace_), received_, sender_.tools});
    case goal::ask_all:
      return ask_all();
    case goal::initialize_again:
      return refuse({400, rpc_code::invalid_request,
                     "Invalid Request: the session is initialized already; for a new one leave "
                     "the header Mcp-Session-Id out",
                     {},
                     message_.id});
    case goal::stream:
      return open_stream();
    case goal::resume:
      return resume();
    case goal::nothing:
      return;
  }
}

void mcp_exchange::ask_all() {
  auto client = session_->client;
  if (client->protocol_version != batch_version)
    return refuse({400, rpc_code::invalid_request,
                   "Invalid Request: version " + client->protocol_version
                     + " has no batches; send each message by itself",
                   {},
                   {}});
  auto batch = std::exchange(batch_, {});
  for (auto& x : batch)
    if (x.kind == rpc::message_kind::request)
      questions_.push_back({x.method, std::string{x.id.view()}});
  size_t part = 0;
  for (auto& x : batch) {
    auto params = x.params;
    if (x.kind == rpc::message_kind::request)
      home_.way_in().ask(*session_, {id_, part++, std::move(x), client, log_level::off, nullptr,
                                     trace_of(params, trace_), received_, sender_.tools});
    else
      home_.way_in().tell(*session_, std::move(x));
  }
  if (questions_.empty()) {
    leave();
    response_.send_empty(202);
  }
}

// -- refusals ---------------------------------------------------------------------

void mcp_exchange::refuse(const refusal& why) {
  leave();
  response_.send_json(why.status, to_message(why),
                      why.status == 405 ? "Allow: POST\r\n" : std::string_view{});
}

void mcp_exchange::refuse_for_now(std::string message) {
  leave();
  message += ". Try again in a moment.";
  response_.send_json(503,
                      to_message(session_refusal(503, rpc_code::internal_error, std::move(message),
                                                 question_.id)),
                      retry_soon);
}

void mcp_exchange::refuse_session(const session_answer& answer) {
  leave();
  if (answer.outcome == session_outcome::unknown_session
      || answer.outcome == session_outcome::found)
    return refuse(session_refusal(404, rpc_code::unknown_session,
                                  "Session not found: it is unknown or over; initialize anew "
                                  "without Mcp-Session-Id",
                                  question_.id));
  auto for_now = answer.outcome == session_outcome::too_many_sessions
                 || answer.outcome == session_outcome::shutting_down;
  auto kind = to_kind(answer.outcome);
  auto message = answer.message;
  if (message.empty())
    message = "The hub cannot serve this door: " + std::string{to_name(kind)};
  auto data = R"({"server":)" + rpc::quote(door_.server) + R"(,"kind":")" + std::string{to_name(kind)}
              + R"(","fix":)" + rpc::quote(fix_of(answer.outcome, door_)) + "}";
  refusal why{for_now ? 503 : 404, rpc_code::internal_error, std::move(message), std::move(data),
              json_text{question_.id}};
  response_.send_json(why.status, to_message(why), for_now ? retry_soon : std::string_view{});
}

} // namespace hub
