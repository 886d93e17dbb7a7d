#pragma once

#include "actors/pinning/tool_gate.hpp"
#include "messages/catalogue.hpp"
#include "messages/tool_changes.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// What clients get of a server's list of tools.
struct pinned_catalogue {
  /// What the server told, or a copy in which what is held is as it was pinned.
  catalogue_ptr shown;

  /// Null where nothing is held back, which is so without `hold`.
  std::shared_ptr<const tool_gate> gate;

  /// Tools that are other than pinned, with what was pinned.
  std::vector<reviewed_tool> changes;

  /// Tools that were pinned now, as the server has them.
  std::vector<json_text> first_seen;

  /// Whether pins were made, moved or forgotten, so that the disk should know.
  bool pins_changed = false;
};

/// The definitions of one server's tools as they were when they were first seen or
/// approved. A tool that disappears keeps its pin, so that it cannot come back as
/// another one unseen.
class server_pins {
public:
  /// The most pins; beyond them those of tools that are gone are forgotten.
  static constexpr size_t limit = 20'000;

  /// Compares what the server tells with the pins, and pins what is new: all of the
  /// first list; later ones only where the policy is not `hold`. `pass` moves pins.
  /// @param now Seconds since 1970.
  pinned_catalogue compare(const catalogue_ptr& told, change_policy policy, int64_t now);

  /// Pins `tool` as the server has it, or all its tools if `tool` is empty. Returns
  /// how many pins that made or moved.
  size_t approve(const server_catalogue& told, std::string_view tool, int64_t now);

  /// Whether any list was ever seen.
  bool known() const noexcept {
    return known_;
  }

  /// As JSON, for the disk, and back; broken text is no pins.
  std::string write() const;
  static server_pins read(const json_text& text);

private:
  struct pin {
    json_text definition;
    std::string digest;
    int64_t at = 0;
  };

  bool forget_gone(const server_catalogue& told);

  std::map<std::string, pin, std::less<>> pins_;
  bool known_ = false;
};

/// The pins of all servers, by their configured names.
using pin_book = std::map<std::string, server_pins>;

/// The name of a tool, from its definition.
std::string name_of_tool(const json_text& tool);

} // namespace hub
