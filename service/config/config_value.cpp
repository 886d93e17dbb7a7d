#include "service/config/config_value.hpp"

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <algorithm>

namespace hub {

namespace {

using json_writer = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

void write(json_writer& out, const config_value& x) {
  switch (x.type) {
    case config_value::kind::null:
      out.Null();
      break;
    case config_value::kind::boolean:
      out.Bool(x.boolean);
      break;
    case config_value::kind::number:
      out.RawValue(x.text.data(), x.text.size(), rapidjson::kNumberType);
      break;
    case config_value::kind::string:
      out.String(x.text);
      break;
    case config_value::kind::array:
      out.StartArray();
      for (auto& item : x.items)
        write(out, item);
      out.EndArray();
      break;
    case config_value::kind::object:
      out.StartObject();
      for (auto& member : x.members) {
        out.Key(member.key);
        write(out, member.value);
      }
      out.EndObject();
      break;
  }
}

} // namespace

const config_value* config_value::find(std::string_view key) const noexcept {
  for (auto i = members.rbegin(); i != members.rend(); ++i)
    if (i->key == key)
      return &i->value;
  return nullptr;
}

config_value* config_value::find(std::string_view key) noexcept {
  return const_cast<config_value*>(static_cast<const config_value*>(this)->find(key));
}

void config_value::set(std::string_view key, config_value value) {
  if (auto* old = find(key)) {
    *old = std::move(value);
    return;
  }
  auto where = value.begin;
  members.push_back({std::string{key}, where, std::move(value)});
}

void config_value::erase(std::string_view key) {
  std::erase_if(members, [key](const config_member& x) { return x.key == key; });
}

config_value config_value::of_string(std::string text, size_t begin) {
  auto result = of_kind(kind::string, begin);
  result.text = std::move(text);
  return result;
}

config_value config_value::of_number(std::string text, size_t begin) {
  auto result = of_kind(kind::number, begin);
  result.text = std::move(text);
  return result;
}

config_value config_value::of_boolean(bool value, size_t begin) {
  auto result = of_kind(kind::boolean, begin);
  result.boolean = value;
  return result;
}

config_value config_value::of_kind(kind k, size_t begin) {
  config_value result;
  result.type = k;
  result.begin = begin;
  result.end = begin;
  return result;
}

std::string_view describe(config_value::kind k) noexcept {
  switch (k) {
    case config_value::kind::null:
      return "null";
    case config_value::kind::boolean:
      return "true or false";
    case config_value::kind::number:
      return "a number";
    case config_value::kind::string:
      return "a string";
    case config_value::kind::array:
      return "an array";
    case config_value::kind::object:
      return "an object";
  }
  return "nothing";
}

bool same_content(const config_value& a, const config_value& b) {
  return a.type == b.type && a.boolean == b.boolean && a.text == b.text
         && std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(),
                       same_content)
         && std::equal(a.members.begin(), a.members.end(), b.members.begin(),
                       b.members.end(), [](const config_member& x, const config_member& y) {
                         return x.key == y.key && same_content(x.value, y.value);
                       });
}

std::string to_json(const config_value& value) {
  rapidjson::StringBuffer buffer;
  json_writer out{buffer};
  out.SetIndent(' ', 2);
  write(out, value);
  return {buffer.GetString(), buffer.GetSize()};
}

text_position position_of(std::string_view text, size_t offset) noexcept {
  auto before = text.substr(0, std::min(offset, text.size()));
  text_position result;
  result.line += static_cast<size_t>(std::count(before.begin(), before.end(), '\n'));
  auto line_feed = before.rfind('\n');
  auto line = line_feed == std::string_view::npos ? before : before.substr(line_feed + 1);
  // Bytes 10xxxxxx continue a character.
  auto is_first = [](unsigned char c) { return (c & 0xC0) != 0x80; };
  result.column += static_cast<size_t>(std::count_if(line.begin(), line.end(), is_first));
  return result;
}

std::string place_of(std::string_view file, std::string_view text, size_t offset) {
  auto at = position_of(text, offset);
  auto result = std::string{file};
  result += ':';
  result += std::to_string(at.line);
  result += ':';
  result += std::to_string(at.column);
  return result;
}

} // namespace hub
