#pragma once

#include "messages/budget.hpp"
#include "messages/cascade.hpp"
#include "messages/price.hpp"
#include "messages/server_config.hpp"
#include "service/config/config_error.hpp"
#include "service/config/permission_entries.hpp"
#include "service/config/plugin_entries.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub {

/// The configuration of the hub: what `config.json` says, over these defaults.
/// The key in the file is the name of the member, with `_seconds` for times.
struct hub_config {
  /// Where the hub listens. Any but a loopback address needs a token of each client.
  std::string host = "127.0.0.1";

  /// 0 lets the system choose.
  uint16_t port = 52414;

  /// One of trace, debug, info, warning, error, critical and off.
  std::string log_level = "info";

  /// `auto` (sentences on a terminal, JSON lines elsewhere), `text` or `json`.
  std::string log_format = "auto";

  /// How long a session may be silent before it ends. An hour outlasts a lunch
  /// break of the user and not the day.
  std::chrono::seconds session_timeout{3600};

  /// The most sessions at a time. One idle session costs kilobytes.
  size_t max_sessions = 1000;

  /// The most open connections; clients keep a few each.
  size_t max_connections = 4096;

  /// How far the cache goes with servers whose entries say nothing of it. Sharing, since
  /// that a tool only reads does not say that what it reads stays the same.
  server_cache cache;

  /// The most results in the cache.
  size_t cache_max_entries = 1000;

  /// What they may take, in bytes. One result takes an eighth of it at most.
  size_t cache_max_bytes = 64 << 20;

  /// Results of tools beyond it come in pieces at the federated door, in bytes; 0 is never. Half of what
  /// most clients give their models at once.
  size_t result_limit = 64 * 1024;

  /// How much comes first, and how much `hub__read_result` reads if it is not told, in bytes.
  size_t result_piece = 16 * 1024;

  /// Whether that holds at transparent doors, too.
  bool cut_transparent_results = false;

  /// When a server that nobody uses is stopped; 0 is never.
  std::chrono::seconds idle_shutdown{1800};

  /// Web pages that may talk to the hub, such as `http://localhost:3000`, or
  /// `*` for all.
  std::vector<std::string> cors_origins;

  /// The plugins to load; empty is all. What `plugins` says of one wins.
  std::vector<std::string> plugins_enabled;

  /// What is said of single plugins, in the order of the file.
  std::vector<plugin_config> plugins;

  /// Start a server that was never seen once, in the background, to learn what
  /// tools it has.
  bool learn_unknown = true;

  /// Offer `hub__lock` and `hub__unlock` at the federated door. Off, since each tool
  /// costs every client's model some tokens.
  bool locks = false;

  /// Whether searches learn from what is called after them.
  bool learning = true;

  /// What becomes of predictions of which server is used next.
  warm_up_mode warm_up = warm_up_mode::shadow;

  /// Whether `${cmd:...}` may run a program for a secret. Off, since a configuration that was
  /// copied from somewhere would run what it likes.
  bool secret_commands = false;

  /// The most servers that start at the same time: with more, they only slow
  /// each other down.
  size_t max_concurrent_starts = 4;

  /// How long a server may take until it answers `initialize`. The first start
  /// of a package from a registry includes its download.
  std::chrono::seconds start_timeout{120};

  /// How long one request to a server may take, unless its entry says another.
  std::chrono::seconds request_timeout{300};

  /// How long a stateless client may take to come back with what a server asked it:
  /// a person may have to answer.
  std::chrono::seconds answer_timeout{600};

  /// How long calls in flight may go on when the hub stops.
  std::chrono::seconds shutdown_grace{5};

  /// What a search reply may cost the client's model, in tokens.
  size_t search_token_budget = 800;

  /// An endpoint that makes vectors of texts, so that searches also find what is said otherwise.
  struct embeddings_config {
    /// Such as `http://127.0.0.1:8080/v1`; empty for none.
    std::string url;

    std::string model;

    /// How long a search waits for it.
    std::chrono::milliseconds timeout{200};

    bool operator==(const embeddings_config&) const = default;
  };
  embeddings_config embeddings;

  /// How many tools clients see by themselves at `/mcp`, besides the meta-tools, if their address does
  /// not say it. None, since each costs every client's model its definition.
  size_t federated_tools = 0;

  /// Threads that serve; one is best up to a few cores.
  size_t shards = 1;

  /// The largest message from a server, in bytes.
  size_t max_message_bytes = 64 << 20;

  /// The largest request body from a client, in bytes.
  size_t max_body_bytes = 32 << 20;

  /// What happens when a server's tools change, unless its entry says another.
  change_policy tool_changes = change_policy::warn;

  /// How servers are run whose entries do not say it.
  run_policy defaults;

  /// In the order of the file; `defaults` is in their policies already.
  std::vector<server_config> servers;

  /// Subsets of the servers with addresses of their own, in the order of the file.
  std::vector<server_group> groups;

  /// How the hub proves itself at its port.
  struct tls_port_config {
    bool enabled = false;

    /// Paths of PEM files; empty for a certificate that the hub makes for itself.
    std::string cert;
    std::string key;

    bool operator==(const tls_port_config&) const = default;
  };
  tls_port_config tls;

  /// How many MCP requests a client may send over TCP; 0 is no bound.
  struct rate_limit_config {
    double per_second = 0;

    /// At once; 0 is twice `per_second`, at least 1.
    double burst = 0;

    bool operator==(const rate_limit_config&) const = default;
  };
  rate_limit_config rate_limit;

  /// Whether it may listen where others can read along, without TLS.
  bool allow_plain_http = false;

  /// Whether clients need a token at a loopback address, too.
  bool require_token = false;

  /// What tools cost, by patterns for `server__tool`. In the prices of `servers` already.
  std::vector<price_rule> prices;

  /// Whether tools of well-known servers cost what they usually do, unless it is said otherwise.
  bool known_prices = true;

  /// What may be spent.
  budget_list budgets;

  /// Tools that do the same.
  cascade_list cascades;

  /// Who may use what.
  permission_settings permissions;

  /// What is written down of calls.
  struct audit_config {
    bool enabled = true;

    /// Whether the arguments of calls are written, and not only their hash.
    bool arguments = false;

    /// From this size on a new file is begun.
    size_t max_bytes = 16 << 20;

    /// How many files are kept.
    size_t files = 8;

    bool operator==(const audit_config&) const = default;
  };
  audit_config audit;

  /// Whether calls are counted and the last ones' traces kept.
  bool telemetry = true;

  /// Where the traces of calls are sent.
  struct otlp_config {
    /// Whole, with the path; empty for nowhere.
    std::string url;

    /// Their values may be secrets.
    std::vector<std::pair<std::string, std::string>> headers;

    /// Which share of the traces that begin at the hub is recorded, 0 to 1.
    double sample = 1;

    /// What the hub calls itself, `service.name`.
    std::string service = "slm-hub";

    bool operator==(const otlp_config&) const = default;
  };
  otlp_config otlp;

  /// What is not wrong enough to stop the hub.
  std::vector<config_error> warnings;
};

/// Whether `host` is `localhost` or a loopback address, in brackets or not.
bool is_loopback_host(std::string_view host);

} // namespace hub
