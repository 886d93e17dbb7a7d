#include "actors/slm/mesh_table.hpp"

#include <algorithm>
#include <utility>

namespace hub {

namespace {

constexpr size_t broadcast_bytes = 1024;
constexpr size_t digest_bytes = 512;

} // namespace

void use_digest::used(const std::string& server, bool failed) {
  if (uses_.size() >= servers_max && !uses_.contains(server))
    return;
  auto& x = uses_[server];
  ++x.calls;
  x.failed += failed ? 1 : 0;
}

std::string use_digest::take(time now, std::chrono::seconds pause) {
  std::vector<std::pair<std::string, use>> most{uses_.begin(), uses_.end()};
  std::ranges::sort(most, [](auto& a, auto& b) { return a.second.calls > b.second.calls; });
  std::string result;
  for (auto& [server, x] : most) {
    if (result.size() > digest_bytes)
      break;
    result += (result.empty() ? "" : ", ") + server + " " + std::to_string(x.calls);
    if (x.failed != 0)
      result += " (" + std::to_string(x.failed) + " failed)";
  }
  uses_.clear();
  due_ = now + pause;
  return result;
}

void mesh_table::registered(std::string id, time now) {
  // What is used first is not told at once: a digest of one call would take the place of one of many.
  if (!was_registered_)
    shared_.wait_until(now + between_shared_);
  was_registered_ = true;
  self_ = std::move(id);
  beat_at_ = now + heartbeat;
}

void mesh_table::forgotten() {
  self_.clear();
  peers_.clear();
}

void mesh_table::announce(std::string text) {
  if (std::ranges::find(announcements_, text) != announcements_.end())
    return;
  if (announcements_.size() < announcements_max)
    announcements_.push_back(std::move(text));
  else
    ++left_out_;
}

void mesh_table::used(const std::string& server, bool failed) {
  summarized_.used(server, failed);
  if (between_shared_.count() > 0)
    shared_.used(server, failed);
}

std::optional<std::string> mesh_table::broadcast(time now) {
  // A hub that is alone tells nobody, and takes nobody's place in what the mesh keeps.
  auto tells_use = shared_.is_due(now) && !peers_.empty();
  if (self_.empty() || now < broadcast_at_ || (announcements_.empty() && !tells_use))
    return std::nullopt;
  std::string result;
  for (auto& x : announcements_) {
    if (result.size() + x.size() > broadcast_bytes) {
      ++left_out_;
      continue;
    }
    result.append(result.empty() ? "" : "; ").append(x);
  }
  if (left_out_ != 0)
    result += "; and " + std::to_string(left_out_) + " more";
  announcements_.clear();
  left_out_ = 0;
  if (tells_use)
    result.append(result.empty() ? "used: " : "; used: ").append(shared_.take(now, between_shared_));
  broadcast_at_ = now + between_broadcasts;
  return result;
}

std::optional<std::string> mesh_table::digest(time now) {
  if (self_.empty() || !summarized_.is_due(now))
    return std::nullopt;
  return summarized_.take(now, between_digests);
}

void mesh_table::set_peers(std::vector<mesh_peer> peers) {
  std::erase_if(peers, [this](const mesh_peer& x) { return x.id == self_; });
  if (peers.size() > peers_max)
    peers.resize(peers_max);
  peers_ = std::move(peers);
}

std::vector<int64_t> mesh_table::add(std::vector<mesh_message> messages) {
  std::vector<int64_t> result;
  for (auto& x : messages) {
    auto known = std::ranges::any_of(messages_, [&](auto& y) { return y.id == x.id; });
    if (known)
      continue;
    result.push_back(x.id);
    messages_.push_back(std::move(x));
    if (messages_.size() > messages_max)
      messages_.pop_front();
  }
  return result;
}

} // namespace hub
