#pragma once

#include "server/http_request.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hub {

/// The places that a request can go to.
enum class place : uint8_t {
  mcp,         ///< `/mcp`, `/mcp/{server}`, `/mcp/g/{group}` and `/mcp/g/{group}/{server}`
  sse,         ///< HTTP+SSE of 2024-11-05: `/sse`, or `/sse` behind one of the above
  live,        ///< `/health`, `/healthz`, `/health/live`
  ready,       ///< `/health/ready`
  api_health,  ///< `/api/health`
  api_status,  ///< `/api/status`
  api_servers, ///< `/api/servers`
  api_server,  ///< `/api/servers/{server}`
  api_restart, ///< `/api/servers/{server}/restart` and `/reconnect`
  api_tools,   ///< `/api/tools?server={server}`
  api_stop,    ///< `/api/stop`
  api_begin,   ///< `/api/restart`, of the hub itself
  api_reload,  ///< `/api/reload`
  api_changes, ///< `/api/changes?server={server}`
  api_approve, ///< `/api/servers/{server}/approve?tool={tool}`
  api_cache,   ///< `/api/cache`
  api_cache_clear, ///< `/api/cache/clear?server={server}`
  api_login,   ///< `/api/servers/{server}/login`, to wait for it `?login={number}`
  api_logout,  ///< `/api/servers/{server}/logout`
  api_report,  ///< `/api/calls`, `/api/cost`, `/api/learn` and the like: `server` is the name of the report
  api_act,     ///< `/api/learn/reset` and `/api/mesh/send`: `server` is what a part of the hub is to do about itself
  metrics,     ///< `/metrics`
  api_access,  ///< `/api/tokens/reload`: the file of tokens has changed
  login_end,   ///< `/oauth/callback`, where browsers come back to
  nowhere      ///< Anything else, such as the OAuth documents that clients probe for.
};

/// Where a request goes.
struct route {
  hub::place place = place::nowhere;

  /// The server that the path names, decoded; empty if it names none.
  std::string server{};

  /// The group that the path names, decoded; empty if it names none.
  std::string group{};

  /// The value of `sessionId` in the query; empty if it names none.
  std::string_view session{};

  /// What stands behind the `?` where somebody reads it; empty otherwise.
  std::string query{};

  /// The value of `tools` in the query of an MCP path, if it is a number; `most_tools` for a larger one.
  std::optional<uint16_t> tools{};

  /// Whether `tools` is there and no number.
  bool wrong_tools = false;
};

/// The most tools that a client may want to see by themselves.
inline constexpr uint16_t most_tools = 128;

/// The path that browsers come back to at the end of a login.
inline constexpr std::string_view login_end_path = "/oauth/callback";

/// Reads a request target: a path with query or, as HTTP/1.1 allows, a whole URL.
/// `g` and `sse` are words only where a path has them unescaped and in their
/// place: `/mcp/g` and `/mcp/sse` are servers of that name, and `/mcp/%67/x` the
/// server `g/x`.
route find_route(std::string_view target);

/// The authority of a target that is a whole URL; empty for a path.
std::string_view authority_of(std::string_view target) noexcept;

/// The path of a target, without its query.
std::string_view path_of(std::string_view target) noexcept;

/// Whether something at `where` takes `method`. `OPTIONS` is taken anywhere.
bool takes(place where, http_method method) noexcept;

/// The value of the `Allow` header of a place.
std::string_view allowed_methods(place where) noexcept;

/// `text` with each `%41` replaced by what it stands for. Returns false if a `%`
/// is not followed by two hex digits, or stands for NUL.
bool percent_decode(std::string_view text, std::string& result);

} // namespace hub
