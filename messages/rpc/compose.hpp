#pragma once

#include "messages/json_text.hpp"

#include <initializer_list>
#include <string>
#include <string_view>

namespace hub::rpc {

/// Puts a message together: small pieces are copied, large ones are shared.
class composer {
public:
  /// Slices of at least this many bytes are shared and not copied.
  static constexpr size_t share_from = 16 * 1024;

  /// Makes room for so many bytes that are copied.
  composer& reserve(size_t bytes) {
    tail_.reserve(bytes);
    return *this;
  }

  composer& raw(std::string_view text) {
    tail_.append(text);
    return *this;
  }

  /// Adds `text` as a JSON string.
  composer& string(std::string_view text);

  composer& number(int64_t value);

  composer& splice(const json_text& text);

  text_parts finish();

private:
  text_parts parts_;
  std::string tail_;
};

/// `{"jsonrpc":"2.0","id":ID,"result":RESULT}`.
text_parts make_result(std::string_view id, const json_text& result);

/// `{"jsonrpc":"2.0","id":ID,"error":ERROR}`.
text_parts make_error(std::string_view id, const json_text& error);

/// The text of an error object. `data` is JSON, or empty for none.
json_text error_object(int code, std::string_view message, std::string_view data = {});

/// A request or, with an empty `id`, a notification. `params` may be empty.
text_parts make_request(std::string_view id, std::string_view method, const json_text& params);

/// A member to set in an object: `value` is JSON; an empty value removes it.
struct member_edit {
  std::string_view key;
  std::string_view value;
};

/// `object` with members replaced, added or removed; everything else keeps its
/// text and order. An empty or absent object counts as `{}`.
json_text edit_members(const json_text& object, std::initializer_list<member_edit> edits);

/// `object` with `members` (JSON text such as `"a":1,"b":2`) put before its own.
text_parts prepend_members(const json_text& object, std::string_view members);

} // namespace hub::rpc
