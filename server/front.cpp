#include "server/front.hpp"

#include "server/connection.hpp"

#include <algorithm>
#include <utility>

namespace hub {

front::front(shard& home, gate& way_in, const server_settings& settings, const hub_facts& facts,
             front_counters& counters)
  : home_(home), way_in_(way_in), settings_(settings), facts_(facts), counters_(counters),
    origins_{settings.host, settings.cors_origins}, timer_(home.context().get_executor()) {
  // nop
}

front::~front() {
  // Here, because `connection` is complete here only.
}

void front::admit(stream_socket socket, door_kind door) {
  auto x = std::make_shared<connection>(*this, std::move(socket), door);
  x->place = connections_.size();
  connections_.push_back(x);
  start_sweeping();
  x->start();
}

void front::release(connection& x) {
  auto at = x.place;
  if (at >= connections_.size() || connections_[at].get() != &x)
    return;
  auto gone = std::exchange(connections_[at], std::move(connections_.back()));
  if (connections_[at])
    connections_[at]->place = at;
  connections_.pop_back();
}

void front::close_all() {
  auto all = std::exchange(connections_, {});
  for (auto& x : all)
    x->close();
  timer_.cancel();
}

uint32_t front::in_sweeps(std::chrono::milliseconds time) const noexcept {
  auto sweep = settings_.sweep.count();
  return static_cast<uint32_t>(std::max<int64_t>(1, (time.count() + sweep - 1) / sweep));
}

void front::start_sweeping() {
  if (sweeping_)
    return;
  sweeping_ = true;
  timer_.expires_after(settings_.sweep);
  timer_.async_wait([this](boost::system::error_code failure) {
    if (failure)
      return;
    shard::scope woken{home_};
    sweep();
  });
}

void front::sweep() {
  ++now_;
  // A connection that closes leaves the list while it is walked over.
  swept_ = connections_;
  for (auto& x : swept_)
    x->sweep();
  swept_.clear();
  sweeping_ = false;
  if (!connections_.empty())
    start_sweeping();
}

} // namespace hub
