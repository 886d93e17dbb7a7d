#pragma once

#include "messages/answer.hpp"
#include "messages/cache_settings.hpp"
#include "messages/price.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hub {

/// How a server is reached.
enum class transport_kind { stdio, streamable_http, sse };

/// How the hub gets tokens for an HTTP server, with placeholders unresolved. All of
/// it may be empty: the hub then finds out by itself and asks the user.
struct oauth_config {
  std::string client_id;
  std::string client_secret;

  /// A private key in PEM, or the path of a file with one.
  std::string private_key;

  /// The authorization server that the client belongs to.
  std::string issuer;

  /// An `https` address of a Client ID Metadata Document.
  std::string client_metadata_url;

  std::vector<std::string> scopes;

  /// The grant `client_credentials`.
  bool without_user = false;

  /// Its authorization server may lie in a private network though it does not.
  bool private_network = false;

  bool operator==(const oauth_config&) const = default;
};

/// How an HTTP server proves itself, and the hub to it: paths of PEM files, with
/// placeholders unresolved.
struct tls_config {
  std::string ca;
  std::string cert;
  std::string key;

  /// False takes any certificate.
  bool verify = true;

  bool operator==(const tls_config&) const = default;
};

/// What happens when a server's tool is defined otherwise than it was at first sight.
enum class change_policy : uint8_t {
  pass, ///< The new definition counts at once.
  warn, ///< It counts, is logged, and is shown until somebody approves it.
  hold  ///< The old one is shown and calls are refused until somebody approves the new one.
};

/// What becomes of predictions of which server is used next.
enum class warm_up_mode : uint8_t {
  off,    ///< Nothing is predicted or learnt.
  shadow, ///< It is learnt, and counted how often a prediction would have been right.
  on      ///< Predicted servers are started.
};

/// How much of the system a stdio server gets, by bubblewrap.
struct sandbox_config {
  /// `read-only`, `no-network` or `strict`; empty is no sandbox.
  std::string profile;

  /// Paths that it may write to, with placeholders unresolved.
  std::vector<std::string> write;

  /// Whether it has a network; nothing leaves that to the profile.
  std::optional<bool> network;

  bool operator==(const sandbox_config&) const = default;
};

/// How the supervisor treats a server. What is not said is left to the hub's own settings.
struct run_policy {
  /// Start with the hub; unlike `always_on` it is stopped when nobody uses it.
  std::optional<bool> eager;

  /// Start with the hub and keep running.
  std::optional<bool> always_on;

  /// After how long without a call it is stopped; zero is never.
  std::optional<std::chrono::milliseconds> idle_limit;

  /// How long it may take to start.
  std::optional<std::chrono::milliseconds> start_limit;

  /// How long one request may take.
  std::optional<std::chrono::milliseconds> request_limit;

  /// The most calls that it carries at a time, 1 to 1024; further ones wait in order.
  std::optional<size_t> max_concurrent;

  /// After how many ends in a row that nobody asked for it is taken to be in a crash loop;
  /// zero is never.
  std::optional<uint32_t> crash_limit;

  /// What it and its children may have of memory, in bytes, before it is ended; zero is no bound.
  std::optional<int64_t> memory_limit;

  /// How many processors it and what comes of it may use, in whole and parts; zero is no bound.
  std::optional<double> processors;

  /// How much processor time each of its processes may use in all, in seconds; zero is no bound.
  std::optional<int64_t> processor_seconds;

  /// What `preferred` does not say, this says.
  run_policy under(const run_policy& preferred) const;

  bool operator==(const run_policy&) const = default;
};

/// One MCP server as the configuration names it. Placeholders such as
/// `${VAR}` are still unresolved: they are resolved when the server is started,
/// and never before.
struct server_config {
  /// The key under `mcpServers`, unique, any characters.
  std::string name;

  transport_kind transport = transport_kind::stdio;

  /// The program of a stdio server, looked up in PATH.
  std::string command;

  std::vector<std::string> args;

  /// Environment variables for this server alone, in the order of the file.
  std::vector<std::pair<std::string, std::string>> env;

  /// A file of `NAME=value` lines with further variables; `env` wins over it.
  std::string env_file;

  /// Variables of the hub's environment that it gets beside the usual ones; `*` is all.
  std::vector<std::string> inherit_env;

  sandbox_config sandbox;

  /// The working directory; empty is the hub's own.
  std::string cwd;

  /// The address of an HTTP server.
  std::string url;

  std::vector<std::pair<std::string, std::string>> headers;

  oauth_config oauth;

  tls_config tls;

  /// The proxy to an HTTP server, `none` for no proxy; empty leaves it to the
  /// environment.
  std::string proxy;

  /// Requests that an HTTP server gets at a time, 1 to 1000; further ones wait.
  size_t max_in_flight = 64;

  /// False if the entry says `"enabled": false` or `"disabled": true`.
  bool enabled = true;

  /// What its entry says over what `defaults` says.
  run_policy policy;

  /// Each session of a client has a run of its own (`"isolation": "session"`), for
  /// servers that keep something for their client. Stateless clients share one.
  bool per_session = false;

  /// The era to speak with the server; nothing if it is to be found out.
  std::optional<hub::era> era;

  bool always_on() const noexcept {
    return policy.always_on.value_or(false);
  }

  /// How long one request may take; zero is the hub's default.
  std::chrono::milliseconds timeout() const noexcept {
    return policy.request_limit.value_or(std::chrono::milliseconds{0});
  }

  /// What happens when its tools change; nothing leaves it to the hub's setting.
  std::optional<change_policy> tool_changes;

  /// How far the cache goes with its results. The parser fills in the hub's settings.
  server_cache cache;

  /// What its tools cost: the first one that matches counts. The parser fills in those of the hub's settings
  /// and of the known prices.
  std::vector<price_rule> prices;

  /// Words by which groups choose it.
  std::vector<std::string> tags;

  /// SHA-256, in hex, over the fields above that decide what runs (transport,
  /// command, args, env, env_file, cwd, url, headers, tls, proxy,
  /// inherit_env, sandbox), all unresolved.
  std::string fingerprint;

  /// Where the entry stands, `file:line`, for messages.
  std::string origin;

  bool operator==(const server_config&) const = default;
};

/// Servers that `/mcp/g/{name}` shows together.
struct server_group {
  std::string name;

  /// The configured names of its members.
  std::vector<std::string> servers;
};

/// What the kernel holds a child to. Zero is no bound.
struct run_bounds {
  /// Processors, in whole and parts, and bytes: for the child and all that comes of it, by its control group.
  double processors = 0;
  int64_t memory_bytes = 0;

  /// Processor time in seconds, for each process (RLIMIT_CPU).
  int64_t processor_seconds = 0;
};

/// What is executed, with every placeholder resolved. It holds secrets: never
/// log, store or send it anywhere but to the child.
struct launch_spec {
  std::string command;
  std::vector<std::string> args;

  /// The whole environment of the child, each `NAME=value`.
  std::vector<std::string> env;

  std::string cwd;

  run_bounds bounds;
};

} // namespace hub
