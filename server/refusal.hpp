#pragma once

#include "messages/json_text.hpp"

#include <string>

namespace hub {

/// The codes of the JSON-RPC errors that the doors answer with.
namespace rpc_code {
inline constexpr int invalid_request = -32600;
inline constexpr int method_not_found = -32601;
inline constexpr int invalid_params = -32602;
inline constexpr int internal = -32603;

/// A request that its session cannot take. The code of the official SDKs.
inline constexpr int bad_session = -32000;

/// A session id that is unknown or over. The code of the official SDKs.
inline constexpr int unknown_session = -32001;

/// A resource that does not exist; handshake era only.
inline constexpr int resource_not_found = -32002;

/// A header that is missing or differs from the body; stateless era.
inline constexpr int header_mismatch = -32020;

/// The client did not declare a capability that is needed; stateless era.
inline constexpr int missing_capability = -32021;

/// The claimed version is not served; stateless era.
inline constexpr int unsupported_version = -32022;
} // namespace rpc_code

/// Why a request is turned away at the door: an HTTP status with a JSON-RPC error.
struct refusal {
  int status = 400;
  int code = rpc_code::invalid_request;

  /// A sentence with cause and fix.
  std::string message;

  /// JSON for `error.data`, or empty.
  std::string data;

  /// The id of the request as it was written; empty if it could not be read.
  json_text id;
};

/// The JSON-RPC text of a refusal. MCP leaves the id out where none is known.
text_parts to_message(const refusal& x);

} // namespace hub
