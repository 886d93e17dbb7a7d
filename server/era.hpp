#pragma once

#include "messages/answer.hpp"
#include "messages/rpc/envelope.hpp"
#include "server/http_request.hpp"
#include "server/refusal.hpp"
#include "server/trace_claim.hpp"

#include <optional>
#include <string_view>
#include <variant>
#include <vector>

namespace hub {

/// The most messages in a batch.
inline constexpr size_t batch_limit = 64;

/// The most bytes of the params of an `initialize`; the session keeps them.
inline constexpr size_t initialize_limit = 64 * 1024;

/// What a stateless request says of its sender, as views into its text.
struct stateless_claim {
  std::string_view version;

  /// `clientInfo`; empty if absent.
  std::string_view info;

  std::string_view capabilities;

  /// The severity from which on log messages are wanted.
  log_level logs = log_level::off;
};

/// The body of a POST, judged: which era it belongs to and what it holds.
struct mcp_post {
  hub::era era = hub::era::handshake;

  /// The message, unless it is a batch.
  rpc::envelope message;

  /// The messages of a batch (handshake era), in order, at most `batch_limit`.
  std::vector<rpc::envelope> batch;

  /// For a stateless request.
  stateless_claim claim;

  /// For a request that is no batch.
  trace_claim trace;
};

/// Reads the body of a POST to an MCP endpoint and decides, by body and headers,
/// which era it belongs to, or why it is turned away (HTTP status and code as the
/// specification of that era has them). What depends on the session is judged by
/// whoever finds the session.
std::variant<mcp_post, refusal> read_post(const http_request& request);

/// Judges `MCP-Protocol-Version` of a request in the handshake era: absent is fine.
std::optional<refusal> check_handshake_version(std::string_view header, const json_text& id);

/// Judges the params of an `initialize` of the handshake era.
std::optional<refusal> check_initialize(const rpc::envelope& message);

/// The severity that `name` stands for; nothing for an unknown one.
std::optional<log_level> to_log_level(std::string_view name) noexcept;

/// The handshake version in which to answer an `initialize` that asks for `wanted`.
std::string_view negotiate(std::string_view wanted) noexcept;

} // namespace hub
