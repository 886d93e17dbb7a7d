#include "server/exchange.hpp"

#include "messages/rpc/json_scan.hpp"
#include "server/access_check.hpp"
#include "server/login_exchange.hpp"
#include "server/management.hpp"
#include "server/mcp_exchange.hpp"
#include "server/response_head.hpp"
#include "server/routes.hpp"
#include "server/sse_exchange.hpp"
#include "server/status_text.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace hub {

namespace {

text_parts plain_error(std::string_view error, std::string_view fix) {
  return text_parts{json_text{error_text(error, fix)}};
}

text_parts refuse_origin(origin_verdict verdict, std::string_view host, std::string_view origin) {
  auto message = verdict == origin_verdict::bad_host
                   ? "Forbidden: the Host " + std::string{host}
                       + " is not this hub; use 127.0.0.1 or localhost"
                   : "Forbidden: the Origin " + std::string{origin}
                       + " may not use this hub; add it to the allowed CORS origins";
  return to_message({403, rpc_code::bad_session, std::move(message), {}, {}});
}

/// Answers of the hub about itself that ask no actor.
void tell_health(front& home, place where, response& answer) {
  auto draining = home.draining();
  auto body = std::string{R"({"status":")"} + (draining ? "stopping" : "ok") + R"(","version":)"
              + rpc::quote(home.settings().version) + "}";
  answer.send_json(where == place::ready && draining ? 503 : 200,
                   text_parts{json_text{std::move(body)}});
}

int64_t seconds_since_1970() {
  using namespace std::chrono;
  return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

/// The tokens that count.
const access_table& tokens_of(const front& home, access_table_ptr& holder) {
  static const access_table none;
  if (home.settings().access)
    holder = home.settings().access->load();
  return holder ? *holder : none;
}

/// Whether a client has sent no more requests than it may; if it has, `answer` was told to wait.
bool is_in_rate(front& home, const http_request& request, const principal_ptr& who, response& answer) {
  if (!home.rates().bounds())
    return true;
  std::string_view client = who ? std::string_view{who->id} : request.session_id;
  auto wait = home.rates().take(client, std::chrono::steady_clock::now());
  if (!wait)
    return true;
  home.note_refusal("429 too many requests");
  auto seconds = std::to_string((wait->count() + 999) / 1000);
  answer.send_json(429, to_message({429, rpc_code::bad_session,
                                    "Too many requests: this client sends more than \"rate_limit\" of the hub's "
                                    "configuration allows; wait " + seconds + " s",
                                    {}, {}}),
                   "Retry-After: " + seconds + "\r\n");
  return false;
}

/// Who sends a request to an MCP endpoint over TCP; nothing if `answer` was told that it may not.
std::optional<principal_ptr> admit(front& home, const http_request& request, response& answer) {
  auto required = home.settings().needs_token();
  if (!required && request.authorization.empty())
    return principal_ptr{};
  access_table_ptr holder;
  auto verdict = check_access(tokens_of(home, holder), required, request.authorization, seconds_since_1970());
  if (verdict.what == access_verdict::kind::allowed)
    return std::move(verdict.who);
  home.note_refusal(verdict.what == access_verdict::kind::wrong ? "401 unknown, revoked or expired token"
                                                                : "401 no token");
  answer.send_json(401, to_message({401, rpc_code::bad_session, std::string{explain(verdict.what)}, {}, {}}),
                   challenge_of(verdict.what));
  return std::nullopt;
}

/// Whether a request over TCP may manage the hub; if not, `answer` was told why.
bool may_manage(front& home, place where, const http_request& request, response& answer) {
  access_table_ptr holder;
  auto& tokens = tokens_of(home, holder);
  auto role = std::string{where == place::metrics ? metrics_role : admin_role};
  auto make_token = "`slm-hub token create NAME --role " + role + '`';
  if (tokens.empty()) {
    home.note_refusal("403 management over TCP");
    answer.send_json(403, plain_error("The management API is not open on this port, because any web page or program "
                                      "could reach it",
                                      "Use the Unix socket hub.sock in the configuration folder, as the command line "
                                      "does, or make a token with " + make_token));
    return false;
  }
  auto verdict = check_access(tokens, true, request.authorization, seconds_since_1970());
  if (verdict.what != access_verdict::kind::allowed) {
    home.note_refusal("401 management over TCP");
    answer.send_json(401, plain_error(explain(verdict.what), "This needs the role " + role + " over TCP: " + make_token),
                     challenge_of(verdict.what));
    return false;
  }
  if (verdict.who->role == admin_role || (where == place::metrics && verdict.who->role == metrics_role))
    return true;
  home.note_refusal("403 management over TCP");
  answer.send_json(403, plain_error("The token " + verdict.who->name + " has the role " + verdict.who->role
                                      + ", which may not manage the hub",
                                    "Make one with " + make_token));
  return false;
}

} // namespace

std::shared_ptr<exchange> make_exchange(front& home, response_sink& sink, door_kind door,
                                        const http_request& request) {
  std::string_view cors_origin;
  if (door == door_kind::tcp) {
    auto authority = authority_of(request.target);
    auto host = authority.empty() ? request.host : authority;
    auto verdict = check_origin(home.origins(), host, request.origin);
    if (verdict != origin_verdict::allowed) {
      home.note_refusal(verdict == origin_verdict::bad_host ? "403 Host" : "403 Origin");
      response{sink, request, {}}.send_json(403, refuse_origin(verdict, host, request.origin));
      return nullptr;
    }
    cors_origin = request.origin;
  }
  auto where = find_route(request.target);
  if (request.method == http_method::options) {
    response{sink, request, cors_origin}.send_empty(204, preflight_headers());
    return nullptr;
  }
  response answer{sink, request, cors_origin};
  if ((where.place == place::mcp || where.place == place::sse) && takes(where.place, request.method)) {
    caller sender;
    if (door == door_kind::tcp) {
      auto who = admit(home, request, answer);
      if (!who || !is_in_rate(home, request, *who, answer))
        return nullptr;
      sender.who = std::move(*who);
    }
    if (where.wrong_tools) {
      answer.send_json(400, to_message({400, rpc_code::invalid_request,
                                        "Bad request: tools in the address is no number; write ?tools=5 for five real tools, "
                                        "?tools=0 for none, or leave it out",
                                        {}, {}}));
      return nullptr;
    }
    sender.project = project_of(request.project);
    sender.tools = where.tools;
    hub::door behind{std::move(where.server), std::move(where.group), sender.who ? sender.who->id : ""};
    if (where.place == place::mcp)
      return std::make_shared<mcp_exchange>(home, sink, request, cors_origin, std::move(behind), std::move(sender));
    if (request.method == http_method::get)
      return std::make_shared<sse_exchange>(home, sink, request, cors_origin, std::move(behind), std::move(sender));
    return std::make_shared<sse_post>(home, sink, request, cors_origin, std::move(behind),
                                      std::string{where.session});
  }
  if (where.place == place::nowhere) {
    answer.send_json(404, plain_error("There is nothing at this path",
                                      "MCP is at /mcp, /mcp/{server} and /mcp/g/{group}, "
                                      "HTTP+SSE at /sse behind these, health at /health"));
  } else if (!takes(where.place, request.method)) {
    auto allow = "Allow: " + std::string{allowed_methods(where.place)} + "\r\n";
    answer.send_json(405,
                     plain_error("This path does not take this method",
                                 "Use one of " + std::string{allowed_methods(where.place)}),
                     allow);
  } else if (where.place == place::live || where.place == place::ready) {
    tell_health(home, where.place, answer);
  } else if (where.place == place::login_end) {
    return std::make_shared<login_exchange>(home, sink, request, std::move(where.query));
  } else if (door == door_kind::unix_socket || where.place == place::api_health
             || may_manage(home, where.place, request, answer)) {
    return std::make_shared<management_exchange>(home, sink, request, cors_origin,
                                                 std::move(where));
  }
  return nullptr;
}

} // namespace hub
