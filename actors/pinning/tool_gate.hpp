#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace hub {

/// Which tools of a server under `hold` may be called: those that are as they were
/// pinned. Immutable once published.
class tool_gate {
public:
  void open(std::string tool) {
    open_.insert(std::move(tool));
  }

  bool lets_through(std::string_view tool) const {
    return open_.contains(tool);
  }

private:
  std::set<std::string, std::less<>> open_;
};

} // namespace hub
