#pragma once

#include "messages/ascii_case.hpp"
#include "messages/json_text.hpp"

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace hub {

/// The methods that some route of ours takes.
enum class http_method : uint8_t { get, head, post, erase, options, other };

/// Which forms of an answer a client takes, by its `Accept` header.
struct accepted_types {
  /// One JSON text. Wildcards count.
  bool json = false;

  /// An event stream. Only by name: nobody who sends `*/*` expects a stream.
  bool event_stream = false;
};

/// Reads the value of one `Accept` header; ranges with `q=0` are refused ones.
accepted_types parse_accept(std::string_view value);

/// Whether a `Content-Type` says JSON, with any parameters.
bool is_json_type(std::string_view content_type);

/// `text` without blanks and tabs around it.
std::string_view trimmed(std::string_view text) noexcept;

/// The parts of an HTTP request that the hub looks at. The views belong to the
/// reader and live until it goes on to the next request; a header that is absent
/// is empty.
struct http_request {
  http_method method = http_method::other;

  /// False if the client closes or wants to be closed after the answer.
  bool keep_alive = true;

  /// True for HTTP/1.1, where an answer may have an open end.
  bool takes_chunks = true;

  /// What of `Accept` there was; everything that is JSON if there was none.
  accepted_types accepts;

  std::string_view target;
  std::string_view host;
  std::string_view origin;
  std::string_view content_type;
  std::string_view session_id;
  std::string_view protocol_version;
  std::string_view mcp_method;
  std::string_view mcp_name;
  std::string_view last_event_id;
  std::string_view authorization;

  /// `X-Hub-Project`: the folder that the client works in.
  std::string_view project;

  /// W3C Trace Context and Baggage. A client that sends several `tracestate` or `baggage` is read by the first.
  std::string_view traceparent;
  std::string_view tracestate;
  std::string_view baggage;

  /// The headers `Mcp-Param-*`: what follows the hyphen, and the value.
  std::vector<std::pair<std::string_view, std::string_view>> mcp_params;

  json_text body;
};

} // namespace hub
