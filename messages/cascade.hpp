#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hub {

/// One tool of a cascade.
struct cascade_tool {
  /// The configured name of the server.
  std::string server;

  /// As its server names it.
  std::string tool;

  /// What the cascade's arguments are called here; nothing for those that are left out. Others
  /// are called the same.
  std::vector<std::pair<std::string, std::optional<std::string>>> arguments{};

  /// Members, as JSON, that it always gets.
  std::vector<std::pair<std::string, std::string>> fixed{};

  bool operator==(const cascade_tool&) const = default;
};

/// Tools that do the same for different prices: a call of one may go to another.
struct cascade {
  std::string name;

  /// Of those that cost the same, the first counts.
  std::vector<cascade_tool> tools;

  bool operator==(const cascade&) const = default;
};

using cascade_list = std::vector<cascade>;

/// Null for no cascades.
using cascades_ptr = std::shared_ptr<const cascade_list>;

} // namespace hub
