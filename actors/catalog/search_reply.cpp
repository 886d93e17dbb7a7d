#include "actors/catalog/search_reply.hpp"

#include "actors/catalog/schema_outline.hpp"
#include "actors/catalog/text_analysis.hpp"
#include "actors/catalog/tool_signature.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>

namespace hub {

namespace {

constexpr size_t bytes_per_token = 4;

/// What is kept for `more`, so that it is within the budget too.
constexpr size_t room_for_more = 220;

/// How much of a query is told again, in bytes.
constexpr size_t query_limit = 100;

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

std::string schema_entry(const found_tool& tool, std::string_view description, const fitted_schema& schema) {
  auto result = name_entry(tool);
  add_member(result, "description", rpc::quote(description));
  add_member(result, "inputSchema", schema.json);
  if (!schema.left_out.empty())
    add_member(result, "left_out", rpc::quote(schema.left_out));
  return result + '}';
}

std::string schema_entry(const found_tool& tool) {
  return schema_entry(tool, tool.description, *fit_schema(tool.input_schema, SIZE_MAX, schema_cut::nothing));
}

/// The beginning of a text.
std::string beginning(std::string_view text, size_t limit) {
  return text.size() <= limit ? std::string{text} : std::string{utf8_prefix(text, limit)} + "\u2026";
}

/// An entry with as much of the schema and of the description as has room; nothing if not even the
/// required properties have.
std::optional<std::string> shortened_entry(const found_tool& tool, size_t room) {
  struct step {
    size_t description;
    schema_cut cut;
  };
  // What a tool does in its first words is worth more than what its author says further on, but less than how it is called.
  constexpr step steps[] = {{SIZE_MAX, schema_cut::optional_texts},
                            {400, schema_cut::optional_texts},
                            {400, schema_cut::optional_properties},
                            {120, schema_cut::all_but_types}};
  constexpr size_t room_for_words = 120;
  for (auto& [limit, cut] : steps) {
    auto description = beginning(tool.description, limit);
    auto rest = schema_entry(tool, description, {}).size() + room_for_words;
    if (rest >= room)
      continue;
    if (auto schema = fit_schema(tool.input_schema, room - rest, cut))
      return schema_entry(tool, description, *schema);
  }
  return std::nullopt;
}

/// Chooses how each tool is shown within a number of bytes.
class entry_list {
public:
  entry_list(std::span<const found_tool> tools, size_t room) : tools_(tools), room_(room) {
    // nop
  }

  /// Puts the best tool in with its schema, or with what of it leaves the others room for their names.
  void add_first_schema() {
    auto& best = tools_.front();
    auto names = std::accumulate(tools_.begin() + 1, tools_.end(), size_t{0}, [](size_t sum, const found_tool& x) {
      return sum + name_entry(x).size() + 2;
    });
    auto room = room_ - std::min(names, room_ / 4);
    if (auto whole = schema_entry(best); whole.size() < room) {
      add(std::move(whole));
      ++schemas_;
    } else if (auto part = shortened_entry(best, room)) {
      add(std::move(*part));
    } else if (auto signature = signature_entry(best); signature.size() < room) {
      add(std::move(signature));
    } else {
      return;
    }
    described_ = 1;
  }

  /// Names the other tools, as many as there is room for, but one tool at least.
  void add_names() {
    for (auto& tool : tools_.subspan(entries_.size())) {
      auto entry = name_entry(tool) + '}';
      if (!entries_.empty() && used_ + entry.size() + 1 > room_)
        break;
      add(std::move(entry));
    }
  }

  void add_signatures() {
    for (auto i = described_; i < entries_.size(); ++i)
      replace(i, signature_entry(tools_[i]));
  }

  /// Puts in schemas, best tool first; later ones where a larger one did not fit.
  void add_schemas() {
    for (auto i = described_; i < entries_.size(); ++i)
      if (replace(i, schema_entry(tools_[i])))
        ++schemas_;
  }

  size_t size() const {
    return entries_.size();
  }

  /// How many entries have their whole schema.
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

  /// How many of the first entries are as they stay.
  size_t described_ = 0;
  std::vector<std::string> entries_;
};

/// How to get at what the reply leaves out; empty if it leaves out nothing.
std::string more_text(const search_request& request, const search_outcome& outcome, const entry_list& entries) {
  std::string result;
  if (entries.schemas() < entries.size())
    result = R"(For a whole inputSchema search again with the exact tool name as query, detail:"schema" and limit:1.)";
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
    result.add_signatures();
  if (wants_schemas)
    result.add_schemas();
  return result;
}

} // namespace

std::string compose_search_reply(const search_request& request, const search_outcome& outcome) {
  std::string result{"{"};
  add_member(result, "found", std::to_string(outcome.total));
  add_member(result, "query", rpc::quote(to_lower(beginning(request.query, query_limit))));
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
