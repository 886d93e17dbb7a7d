#pragma once

#include "messages/cache.hpp"

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace hub {

/// Bounds of what is kept.
struct kept_limits {
  size_t entries = 1000;
  size_t bytes = 64 << 20;
};

/// Results until their time is up, their server is written to, or there are too many:
/// then those go that were not asked for the longest.
class kept_results {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit kept_results(kept_limits limits = {}) : limits_(limits) {
    // nop
  }

  /// The result under its own key or the common one, if it is fresh.
  looked_up find(const look_up& x, time_point now);

  /// Takes in what a read brought, if anything is to be kept.
  void end_read(read_ended x, time_point now);

  /// Forgets the results of a server, or all if the name is empty.
  results_dropped drop(const std::string& server);

  cache_figures_told figures() const;

  size_t entries() const noexcept {
    return by_key_.size();
  }

  size_t bytes() const noexcept {
    return bytes_;
  }

private:
  struct entry {
    sha256_digest key;
    std::string server;
    rpc_answer answer;
    time_point until;
    size_t weight;
  };

  using entry_list = std::list<entry>;

  struct server_part {
    cache_figures figures;
    std::unordered_set<sha256_digest, digest_hash> keys;
  };

  server_part& part_of(const std::string& server);
  entry* find_fresh(const sha256_digest& key, time_point now);
  void erase(entry_list::iterator i);

  kept_limits limits_;
  size_t bytes_ = 0;

  /// What was asked for last comes first.
  entry_list entries_;
  std::unordered_map<sha256_digest, entry_list::iterator, digest_hash> by_key_;
  std::map<std::string, server_part> servers_;
};

} // namespace hub
