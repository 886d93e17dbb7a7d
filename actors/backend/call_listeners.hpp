#pragma once

#include "messages/backend.hpp"

#include <cstddef>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hub {

/// Who hears of the progress of a call beside its own client: those who wait for the
/// same answer. Each has its own token and level.
class call_listeners {
public:
  void join(join_call x) {
    by_call_[x.call].push_back(std::move(x));
  }

  void leave(const leave_call& x) {
    auto i = by_call_.find(x.call);
    if (i == by_call_.end())
      return;
    std::erase_if(i->second, [&x](const join_call& y) { return y.listener == x.listener; });
    if (i->second.empty())
      by_call_.erase(i);
  }

  /// The call is over.
  void forget(call_id call) {
    if (!by_call_.empty())
      by_call_.erase(call);
  }

  /// Calls `f(const join_call&)` for each who listens to `call`.
  template <class F>
  void for_each(call_id call, F&& f) const {
    if (by_call_.empty())
      return;
    if (auto i = by_call_.find(call); i != by_call_.end())
      for (auto& x : i->second)
        f(x);
  }

private:
  std::unordered_map<call_id, std::vector<join_call>> by_call_;
};

} // namespace hub
