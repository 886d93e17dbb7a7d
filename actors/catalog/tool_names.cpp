#include "actors/catalog/tool_names.hpp"

#include "actors/catalog/code_points.hpp"
#include "actors/catalog/name_hash.hpp"
#include "actors/catalog/spelling.hpp"
#include "messages/edit_distance.hpp"
#include "actors/catalog/text_analysis.hpp"

#include <algorithm>
#include <cstdio>
#include <unordered_set>

namespace hub {

namespace {

constexpr std::string_view separator = "__";

/// Of a long server name this much stays in a short form.
constexpr size_t short_id_limit = 24;

/// `_` and eight digits.
constexpr size_t hash_size = 9;

constexpr size_t suggestion_limit = 5;

/// Longer names are no names; what is behind this is not read.
constexpr size_t written_size_limit = 512;

/// How many things that clients and models put in front are taken away.
constexpr size_t prefix_limit = 2;

/// Names less alike than this are no suggestion.
constexpr double suggestion_similarity = 0.25;

bool is_alphanumeric(char32_t c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// `text` with each character that is not an ASCII letter, digit or in
/// `others` made into `_`.
std::string plain(std::string_view text, std::string_view others) {
  std::string result;
  while (!text.empty()) {
    auto c = take_code_point(text);
    auto stays = is_alphanumeric(c) || (c < 0x80 && others.find(static_cast<char>(c)) != std::string_view::npos);
    result += stays ? static_cast<char>(c) : '_';
  }
  return result;
}

/// Whether the tools of a server with this prefix would look like ours.
bool is_reserved(std::string_view id) {
  return to_lower(std::string{id} + "__").starts_with("hub__");
}

/// What replaces a reserved prefix, which needs a number still if it is "hub".
std::string unreserved(std::string_view id) {
  std::string result{id.substr(0, 3)};
  auto rest = id.find_first_not_of('_', 3);
  if (rest != std::string_view::npos)
    result.append("_").append(id.substr(rest));
  return result;
}

template <class Index>
void sort_keys(Index& index) {
  std::sort(index.begin(), index.end(),
            [](const auto& a, const auto& b) { return a.hash != b.hash ? a.hash < b.hash : a.entry < b.entry; });
  index.shrink_to_fit();
}

template <class Index>
auto find_keys(const Index& index, std::string_view key) {
  auto hash = name_hash(key);
  auto first = std::lower_bound(index.begin(), index.end(), hash,
                                [](const auto& x, uint64_t wanted) { return x.hash < wanted; });
  auto last = first;
  while (last != index.end() && last->hash == hash)
    ++last;
  return std::pair{first, last};
}

/// The name without what clients and models put before the names of all tools
/// of a hub, `mcp__NAME__` or `hub__`; empty if it is not there.
std::string_view without_hub_prefix(std::string_view written) {
  constexpr std::string_view own_prefix = "hub__";
  if (written.starts_with(own_prefix))
    return written.substr(own_prefix.size());
  constexpr std::string_view prefix = "mcp__";
  if (!written.starts_with(prefix))
    return {};
  auto end = written.find(separator, prefix.size());
  return end == std::string_view::npos ? std::string_view{} : written.substr(end + separator.size());
}

/// The part of a written name that is likely to be the tool.
std::string_view tool_part(std::string_view written) {
  if (auto i = written.rfind(separator); i != std::string_view::npos)
    return written.substr(i + separator.size());
  auto i = written.find_last_of("./:");
  return i == std::string_view::npos ? written : written.substr(i + 1);
}

} // namespace

std::vector<std::string> server_ids(std::span<const std::string> configured_names) {
  std::vector<std::string> result;
  std::unordered_set<std::string> taken;
  for (auto& name : configured_names) {
    auto id = plain(name, {});
    if (id.empty())
      id = "server";
    if (is_reserved(id))
      id = unreserved(id);
    auto unique = id;
    for (size_t n = 2; is_reserved(unique) || !taken.insert(unique).second; ++n)
      unique = id + '_' + std::to_string(n);
    result.push_back(std::move(unique));
  }
  return result;
}

name_table::name_table(std::span<const std::string> configured_names, std::span<const listed_tool> tools)
  : configured_names_(configured_names.begin(), configured_names.end()),
    ids_(server_ids(configured_names)),
    foreign_prefixes_(ids_.size()) {
  for (size_t i = 0; i < ids_.size(); ++i) {
    auto beginning = ids_[i] + '_';
    for (auto& other : ids_)
      if (other.starts_with(beginning))
        foreign_prefixes_[i].push_back(other + std::string{separator});
  }
  for (auto& tool : tools)
    add(tool);
  names_.shrink_to_fit();
  entries_.shrink_to_fit();
  sort_keys(by_exposed_name_);
  sort_keys(by_full_key_);
  sort_keys(by_bare_key_);
}

void name_table::add(const listed_tool& tool) {
  auto index = static_cast<uint32_t>(entries_.size());
  entries_.push_back(
    {tool.server, static_cast<uint32_t>(names_.size()), static_cast<uint32_t>(tool.name.size())});
  names_.append(tool.name);
  auto exposed = exposed_name(tool.server, tool.name);
  by_exposed_name_.push_back({name_hash(exposed), index});
  auto key = identifier_key(exposed);
  by_full_key_.push_back({name_hash(key), index});
  auto written_out = identifier_key(configured_names_[tool.server] + '_' + std::string{tool.name});
  if (written_out != key && !is_reserved(configured_names_[tool.server]))
    by_full_key_.push_back({name_hash(written_out), index});
  by_bare_key_.push_back({name_hash(identifier_key(tool.name)), index});
}

std::string name_table::exposed_name(uint32_t server, std::string_view tool) const {
  auto& id = ids_[server];
  auto shown = plain(tool, "_-");
  auto result = id + std::string{separator} + shown;
  auto& foreign = foreign_prefixes_[server];
  auto seems_foreign
    = std::any_of(foreign.begin(), foreign.end(), [&](const std::string& x) { return result.starts_with(x); });
  if (!seems_foreign && !tool.empty() && shown == tool && result.size() <= exposed_name_limit)
    return result;
  char hash[hash_size + 1];
  auto whole = configured_names_[server] + '\0' + std::string{tool};
  std::snprintf(hash, sizeof(hash), "_%08x", static_cast<unsigned>(name_hash(whole) ^ name_hash(whole) >> 32));
  auto room = exposed_name_limit - hash_size;
  result = id;
  if (id.size() + separator.size() + shown.size() > room)
    result.resize(std::min(id.size(), std::max(short_id_limit, room - std::min(room, separator.size() + shown.size()))));
  // One `_` instead of two keeps clear of the other server's prefix.
  result += seems_foreign ? separator.substr(1) : separator;
  result += shown;
  result.resize(std::min(result.size(), room));
  return result + hash;
}

bool name_table::find_exact(std::string_view written, resolved_name& result) const {
  auto [first, last] = find_keys(by_exposed_name_, written);
  for (auto i = first; i != last; ++i) {
    auto& found = entries_[i->entry];
    if (exposed_name_of(found) != written)
      continue;
    result.how = resolved_name::kind::exact;
    result.server = found.server;
    result.tool = name_of(found);
    return true;
  }
  return false;
}

bool name_table::find_only(const key_index& index, std::string_view key, resolved_name& result) const {
  auto [first, last] = find_keys(index, key);
  if (first == last)
    return false;
  auto& found = entries_[first->entry];
  // A server may list a tool twice; that is still one tool.
  auto is_same = [&](const keyed_entry& x) {
    return entries_[x.entry].server == found.server && name_of(entries_[x.entry]) == name_of(found);
  };
  if (!std::all_of(first, last, is_same))
    return false;
  result.how = resolved_name::kind::forgiven;
  result.server = found.server;
  result.tool = name_of(found);
  return true;
}

bool name_table::split(std::string_view written, resolved_name& result) const {
  size_t longest = 0;
  for (uint32_t i = 0; i < ids_.size(); ++i) {
    for (auto name : {&ids_[i], &configured_names_[i]}) {
      auto size = name->size() + separator.size();
      if (is_reserved(*name) || size <= longest || written.size() <= size || !written.starts_with(*name + std::string{separator}))
        continue;
      longest = size;
      result.server = i;
      result.tool = written.substr(size);
    }
  }
  if (longest > 0)
    result.how = resolved_name::kind::unlisted;
  return longest > 0;
}

std::vector<std::string> name_table::suggestions(std::string_view written) const {
  struct candidate {
    double similarity;
    uint32_t entry;
  };
  std::vector<candidate> near;
  trigrams whole{identifier_key(written)};
  auto bare_key = identifier_key(tool_part(written));
  trigrams bare{bare_key};
  std::vector<std::string> id_keys;
  for (auto& id : ids_)
    id_keys.push_back(to_lower(id));
  for (uint32_t i = 0; i < entries_.size(); ++i) {
    auto tool = identifier_key(name_of(entries_[i]));
    auto full = id_keys[entries_[i].server] + '_' + tool;
    auto similarity = std::max(bare.similarity(tool), whole.similarity(full));
    // One typing error hurts many of the trigrams of a short name.
    if (edit_distance(bare_key, tool, 2) <= (bare_key.size() < 6 ? 1 : 2))
      similarity = std::max(similarity, 0.75);
    if (similarity >= suggestion_similarity)
      near.push_back({similarity, i});
  }
  auto shown = std::min(near.size(), suggestion_limit);
  std::partial_sort(near.begin(), near.begin() + static_cast<ptrdiff_t>(shown), near.end(),
                    [](const candidate& a, const candidate& b) {
                      return a.similarity != b.similarity ? a.similarity > b.similarity : a.entry < b.entry;
                    });
  std::vector<std::string> result;
  for (size_t i = 0; i < shown; ++i)
    result.push_back(exposed_name_of(entries_[near[i].entry]));
  return result;
}

resolved_name name_table::resolve(std::string_view written) const {
  resolved_name result;
  written = utf8_prefix(written, written_size_limit);
  for (size_t prefixes = 0; prefixes <= prefix_limit; ++prefixes) {
    if (find_exact(written, result)) {
      if (prefixes > 0)
        result.how = resolved_name::kind::forgiven;
      return result;
    }
    if (find_only(by_full_key_, identifier_key(written), result))
      return result;
    if (split(written, result)) {
      result.did_you_mean = suggestions(written);
      return result;
    }
    auto rest = without_hub_prefix(written);
    if (rest.empty())
      break;
    written = rest;
  }
  if (!find_only(by_bare_key_, identifier_key(written), result))
    result.did_you_mean = suggestions(written);
  return result;
}

} // namespace hub
