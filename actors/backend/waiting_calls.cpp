#include "actors/backend/waiting_calls.hpp"

#include <algorithm>
#include <utility>

namespace hub {

void waiting_calls::add(backend_request x) {
  ++size_;
  auto* client = x.client.get();
  auto i = std::ranges::find(lines_, client, &line::client);
  if (i == lines_.end())
    i = lines_.insert(i, line{client, {}});
  i->calls.push_back(std::move(x));
}

std::optional<backend_request> waiting_calls::next() {
  if (lines_.empty())
    return std::nullopt;
  auto turn = std::move(lines_.front());
  lines_.pop_front();
  auto result = std::move(turn.calls.front());
  turn.calls.pop_front();
  if (!turn.calls.empty())
    lines_.push_back(std::move(turn));
  --size_;
  return result;
}

bool waiting_calls::remove(call_id call) {
  for (auto i = lines_.begin(); i != lines_.end(); ++i)
    if (std::erase_if(i->calls, [call](auto& x) { return x.call == call; }) != 0) {
      if (i->calls.empty())
        lines_.erase(i);
      --size_;
      return true;
    }
  return false;
}

std::vector<call_id> waiting_calls::clear() {
  std::vector<call_id> result;
  for (auto& line : std::exchange(lines_, {}))
    for (auto& x : line.calls)
      result.push_back(x.call);
  size_ = 0;
  return result;
}

} // namespace hub
