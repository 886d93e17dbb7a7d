#pragma once

/// The codes of JSON-RPC errors: those of JSON-RPC 2.0, and of MCP by the names of
/// its specification.
namespace hub::rpc_code {

inline constexpr int parse_error = -32700;
inline constexpr int invalid_request = -32600;
inline constexpr int method_not_found = -32601;
inline constexpr int invalid_params = -32602;
inline constexpr int internal_error = -32603;

/// A request that its session cannot take. The code of the official SDKs.
inline constexpr int bad_session = -32000;

/// A session id that is unknown or over. The code of the official SDKs.
inline constexpr int unknown_session = -32001;

/// A resource that does not exist; handshake era only.
inline constexpr int resource_not_found = -32002;

/// A header that is missing or differs from the body; stateless era.
inline constexpr int header_mismatch = -32020;

/// The client did not declare a capability that is needed; stateless era.
inline constexpr int missing_required_client_capability = -32021;

/// The claimed version is not served; stateless era.
inline constexpr int unsupported_protocol_version = -32022;

/// The user must agree to an address first; 2025-11-25 only.
inline constexpr int url_elicitation_required = -32042;

} // namespace hub::rpc_code
