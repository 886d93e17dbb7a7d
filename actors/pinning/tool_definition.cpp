#include "actors/pinning/tool_definition.hpp"

#include "messages/rpc/json_scan.hpp"
#include "messages/sha256.hpp"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <array>
#include <vector>

namespace hub {

namespace {

using json_writer = rapidjson::Writer<rapidjson::StringBuffer>;

constexpr std::array<std::string_view, 6> pinned_members{
  "name", "title", "description", "inputSchema", "outputSchema", "annotations"};

std::string_view text_of(const rapidjson::Value& x) {
  return {x.GetString(), x.GetStringLength()};
}

void write_sorted(const rapidjson::Value& x, json_writer& out);

void write_members(const rapidjson::Value& x, json_writer& out, bool pinned_only) {
  std::vector<const rapidjson::Value::Member*> members;
  for (auto& member : x.GetObject())
    if (!pinned_only || std::ranges::find(pinned_members, text_of(member.name)) != pinned_members.end())
      members.push_back(&member);
  // Keys that stand there twice keep their order, since readers differ in which they take.
  std::ranges::stable_sort(members, {}, [](auto* member) { return text_of(member->name); });
  out.StartObject();
  for (auto* member : members) {
    out.Key(member->name.GetString(), member->name.GetStringLength());
    write_sorted(member->value, out);
  }
  out.EndObject();
}

void write_sorted(const rapidjson::Value& x, json_writer& out) {
  if (x.IsObject())
    return write_members(x, out, false);
  if (!x.IsArray()) {
    x.Accept(out);
    return;
  }
  out.StartArray();
  for (auto& item : x.GetArray())
    write_sorted(item, out);
  out.EndArray();
}

} // namespace

std::string canonical_definition(std::string_view tool) {
  rapidjson::Document document;
  constexpr auto flags = rapidjson::kParseIterativeFlag | rapidjson::kParseFullPrecisionFlag;
  if (rpc::check_json(tool) || document.Parse<flags>(tool.data(), tool.size()).HasParseError() || !document.IsObject())
    return std::string{tool};
  rapidjson::StringBuffer buffer;
  json_writer out{buffer};
  write_members(document, out, true);
  return {buffer.GetString(), buffer.GetSize()};
}

std::string definition_digest(std::string_view tool) {
  return sha256_hex(canonical_definition(tool));
}

} // namespace hub
