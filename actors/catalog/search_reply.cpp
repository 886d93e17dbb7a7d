#include "actors/catalog/search_reply.hpp"

#include "actors/catalog/text_analysis.hpp"
#include "actors/catalog/tool_signature.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <cstdint>

namespace hub {

namespace {

constexpr size_t bytes_per_token = 4;

/// What is kept for `more`, so that it is within the budget too.
constexpr size_t room_for_more = 200;

void add_member(std::string& json, std::string_view key, std::string_view value) {
  if (json.back() != '{')
    json += ',';
  json.append("\"").append(key).append("\":").append(value);
}

std::string name_entry(const found_tool& tool) {
  std::string result{"{"};
  add_member(result, "tool", rpc::quote(tool.exposed_name));
  add_member(result, "server", rpc::quote(tool.server));
  return result;
}

std::string signature_entry(const found_tool& tool) {
  auto result = name_entry(tool);
  add_member(result, "signature", rpc::quote(tool_signature(tool.name, tool.description, tool.input_schema)));
  return result + '}';
}

std::string schema_entry(const found_tool& tool) {
  auto result = name_entry(tool);
  add_member(result, "description", rpc::quote(tool.description));
  add_member(result, "inputSchema", tool.input_schema.empty() ? R"({"type":"object"})" : minified(tool.input_schema));
  return result + '}';
}

/// Chooses how each tool is shown within a number of bytes.
class entry_list {
public:
  entry_list(std::span<const found_tool> tools, size_t room) : tools_(tools), room_(room) {
    // nop
  }

  /// Puts the best tool in with its schema, whatever the room. If that takes
  /// all of it, the others get a part of it all the same.
  void add_first_schema() {
    add(schema_entry(tools_.front()));
    ++schemas_;
    if (used_ > room_)
      room_ = used_ + room_ / 4;
  }

  /// Names the other tools, as many as there is room for, but one at least.
  void add_names() {
    for (auto& tool : tools_.subspan(entries_.size())) {
      auto entry = name_entry(tool) + '}';
      if (!entries_.empty() && used_ + entry.size() + 1 > room_)
        break;
      add(std::move(entry));
    }
  }

  void add_signatures(size_t first) {
    for (auto i = first; i < entries_.size(); ++i)
      replace(i, signature_entry(tools_[i]));
  }

  /// Puts in schemas, best tool first; later ones where a larger one did not fit.
  void add_schemas(size_t first) {
    for (auto i = first; i < entries_.size(); ++i)
      if (replace(i, schema_entry(tools_[i])))
        ++schemas_;
  }

  size_t size() const {
    return entries_.size();
  }

  /// How many entries have their schema.
  size_t schemas() const {
    return schemas_;
  }

  std::string text() const {
    std::string result{"["};
    for (auto& entry : entries_) {
      if (result.size() > 1)
        result += ',';
      result += entry;
    }
    return result + ']';
  }

private:
  void add(std::string entry) {
    // With the comma between two.
    used_ += entry.size() + 1;
    entries_.push_back(std::move(entry));
  }

  bool replace(size_t i, std::string entry) {
    if (used_ - entries_[i].size() + entry.size() > room_)
      return false;
    used_ += entry.size() - entries_[i].size();
    entries_[i] = std::move(entry);
    return true;
  }

  std::span<const found_tool> tools_;
  size_t room_;
  size_t used_ = 0;
  size_t schemas_ = 0;
  std::vector<std::string> entries_;
};

/// How to get at what the reply leaves out; empty if it leaves out nothing.
std::string more_text(const search_request& request, const search_outcome& outcome, const entry_list& entries) {
  std::string result;
  if (entries.schemas() < entries.size())
    result = R"(For an inputSchema search again with the exact tool name as query, or with detail:"schema".)";
  if (outcome.total > entries.size()) {
    if (!result.empty())
      result += ' ';
    result += std::to_string(outcome.total - entries.size()) + " more match: ";
    auto can_grow = request.limit < search_request::largest_limit && entries.size() == outcome.tools.size();
    result += can_grow ? "raise limit or name a server." : "use more specific words or name a server.";
  }
  return result;
}

std::string quoted_list(const std::vector<std::string_view>& texts) {
  std::string result{"["};
  for (auto text : texts) {
    if (result.size() > 1)
      result += ',';
    result += rpc::quote(text);
  }
  return result + ']';
}

/// Chooses the entries: names for all, then what the request wants as far as it
/// fits. All are described before a second one gets the room for its schema.
entry_list choose_entries(const search_request& request, const search_outcome& outcome, size_t used) {
  auto room = SIZE_MAX / 2;
  if (request.budget_tokens > 0)
    room = std::max(request.budget_tokens * bytes_per_token, used + room_for_more) - used - room_for_more;
  entry_list result{outcome.tools, room};
  auto wants_schemas = request.detail == search_detail::fitting || request.detail == search_detail::schema;
  if (wants_schemas && !outcome.tools.empty())
    result.add_first_schema();
  result.add_names();
  if (request.detail != search_detail::names)
    result.add_signatures(result.schemas());
  if (wants_schemas)
    result.add_schemas(1);
  return result;
}

} // namespace

std::string minified(std::string_view json) {
  std::string result;
  result.reserve(json.size());
  auto in_string = false;
  for (size_t i = 0; i < json.size(); ++i) {
    auto c = json[i];
    if (in_string && c == '\\' && i + 1 < json.size()) {
      result += c;
      result += json[++i];
      continue;
    }
    if (c == '"')
      in_string = !in_string;
    if (in_string || (c != ' ' && c != '\t' && c != '\n' && c != '\r'))
      result += c;
  }
  return result;
}

std::string compose_search_reply(const search_request& request, const search_outcome& outcome) {
  std::string result{"{"};
  add_member(result, "found", std::to_string(outcome.total));
  add_member(result, "query", rpc::quote(to_lower(request.query)));
  auto hint = outcome.hint.empty() ? std::string{} : rpc::quote(outcome.hint);
  auto entries = choose_entries(request, outcome, result.size() + hint.size());
  add_member(result, "tools", entries.text());
  if (!outcome.nearest_servers.empty())
    add_member(result, "nearest_servers", quoted_list(outcome.nearest_servers));
  if (!hint.empty())
    add_member(result, "hint", hint);
  if (auto more = more_text(request, outcome, entries); !more.empty())
    add_member(result, "more", rpc::quote(more));
  return result + '}';
}

} // namespace hub
