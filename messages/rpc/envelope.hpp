#pragma once

#include "messages/json_text.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace hub::rpc {

/// What a JSON-RPC message is (JSON-RPC 2.0, sections 4 and 5).
enum class message_kind : uint8_t { request, notification, result, error };

/// The parts of one JSON-RPC message, as slices of it. Nothing is copied.
struct envelope {
  message_kind kind = message_kind::request;

  /// The whole message.
  json_text text;

  /// The id as it was written, `7` or `"7"`; empty for a notification.
  json_text id;

  /// The method, unescaped; empty for an answer.
  std::string method;

  /// The `params` object of a request or notification; empty if absent.
  json_text params;

  /// The value of `result` or `error`.
  json_text body;
};

/// Why a message was refused. `id` is the id to answer with, `null` if none
/// could be read.
struct bad_message {
  int code = 0;
  std::string message;
  json_text id;
};

using scanned = std::variant<envelope, bad_message>;

/// Reads a message from a client: all of it is checked, nested at most 128
/// deep. Errors: -32700 not JSON or not UTF-8, -32600 not a JSON-RPC message
/// (wrong `jsonrpc`, id null or of another type than string or integer, method
/// not a string, `params` not an object, a member twice).
scanned scan_client_message(json_text text);

/// Reads a message from a server: checked for UTF-8, scanned by spans. Wrong
/// ids and shapes are refused as above.
scanned scan_server_message(json_text text);

} // namespace hub::rpc
