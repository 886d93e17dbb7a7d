#pragma once

#include "messages/backend.hpp"
#include "messages/protocol_versions.hpp"

#include <cstdint>
#include <string_view>

namespace hub {

/// What `log_level` is called on the wire, and back; `off` for anything else.
std::string_view to_string(log_level level) noexcept;
log_level log_level_of(std::string_view name) noexcept;

/// The `params` of a request as the server is to get them.
struct outgoing_params {
  json_text params;

  /// The progress token of the client as it wrote it; empty if there is none.
  json_text progress_token;
};

/// Translates `_meta` for the era of the server: the progress token becomes
/// `wire_id`, the metadata of the stateless era is added or taken away (MCP
/// 2026-07-28, per-request metadata). All else keeps its text.
outgoing_params translate_params(const backend_request& request, bool stateless_server,
                                 int64_t wire_id);

/// The `_meta` with which the hub asks a stateless server something for itself.
std::string own_metadata();

/// A progress notification with the client's own token in place of ours.
text_parts restore_progress(const json_text& params, std::string_view token);

} // namespace hub
