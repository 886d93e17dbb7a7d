#include "messages/rpc/envelope.hpp"

#include "messages/rpc/codes.hpp"
#include "messages/rpc/json_scan.hpp"
#include "messages/rpc/sound_json.hpp"

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

  void take(const json_member& x) {
    if (x.key == "jsonrpc")
      set(version, x.value);
    else if (x.key == "id")
      set(id, x.value);
    else if (x.key == "method")
      set(method, x.value);
    else if (x.key == "params")
      set(params, x.value);
    else if (x.key == "result")
      set(result, x.value);
    else if (x.key == "error")
      set(error, x.value);
  }

private:
  void set(std::string_view& slot, std::string_view value) {
    twice = twice || !slot.empty();
    slot = value;
  }
};

bool is_id(std::string_view id) {
  return id.front() == '"' || to_integer(id).has_value();
}

/// How deep the messages of clients may be.
constexpr size_t client_depth = 128;

json_text null_id() {
  return json_text::of_literal("null");
}

/// Makes a message of the members of an object.
/// @param complete Whether these are all.
scanned judge(const json_text& text, const parts& found, bool complete) {
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

/// Reads the members, after the text is known to be sound enough to walk over.
scanned scan(const json_text& text) {
  parts found;
  json_cursor cursor{text.view()};
  auto complete = for_each_member(cursor, max_depth, [&found](const json_member& x) {
    found.take(x);
    return true;
  });
  // Members of what is no single object count for nothing.
  json_cursor whole{text.view()};
  if ((!complete || !cursor.at_end()) && (whole.value().empty() || !whole.at_end()))
    return bad_message{parse_error, "Parse error: the text is not one JSON value", null_id()};
  if (!complete && json_cursor{text.view()}.peek() != '{')
    return bad_message{invalid_request, "Invalid Request: the message is not a JSON object",
                       null_id()};
  return judge(text, found, complete);
}

} // namespace

scanned scan_client_message(json_text text) {
  // Most are read as they are checked.
  json_members members;
  if (is_utf8(text.view()) && is_surely_object(text.view(), client_depth, members)) {
    parts found;
    for (auto& x : members)
      found.take(x);
    return judge(text, found, true);
  }
  if (auto wrong = check_json(text.view(), client_depth))
    return bad_message{parse_error, "Parse error: " + *wrong, null_id()};
  return scan(text);
}

scanned scan_server_message(json_text text) {
  if (!is_utf8(text.view()))
    return bad_message{parse_error, "Parse error: the text is not valid UTF-8", null_id()};
  return scan(text);
}

} // namespace hub::rpc
