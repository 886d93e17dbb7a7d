#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// Makes the name of each configured server into the prefix of its tools: what
/// is not an ASCII letter or digit becomes `_`, the second of two equal ones
/// gets `_2`, and none reads like `hub`, which is ours. Depends on the names and
/// their order alone.
std::vector<std::string> server_ids(std::span<const std::string> configured_names);

/// The longest name that clients take.
inline constexpr size_t exposed_name_limit = 64;

/// A tool by its server's place in the configuration and the name it has there.
struct listed_tool {
  uint32_t server;
  std::string_view name;
};

/// What a written tool name means.
struct resolved_name {
  enum class kind : uint8_t {
    /// The name of a tool as we expose it.
    exact,
    /// Not quite, but only one tool can be meant.
    forgiven,
    /// `server__tool` of a known server whose list does not hold the tool; the
    /// list may be old, or was never learned.
    unlisted,
    unknown,
  };

  kind how = kind::unknown;
  uint32_t server = 0;

  /// The name of the tool at its server; empty if unknown.
  std::string tool;

  /// Unless the name was exact or forgiven: up to five exposed names that come
  /// near, nearest first.
  std::vector<std::string> did_you_mean;
};

/// Translates between the names that clients see, `server__tool`, and the tools
/// of servers. It never changes once it is made.
class name_table {
public:
  /// What is shown of a tool must fit `[A-Za-z0-9_-]` and 64 characters. Names
  /// that do not fit get a short form that ends in a hash, so that equal
  /// configurations give equal names, whatever is connected or listed.
  name_table(std::span<const std::string> configured_names, std::span<const listed_tool> tools);

  /// The prefix of the tools of a server.
  const std::string& server_id(uint32_t server) const {
    return ids_[server];
  }

  /// The name under which clients see a tool, listed or not.
  std::string exposed_name(uint32_t server, std::string_view tool) const;

  /// Reads a tool name as a client or model wrote it. Beside exposed names it
  /// takes other cases, the configured server name, `.`, `/`, `-` or `:` in
  /// place of `__`, an `mcp__NAME__` or `hub__` in front, and the bare name of a tool that
  /// only one server has.
  resolved_name resolve(std::string_view written) const;

  /// How many different tools are listed.
  size_t size() const noexcept {
    return entries_.size();
  }

private:
  /// A listed tool; its name is a part of `names_`.
  struct entry {
    uint32_t server;
    uint32_t name_start;
    uint32_t name_size;
  };

  /// An entry by the hash of one of the keys under which it is found.
  struct keyed_entry {
    uint64_t hash;
    uint32_t entry;
  };

  using key_index = std::vector<keyed_entry>;

  std::string_view name_of(const entry& x) const {
    return std::string_view{names_}.substr(x.name_start, x.name_size);
  }

  std::string exposed_name_of(const entry& x) const {
    return exposed_name(x.server, name_of(x));
  }

  void add(const listed_tool& tool);

  bool find_exact(std::string_view written, resolved_name& result) const;

  /// Finds the only entry under `key`; none if there are several.
  bool find_only(const key_index& index, std::string_view key, resolved_name& result) const;

  /// Reads `server__tool` of a server that is configured.
  bool split(std::string_view written, resolved_name& result) const;

  std::vector<std::string> suggestions(std::string_view written) const;

  std::vector<std::string> configured_names_;
  std::vector<std::string> ids_;

  /// For each server the prefixes of other servers that its own tools might
  /// seem to have: `a` may list `b__c` while there is a server `a__b`.
  std::vector<std::vector<std::string>> foreign_prefixes_;

  /// The names of all entries, one after the other.
  std::string names_;

  std::vector<entry> entries_;
  key_index by_exposed_name_;
  key_index by_full_key_;
  key_index by_bare_key_;
};

} // namespace hub
