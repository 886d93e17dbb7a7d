#include "server/front.hpp"

#include "server/connection.hpp"

#include <algorithm>
#include <charconv>
#include <random>
#include <utility>

namespace hub {

namespace {

std::string to_hex(uint64_t value) {
  char digits[16];
  return {digits, std::to_chars(digits, digits + sizeof(digits), value, 16).ptr};
}

} // namespace

front::front(shard& home, gate& way_in, const server_settings& settings, const hub_facts& facts,
             front_counters& counters)
  : home_(home), way_in_(way_in), settings_(settings), facts_(facts), counters_(counters),
    rates_(settings.rate), contexts_(settings.permissions), origins_{settings.host, settings.cors_origins},
    timer_(home.context().get_executor()), moment_timer_(home.context().get_executor()),
    run_(to_hex(std::random_device{}())), streams_(home.index()) {
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

std::shared_ptr<resumable_stream> front::open_stream(const std::shared_ptr<known_session>& session,
                                                     exchange_id source, bool of_session) {
  auto result = session->streams.open(run_ + "." + to_hex(source), of_session);
  if (result && !std::exchange(session->streams.swept, true))
    streaming_.push_back(session);
  return result;
}

std::shared_ptr<front> front::owner_of(std::string_view stream) const noexcept {
  auto shard = shard_of_stream(stream);
  return shard && *shard < all_.size() ? all_[*shard].lock() : nullptr;
}

void front::close_all() {
  auto all = std::exchange(connections_, {});
  for (auto& x : all)
    x->close();
  streaming_.clear();
  timer_.cancel();
  moment_timer_.cancel();
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

void front::expect_moment() {
  if (expects_moment_)
    return;
  expects_moment_ = true;
  moment_timer_.expires_after(settings_.moment);
  moment_timer_.async_wait([this](boost::system::error_code failure) {
    if (failure)
      return;
    shard::scope woken{home_};
    pass_moment();
  });
}

void front::pass_moment() {
  ++moments_;
  expects_moment_ = false;
  auto another = false;
  // A connection that closes leaves the list while it is walked over.
  swept_ = connections_;
  for (auto& x : swept_)
    another |= x->moment_passed();
  swept_.clear();
  if (another)
    expect_moment();
}

void front::sweep() {
  ++now_;
  // A connection that closes leaves the list while it is walked over.
  swept_ = connections_;
  for (auto& x : swept_)
    x->sweep();
  swept_.clear();
  sweep_streams();
  if (!refusals_.empty())
    way_in_.report(std::exchange(refusals_, {}));
  sweeping_ = false;
  if (!connections_.empty() || !streaming_.empty())
    start_sweeping();
}

void front::note_refusal(std::string_view kind) {
  auto i = std::ranges::find(refusals_, kind, &door_refusals::kind);
  if (i == refusals_.end())
    i = refusals_.insert(i, {std::string{kind}, 0});
  ++i->count;
}

void front::sweep_streams() {
  session_streams::limits limits{in_sweeps(settings_.resume_limit),
                                 in_sweeps(settings_.replay_limit)};
  std::erase_if(streaming_, [&](const std::weak_ptr<known_session>& x) {
    auto session = x.lock();
    if (!session)
      return true;
    session->streams.sweep(now_, limits);
    session->streams.swept = !session->streams.empty();
    return !session->streams.swept;
  });
}

} // namespace hub
