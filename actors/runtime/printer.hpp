#pragma once

#include <caf/behavior.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/event_based_actor.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hub {

/// Takes one line, without its end. Called on a shard: it must not block.
using line_sink = std::function<void(std::string_view)>;

/// What an actor may write to `caf::aout` without ending its line, in bytes;
/// longer lines are cut in pieces.
inline constexpr size_t printed_line_size_max = 8 * 1024;

struct printer_state {
  /// The line that an actor has not ended yet. An actor that ends is forgotten.
  std::unordered_map<uint64_t, std::string> lines;

  static constexpr const char* name = "printer";
};

/// Takes the place of the printer of CAF: what actors write to `caf::aout`, and
/// what CAF says about unhandled messages, down messages and exceptions, goes to
/// `sink` line by line and never to stdout, which may belong to a protocol.
/// Owned by the coordinator; redirections to files are ignored.
caf::behavior printer(caf::stateful_actor<printer_state>* self, line_sink sink);

} // namespace hub
