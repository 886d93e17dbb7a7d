#include "actors/audit/audit_chain.hpp"

#include "messages/hex.hpp"
#include "messages/rpc/json_scan.hpp"
#include "messages/sha256.hpp"

#include <algorithm>
#include <charconv>

namespace hub {

namespace {

constexpr std::string_view seal = ",\"hash\":\"";
constexpr size_t hash_size = 64;

/// The most files that are looked for.
constexpr int files_limit = 1000;

/// The part of a line that its hash is of; empty if it has none.
std::string_view sealed_part(std::string_view line) {
  auto tail = seal.size() + hash_size + 2;
  if (line.size() <= tail || !line.ends_with("\"}") || line.substr(line.size() - tail, seal.size()) != seal)
    return {};
  return line.substr(0, line.size() - tail);
}

} // namespace

void seal_line(std::string& to, std::string_view members, chain_position& position) {
  // The pieces are put together here, since a call of `append` for each costs as much as its bytes.
  char text[160];
  auto* end = text;
  auto add = [&end](std::string_view x) { end = std::ranges::copy(x, end).out; };
  auto start = to.size();
  ++position.number;
  add("{\"seq\":");
  end = std::to_chars(end, text + sizeof text, position.number).ptr;
  add(",");
  to.append(text, end).append(members);
  end = text;
  add(",\"prev\":\"");
  add(position.hash);
  add("\"");
  to.append(text, end);
  position.hash.resize(hash_size);
  write_hex(sha256_of(std::string_view{to}.substr(start)), position.hash.data());
  end = text;
  add(seal);
  add(position.hash);
  add("\"}");
  to.append(text, end);
}

std::optional<chain_position> read_position(std::string_view line) {
  if (sealed_part(line).empty())
    return std::nullopt;
  auto number = rpc::to_integer(rpc::member(line, "seq"));
  if (!number || *number < 1)
    return std::nullopt;
  return chain_position{static_cast<uint64_t>(*number), std::string{line.substr(line.size() - 2 - hash_size, hash_size)}};
}

std::optional<std::string> check_line(std::string_view line, chain_position& before, bool is_first) {
  auto here = read_position(line);
  if (!here)
    return "is no line of an audit";
  if (sha256_hex(sealed_part(line)) != here->hash)
    return "was changed: its hash is not that of its text";
  auto prev = rpc::unquote(rpc::member(line, "prev")).value_or("");
  auto taken_over = is_first && here->number > 1;
  if (!taken_over && here->number != before.number + 1)
    return "has the number " + std::to_string(here->number) + " where " + std::to_string(before.number + 1)
           + " should follow: lines are missing or were moved";
  if (!taken_over && prev != before.hash)
    return "does not follow the line before it: one of both was replaced";
  before = std::move(*here);
  return std::nullopt;
}

std::vector<std::filesystem::path> audit_files(const std::filesystem::path& newest) {
  std::vector<std::filesystem::path> result;
  std::error_code ignored;
  if (std::filesystem::exists(newest, ignored))
    result.push_back(newest);
  for (int i = 1; i < files_limit; ++i) {
    auto older = newest.string() + "." + std::to_string(i);
    if (!std::filesystem::exists(older, ignored))
      break;
    result.emplace_back(older);
  }
  std::ranges::reverse(result);
  return result;
}

} // namespace hub
