#include "messages/rpc/envelope.hpp"

#include "messages/rpc/codes.hpp"
#include "messages/rpc/json_scan.hpp"

namespace hub::rpc {

namespace {

using rpc_code::invalid_request;
using rpc_code::parse_error;

/// The members that JSON-RPC knows; empty if absent.
struct parts {
  std::string_view version;
  std::string_view id;
  std::string_view method;
  std::string_view params;
  std::string_view result;
  std::string_view error;
  bool twice = false;
};

void set(std::string_view& slot, std::string_view value, bool& twice) {
  twice = twice || !slot.empty();
  slot = value;
}

bool is_id(std::string_view id) {
  return id.front() == '"' || to_integer(id).has_value();
}

json_text null_id() {
  return json_text::of_literal("null");
}

/// Reads the members, after the text is known to be sound enough to walk over.
scanned scan(const json_text& text) {
  parts found;
  json_cursor cursor{text.view()};
  auto complete = for_each_member(cursor, max_depth, [&found](const json_member& x) {
    if (x.key == "jsonrpc")
      set(found.version, x.value, found.twice);
    else if (x.key == "id")
      set(found.id, x.value, found.twice);
    else if (x.key == "method")
      set(found.method, x.value, found.twice);
    else if (x.key == "params")
      set(found.params, x.value, found.twice);
    else if (x.key == "result")
      set(found.result, x.value, found.twice);
    else if (x.key == "error")
      set(found.error, x.value, found.twice);
    return true;
  });
  // Members of what is no single object count for nothing.
  json_cursor whole{text.view()};
  if ((!complete || !cursor.at_end()) && (whole.value().empty() || !whole.at_end()))
    return bad_message{parse_error, "Parse error: the text is not one JSON value", null_id()};
  if (!complete && json_cursor{text.view()}.peek() != '{')
    return bad_message{invalid_request, "Invalid Request: the message is not a JSON object",
                       null_id()};
  auto has_good_id = !found.id.empty() && is_id(found.id);
  auto id = has_good_id ? text.slice(found.id) : null_id();
  auto refuse = [&id](std::string_view why) {
    return bad_message{invalid_request, "Invalid Request: " + std::string{why}, id};
  };
  if (!complete)
    return bad_message{parse_error, "Parse error: a member is broken or nested too deep", id};
  if (found.twice)
    return refuse("a member of the message appears twice");
  if (found.version != "\"2.0\"")
    return refuse("\"jsonrpc\" is not \"2.0\"");
  if (!found.id.empty() && !has_good_id && (found.id != "null" || found.error.empty()))
    return refuse("\"id\" is not a string or an integer");
  envelope result;
  result.text = text;
  if (has_good_id)
    result.id = id;
  if (!found.method.empty()) {
    auto method = unquote(found.method);
    if (!method)
      return refuse("\"method\" is not a string");
    if (!found.result.empty() || !found.error.empty())
      return refuse("it is a request and an answer at once");
    if (!found.params.empty() && found.params.front() != '{')
      return refuse("\"params\" is not an object");
    result.kind = found.id.empty() ? message_kind::notification : message_kind::request;
    result.method = std::move(*method);
    if (!found.params.empty())
      result.params = text.slice(found.params);
    return result;
  }
  if (found.result.empty() == found.error.empty())
    return refuse("it has neither a method nor exactly one of result and error");
  if (found.error.empty()) {
    if (!has_good_id)
      return refuse("the answer has no id");
    result.kind = message_kind::result;
    result.body = text.slice(found.result);
  } else {
    result.kind = message_kind::error;
    result.body = text.slice(found.error);
  }
  return result;
}

} // namespace

scanned scan_client_message(json_text text) {
  if (auto wrong = check_json(text.view()))
    return bad_message{parse_error, "Parse error: " + *wrong, null_id()};
  return scan(text);
}

scanned scan_server_message(json_text text) {
  if (!is_utf8(text.view()))
    return bad_message{parse_error, "Parse error: the text is not valid UTF-8", null_id()};
  return scan(text);
}

} // namespace hub::rpc
