#include "messages/rpc/compose.hpp"

#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

namespace hub::rpc {

composer& composer::string(std::string_view text) {
  append_quoted(tail_, text);
  return *this;
}

composer& composer::number(int64_t value) {
  char digits[24];
  auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
  tail_.append(digits, end);
  return *this;
}

composer& composer::splice(const json_text& text) {
  if (text.size() < share_from) {
    tail_.append(text.view());
    return *this;
  }
  if (!tail_.empty())
    parts_.append(json_text{std::exchange(tail_, {})});
  parts_.append(text);
  return *this;
}

text_parts composer::finish() {
  if (!tail_.empty())
    parts_.append(json_text{std::exchange(tail_, {})});
  return std::move(parts_);
}

namespace {

/// What a message takes around a value and besides its id.
constexpr size_t frame_bytes = 64;

/// How much of `text` is copied.
size_t copied_of(const json_text& text) noexcept {
  return text.size() < composer::share_from ? text.size() : 0;
}

} // namespace

text_parts make_result(std::string_view id, const json_text& result) {
  return composer{}
    .reserve(frame_bytes + id.size() + copied_of(result))
    .raw(R"({"jsonrpc":"2.0","id":)")
    .raw(id)
    .raw(R"(,"result":)")
    .splice(result)
    .raw("}")
    .finish();
}

text_parts make_error(std::string_view id, const json_text& error) {
  return composer{}
    .raw(R"({"jsonrpc":"2.0","id":)")
    .raw(id)
    .raw(R"(,"error":)")
    .splice(error)
    .raw("}")
    .finish();
}

json_text error_object(int code, std::string_view message, std::string_view data) {
  auto text = R"({"code":)" + std::to_string(code) + R"(,"message":)" + quote(message);
  if (!data.empty()) {
    text += R"(,"data":)";
    text += data;
  }
  text += '}';
  return json_text{std::move(text)};
}

text_parts make_request(std::string_view id, std::string_view method, const json_text& params) {
  composer result;
  result.reserve(frame_bytes + id.size() + method.size() + copied_of(params));
  result.raw(R"({"jsonrpc":"2.0")");
  if (!id.empty())
    result.raw(R"(,"id":)").raw(id);
  result.raw(R"(,"method":)").string(method);
  if (!params.empty())
    result.raw(R"(,"params":)").splice(params);
  return result.raw("}").finish();
}

json_text edit_members(const json_text& object, std::initializer_list<member_edit> edits) {
  std::string result;
  result.reserve(object.size() + 128);
  result += '{';
  auto add = [&result](std::string_view key, std::string_view value) {
    if (result.size() > 1)
      result += ',';
    result += '"';
    result += key;
    result += "\":";
    result += value;
  };
  std::vector<bool> done(edits.size());
  for_each_member(object.view(), [&](const json_member& x) {
    auto i = std::find_if(edits.begin(), edits.end(),
                          [&](const member_edit& edit) { return edit.key == x.key; });
    if (i == edits.end()) {
      add(x.key, x.value);
    } else if (auto at = static_cast<size_t>(i - edits.begin()); !done[at]) {
      done[at] = true;
      if (!i->value.empty())
        add(x.key, i->value);
    }
    return true;
  });
  for (size_t at = 0; at < edits.size(); ++at)
    if (auto& edit = edits.begin()[at]; !done[at] && !edit.value.empty())
      add(edit.key, edit.value);
  result += '}';
  return json_text{std::move(result)};
}

text_parts prepend_members(const json_text& object, std::string_view members) {
  json_cursor cursor{object.view()};
  composer result;
  result.raw("{").raw(members);
  if (!cursor.take('{'))
    return result.raw("}").finish();
  if (cursor.peek() != '}')
    result.raw(",");
  auto rest = object.view().substr(object.view().find('{') + 1);
  return result.splice(object.slice(rest)).finish();
}

} // namespace hub::rpc
