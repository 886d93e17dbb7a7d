#pragma once

#include "messages/json_text.hpp"
#include "messages/rpc/codes.hpp"

#include <string>

namespace hub {

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
