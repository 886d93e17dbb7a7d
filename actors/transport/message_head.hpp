#pragma once

#include "actors/transport/http/http_fetch.hpp"
#include "messages/transport.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// The headers of a message that is sent by POST (MCP "Streamable HTTP"): media types,
/// version and session of the handshake era, or the standard headers of the stateless
/// one.
/// @param session Empty if the server gave none.
header_block message_headers(const http_hints& hints, std::string_view session);

/// The headers of a GET that opens or resumes an event stream.
header_block stream_headers(std::string_view version, std::string_view session, std::string_view last_event_id);

/// What a message says about itself; nothing if it brings no hints.
const http_hints& hints_of(const send_message& x) noexcept;

/// Whether `text` can be a session id: visible ASCII, at most 4 KiB.
bool is_session_id(std::string_view text) noexcept;

/// Whether `message` is the answer, a result or an error, to the request `id`.
bool answers_request(std::string_view message, int64_t id);

/// Cuts a body, one message or a batch, into messages without line feeds. Empty if it
/// is no JSON object or array of them.
std::vector<json_text> split_messages(std::string body);

/// The error in the body of a refusal as the answer to the request `id`: its own id, or
/// null, becomes `id` (MCP 2025-03-26, "Sending Messages to the Server"). Empty if the
/// body is none.
json_text error_for(const std::string& body, int64_t id);

/// The beginning of a body that is no JSON-RPC, for a message to the user: one line of
/// at most 160 characters, without markup.
std::string excerpt_of(std::string_view body);

} // namespace hub
