#pragma once

#include "messages/answer.hpp"

#include <string_view>

namespace hub {

/// The request that an answer belongs to, as far as its form depends on it.
struct answered_request {
  hub::era era = hub::era::handshake;
  std::string_view method;

  /// As the client wrote it.
  std::string_view id;
};

/// An answer as it goes to the client.
struct rendered_answer {
  /// The HTTP status, if it is not part of a stream.
  int status = 200;

  /// The JSON-RPC message; empty if the request was taken back.
  text_parts message;
};

/// Puts an answer into the form of the client's era: what the stateless era adds
/// to results, the codes that differ, failures of the hub as errors that name
/// server, cause and fix. Large results are shared and not copied.
rendered_answer render(const answered_request& request, const rpc_answer& answer);

/// The JSON-RPC error object for what the hub could not do.
json_text to_error(const failure& why);

/// The name of a failure in `error.data.kind`, such as `unknown_server`.
std::string_view to_name(failure::kind kind) noexcept;

} // namespace hub
