#pragma once

#include "messages/access.hpp"
#include "messages/client.hpp"
#include "messages/json_text.hpp"
#include "messages/protocol.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace hub {

/// How much of a tool's result a client takes at once.
struct result_bounds {
  /// The result in bytes from which on it is cut; 0 is never.
  size_t limit = 0;

  /// How much of its text comes then, in bytes.
  size_t head = 16 * 1024;
};

/// Whose results they are: those of a principal at one door.
inline std::string result_owner(const client_context* client, std::string_view door) {
  std::string result = client && client->who ? client->who->id : "";
  return result.append("@").append(door);
}

/// A result is too large for its client: the rest is kept for `read_result`.
struct cut_result {
  /// Whose it is: nobody else reads it.
  std::string owner;

  /// Of `tools/call`.
  json_text result;

  result_bounds bounds;

  /// The client checks `structuredContent` against a schema, so that a result with one stays whole.
  bool checks_structure = false;
};

/// What the client gets instead; the same result if there is nothing to cut.
struct result_cut {
  json_text result;
};

/// `hub__read_result`: more of a result that was cut.
struct read_result {
  std::string owner;

  /// The token that stands in the head.
  std::string token;

  /// In bytes of the text.
  size_t offset = 0;
  size_t length = 0;

  /// Not empty: lines with this text, in any case, are wanted instead, from `offset` on.
  std::string search;
};

/// Keeps large results, on a thread of its own because they are large.
using result_keeper_actor = protocol<
  caf::replies_to<cut_result>::with<result_cut>,
  caf::replies_to<read_result>::with<rpc_answer>>::handle;

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::cut_result)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::result_cut)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::read_result)
