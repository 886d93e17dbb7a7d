#pragma once

#include "actors/auth/bearer_cell.hpp"
#include "messages/server_config.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace hub {

/// The configured servers by name, for those who need one in the middle of something
/// else, and the places of their tokens. Safe from any thread; `set` from one at a time.
class server_directory {
public:
  struct entry {
    server_config config;

    /// Where its token goes; null if it takes none from the hub, because it is not
    /// reached over HTTP or brings an `Authorization` of its own.
    std::shared_ptr<bearer_cell> cell;
  };

  explicit server_directory(const std::vector<server_config>& servers);

  /// Replaces all. A server that is reached as before keeps its cell.
  void set(const std::vector<server_config>& servers);

  /// Null if there is none.
  std::shared_ptr<const entry> find(const std::string& server) const;

private:
  using table = std::map<std::string, std::shared_ptr<const entry>>;

  std::atomic<std::shared_ptr<const table>> table_;
};

} // namespace hub
