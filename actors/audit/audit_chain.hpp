#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// Where a chain of lines has got to.
struct chain_position {
  /// The number of the last line; 0 before the first.
  uint64_t number = 0;

  /// Its hash, or 64 zeros before the first.
  std::string hash = std::string(64, '0');
};

/// Appends the next line of a chain, without a line end: `{"seq":…,MEMBERS,"prev":"…","hash":"…"}`, where `hash`
/// is the SHA-256 of everything in front of `,"hash"`. Whoever changes, inserts or removes
/// a line has to make all later ones anew.
/// @param members JSON members without braces; they hold no line feed.
void seal_line(std::string& to, std::string_view members, chain_position& position);

/// The number and hash of a line; nothing if it is none.
std::optional<chain_position> read_position(std::string_view line);

/// What is wrong with a line behind `before`; nothing if it is the next one. Moves on.
/// @param is_first Whether lines before it were rotated away, so that its `prev` is taken as it is.
std::optional<std::string> check_line(std::string_view line, chain_position& before, bool is_first);

/// The files of an audit, oldest first: `audit.jsonl.N` to `audit.jsonl.1`, `audit.jsonl`.
std::vector<std::filesystem::path> audit_files(const std::filesystem::path& newest);

} // namespace hub
