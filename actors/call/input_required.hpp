#pragma once

#include "messages/answer.hpp"
#include "messages/json_text.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub {

// What crosses between the questions of the handshake era (requests of the server
// on the client's stream) and those of the stateless one (results of the type
// `input_required`, and a retry; MCP 2026-07-28, "Multi Round-Trip Requests").

/// One question under the key by which its answer comes back.
struct input_request {
  std::string key;
  std::string method;

  /// An object, or empty.
  json_text params;
};

/// A result of the type `input_required`.
struct required_input {
  std::vector<input_request> requests;

  /// A JSON string, or empty.
  json_text state;
};

/// Reads an `input_required` result; nothing if `result` is of another type. At
/// most 64 requests are taken.
std::optional<required_input> read_required_input(const json_text& result);

/// Writes an `input_required` result.
json_text write_required_input(const required_input& x);

/// What a client sends with its retry: the answers by their keys, each JSON.
std::map<std::string, json_text> read_input_responses(const json_text& params);

/// `params` with the answers and the state for a server of the stateless era.
json_text with_input_responses(const json_text& params, const std::map<std::string, json_text>& responses,
                               const json_text& state);

/// `params` without `inputResponses` and `requestState`, and also without `_meta`
/// if `bare`: what the request is about.
json_text without_input(const json_text& params, bool bare);

/// The error for a server that asks what a client has not declared; nothing if it
/// may ask (MCP, "Capabilities").
std::optional<json_text> undeclared(const client_context& client, std::string_view method,
                                    std::string_view params);

/// The capability that a client must declare to be asked this: its name among the
/// capabilities, and its value.
std::pair<std::string, std::string> required_capability(std::string_view method, std::string_view params);

/// The error for a stateless client whose request failed because it does not declare
/// these capabilities (-32021, MCP 2026-07-28, "Capabilities").
json_text missing_capabilities(const std::map<std::string, std::string>& required);

/// What is wrong with a client's answer to a question, a sentence; nothing if it
/// has the shape that the method requires.
std::optional<std::string> wrong_response(std::string_view method, std::string_view response);

/// The questions in the error with which a server up to 2025-11-25 asks for
/// consent to a URL (-32042); empty for any other error.
std::vector<input_request> read_url_elicitations(const json_text& error);

} // namespace hub
