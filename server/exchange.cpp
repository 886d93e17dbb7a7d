#include "server/exchange.hpp"

#include "messages/rpc/json_scan.hpp"
#include "server/login_exchange.hpp"
#include "server/management.hpp"
#include "server/mcp_exchange.hpp"
#include "server/response_head.hpp"
#include "server/routes.hpp"
#include "server/sse_exchange.hpp"
#include "server/status_text.hpp"

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

} // namespace

std::shared_ptr<exchange> make_exchange(front& home, response_sink& sink, door_kind door,
                                        const http_request& request) {
  std::string_view cors_origin;
  if (door == door_kind::tcp) {
    auto authority = authority_of(request.target);
    auto host = authority.empty() ? request.host : authority;
    auto verdict = check_origin(home.origins(), host, request.origin);
    if (verdict != origin_verdict::allowed) {
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
  if (where.place == place::mcp && takes(place::mcp, request.method))
    return std::make_shared<mcp_exchange>(home, sink, request, cors_origin,
                                          hub::door{std::move(where.server), std::move(where.group)});
  if (where.place == place::sse && takes(place::sse, request.method)) {
    hub::door behind{std::move(where.server), std::move(where.group)};
    if (request.method == http_method::get)
      return std::make_shared<sse_exchange>(home, sink, request, cors_origin, std::move(behind));
    return std::make_shared<sse_post>(home, sink, request, cors_origin, std::move(behind),
                                      std::string{where.session});
  }
  response answer{sink, request, cors_origin};
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
  } else if (door == door_kind::tcp && where.place != place::api_health) {
    answer.send_json(403, plain_error("The management API is not open on this port, because "
                                      "any web page or program could reach it",
                                      "Use the Unix socket hub.sock in the configuration folder, "
                                      "as the command line does"));
  } else {
    return std::make_shared<management_exchange>(home, sink, request, cors_origin,
                                                 std::move(where));
  }
  return nullptr;
}

} // namespace hub
