#pragma once

#include "messages/memory.hpp"
#include "messages/reply.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace hub {

/// What was recalled for projects, and who waits for it. One search serves all that ask for a
/// project at the same time, and for a minute after.
class recalls {
public:
  using time = std::chrono::steady_clock::time_point;

  /// The most projects; the one recalled longest ago is forgotten.
  static constexpr size_t limit = 200;

  static constexpr std::chrono::seconds fresh_for{60};

  /// Answers `asker` if it is known, or keeps it. Returns whether a search is to be begun.
  bool ask(const std::string& project, reply<recalled> asker, time now);

  /// A search has ended; empty if nothing was found, or it failed.
  void found(const std::string& project, std::string text, time now);

  size_t size() const noexcept {
    return projects_.size();
  }

private:
  struct entry {
    std::string text;
    time at{};
    bool known = false;
    std::vector<reply<recalled>> askers;
  };

  std::map<std::string, entry> projects_;
};

} // namespace hub
