#pragma once

#include "messages/access.hpp"
#include "messages/audit.hpp"
#include "server/tls_door.hpp"
#include "messages/authorization.hpp"
#include "messages/call.hpp"
#include "messages/client.hpp"
#include "messages/configuration.hpp"
#include "messages/lock.hpp"
#include "messages/management.hpp"
#include "messages/store_trouble.hpp"
#include "messages/supervisor.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace hub {

/// What the management API tells about the hub itself.
struct hub_facts {
  std::string version;

  /// Such as `http://127.0.0.1:52414/mcp`; empty without a TCP door.
  std::string endpoint;

  std::string config_file;
  std::string config_dir;
  int64_t pid = 0;

  /// Whether clients over TCP need a token.
  std::shared_ptr<const std::atomic<bool>> token_required = nullptr;

  /// How the audit is; null if there is none.
  std::shared_ptr<const audit_gauge> audit = nullptr;

  /// Unlike that of any other run of the hub.
  std::string run{};

  /// The certificate of the TCP door; null, or null in it, without TLS.
  std::shared_ptr<const tls_cell> tls = nullptr;

  /// How the store is; null if there is none.
  std::shared_ptr<const store_trouble> store = nullptr;
};

/// The JSON of `/api/health`.
std::string health_text(const hub_facts& facts, const hub_status& status);

/// The JSON of `/api/status`.
std::string status_text(const hub_facts& facts, const hub_status& status,
                        const sessions_listed& sessions, const call_counts& calls,
                        const locks_listed& locks);

/// The JSON of `/api/servers`.
std::string servers_text(const hub_status& status);

/// The JSON of `/api/servers/{server}`; empty if there is none of this name.
std::string server_text(const hub_status& status, std::string_view name);

/// The JSON of `/api/tools`.
std::string tools_text(const tools_listed& tools);

/// The JSON of a restart.
std::string restart_text(const server_restarted& restarted);

/// The JSON of `/api/reload`.
std::string reload_text(const configuration_reloaded& x);

/// The JSON of a login that was begun, of one that was waited for, and of a logout.
std::string login_text(const login_begun& begun);
std::string login_text(const login_status& status);
std::string logout_text(const logged_out& done);

/// The JSON of tokens that were read again.
std::string access_text(const access_reloaded& x);

/// `{"error": ..., "fix": ...}`, which is how everything but MCP refuses.
std::string error_text(std::string_view error, std::string_view fix);

/// The name of a state in the API, such as `backing_off`.
std::string_view to_name(server_state state) noexcept;

} // namespace hub
