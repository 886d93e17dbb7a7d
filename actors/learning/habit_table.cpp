#include "actors/learning/habit_table.hpp"

#include "actors/catalog/name_hash.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace hub {

namespace {

/// Goes on with a hash of FNV-1a. What comes before is told from what follows.
constexpr uint64_t go_on(uint64_t hash, std::string_view text) noexcept {
  hash = (hash ^ 0xff) * 0x100000001b3;
  for (auto c : text)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

} // namespace

uint64_t habit_tool(std::string_view server, std::string_view tool) noexcept {
  return go_on(name_hash(server), tool);
}

uint64_t habit_context(habit_kind what, std::string_view project, std::string_view of) noexcept {
  auto kind = static_cast<char>(what);
  return go_on(go_on(name_hash({&kind, 1}), project), of);
}

uint64_t habit_next(std::string_view project, uint64_t tool) noexcept {
  std::array<char, sizeof tool> bytes{};
  for (auto& x : bytes) {
    x = static_cast<char>(tool & 0xff);
    tool >>= 8;
  }
  return habit_context(habit_kind::next, project, {bytes.data(), bytes.size()});
}

float habit_table::found::weight_of(uint64_t tool) const noexcept {
  auto i = std::ranges::lower_bound(tools, tool, {}, &entry::tool);
  return i != tools.end() && i->tool == tool ? i->weight : 0;
}

habit_table::habit_table(std::map<std::string, std::string, std::less<>> folders) : folders_(std::move(folders)) {
  // nop
}

void habit_table::add(uint64_t hash, std::vector<entry> tools) {
  std::ranges::sort(tools, {}, &entry::tool);
  context added{hash, static_cast<uint32_t>(entries_.size()), static_cast<uint32_t>(tools.size()), 0};
  for (auto& x : tools)
    added.sum += x.weight;
  entries_.insert(entries_.end(), tools.begin(), tools.end());
  contexts_.push_back(added);
}

void habit_table::seal() {
  std::ranges::sort(contexts_, {}, &context::hash);
}

habit_table::found habit_table::find(uint64_t hash) const noexcept {
  auto i = std::ranges::lower_bound(contexts_, hash, {}, &context::hash);
  if (i == contexts_.end() || i->hash != hash)
    return {};
  return {{entries_.data() + i->first, i->count}, i->sum};
}

std::string_view habit_table::kind_of(std::string_view folder) const noexcept {
  auto i = folders_.find(folder);
  return i != folders_.end() ? std::string_view{i->second} : std::string_view{};
}

} // namespace hub
