#pragma once

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <string>
#include <string_view>

namespace hub::demo {

using json_writer = rapidjson::Writer<rapidjson::StringBuffer>;

/// What `fill(writer)` writes, as text.
template <class F>
std::string json_of(F&& fill) {
  rapidjson::StringBuffer buffer;
  json_writer writer{buffer};
  fill(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

/// Writes a string as the value of the member `name`.
inline void member(json_writer& writer, std::string_view name, std::string_view value) {
  writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

/// Writes JSON text as the value of the member `name`.
inline void raw_member(json_writer& writer, std::string_view name, std::string_view json) {
  writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  writer.RawValue(json.data(), json.size(), rapidjson::kObjectType);
}

/// `text` as a JSON string, with its quotes.
inline std::string quoted(std::string_view text) {
  return json_of([&](json_writer& w) { w.String(text.data(), static_cast<rapidjson::SizeType>(text.size())); });
}

} // namespace hub::demo
