#include "server/session_streams.hpp"

#include <algorithm>
#include <utility>

namespace hub {

bool session_streams::make_place() {
  auto i = std::ranges::find_if(streams_, [](auto& x) { return x->delivered(); });
  if (i == streams_.end())
    return false;
  streams_.erase(i);
  return true;
}

std::shared_ptr<resumable_stream> session_streams::open(std::string name, bool of_session) {
  if (streams_.size() >= streams_limit && !make_place())
    return nullptr;
  return streams_.emplace_back(std::make_shared<resumable_stream>(std::move(name), of_session));
}

std::shared_ptr<resumable_stream> session_streams::find(std::string_view name) const noexcept {
  auto i = std::ranges::find_if(streams_, [name](auto& x) { return x->name() == name; });
  return i != streams_.end() ? *i : nullptr;
}

void session_streams::forget(const std::shared_ptr<resumable_stream>& stream) {
  std::erase(streams_, stream);
  if (auto tell = std::exchange(stream->on_forgotten, nullptr))
    tell();
}

void session_streams::trim() {
  size_t kept = 0;
  auto newest = true;
  for (auto i = streams_.end(); i != streams_.begin();) {
    --i;
    if (!(*i)->delivered())
      continue;
    kept += (*i)->bytes();
    if (!std::exchange(newest, false) && kept > delivered_limit)
      i = streams_.erase(i);
  }
}

void session_streams::sweep(uint32_t now, const limits& limit) {
  std::vector<std::shared_ptr<resumable_stream>> late;
  for (auto& x : streams_)
    if (!x->viewed() && now - x->alone_since() > (x->delivered() ? limit.delivered : limit.alone))
      late.push_back(x);
  for (auto& x : late)
    forget(x);
}

} // namespace hub
