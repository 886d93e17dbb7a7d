#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

namespace hub {

/// Texts that may be read for a while, each by its owner alone. When there is no room, those go
/// that were read longest ago.
class kept_texts {
public:
  using clock = std::chrono::steady_clock;

  struct limits {
    size_t entries = 256;
    size_t bytes = 64 * 1024 * 1024;
    std::chrono::minutes life{30};
  };

  kept_texts() = default;

  explicit kept_texts(limits x) : limits_(x) {
    // nop
  }

  /// Keeps a text. One that is larger than all room is not kept.
  /// @return Whether it is kept.
  bool add(std::string token, std::string owner, std::string text, clock::time_point now);

  /// A text of this owner; null if there is none, or no longer. Its life begins anew.
  std::shared_ptr<const std::string> find(const std::string& token, const std::string& owner, clock::time_point now);

  size_t bytes() const noexcept {
    return bytes_;
  }

private:
  struct entry {
    std::string token;
    std::string owner;
    std::shared_ptr<const std::string> text;
    clock::time_point used;
  };

  using entries = std::list<entry>;

  void drop(entries::iterator x);
  void expire(clock::time_point now);

  limits limits_;

  /// The one that was read last is the first.
  entries entries_;
  std::unordered_map<std::string, entries::iterator> index_;
  size_t bytes_ = 0;
};

} // namespace hub
