#pragma once

#include "actors/catalog/snapshot.hpp"
#include "actors/pinning/server_pins.hpp"
#include "messages/tool_changes.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hub {

class tool_owners;

/// Stands between what servers tell of their tools and what clients see: pins
/// definitions at first sight, holds changed ones back where the policy says so, and
/// finds suspicious ones. It takes nothing away for being suspicious.
class tool_review {
public:
  /// @param pins What was pinned in runs before.
  explicit tool_review(pin_book pins = {});

  /// Fills in `catalogue` and `gate` of a server from what it `told`. Does nothing
  /// for one that told nothing yet.
  /// @param now Seconds since 1970.
  void show(known_server& server, int64_t now);

  /// The pins of servers that have changed since this was asked last, for the disk.
  std::vector<keep_pins> take_changed_pins();

  /// Sentences for the log about what `show` met since this was asked last.
  std::vector<std::string> take_news();

  /// The answer for `list_tool_changes`.
  /// @param servers Those that were shown, since the last of them was.
  /// @param only Nothing but this one; empty for all.
  tool_changes_listed list(const std::vector<known_server>& servers, const std::string& only);

  /// Has the next `list` made anew, because servers are gone.
  void servers_changed() {
    listed_.reset();
  }

  /// The answer for `approve_tools`. What is shown changes with the next `show`.
  tools_approved approve(const std::vector<known_server>& servers, const approve_tools& what, int64_t now);

private:
  struct entry {
    std::vector<reviewed_tool> changes;

    /// What `changes` was made of.
    catalogue_ptr told;

    /// By digest, so that a change is told once.
    std::map<std::string, std::string> told_of;
  };

  server_review review_of(const known_server& server, const tool_owners& owners);

  void tell(const known_server& server, const pinned_catalogue& found, entry& e);

  pin_book pins_;
  std::map<std::string, entry> entries_;
  std::vector<std::string> changed_;
  std::vector<std::string> news_;

  /// What is suspicious in the tools of a catalogue, by place; found when it is asked for.
  struct suspicions {
    catalogue_ptr of;
    std::map<size_t, std::vector<std::string>> by_tool;
  };
  std::map<std::string, suspicions> suspicions_;

  /// What `list` found, until something changes: `status` asks often.
  std::optional<std::vector<server_review>> listed_;
};

} // namespace hub
