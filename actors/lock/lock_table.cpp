#include "actors/lock/lock_table.hpp"

#include <algorithm>

namespace hub {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

lock_taken refused(lock_outcome outcome, std::string message = {}) {
  lock_taken result;
  result.outcome = outcome;
  result.message = std::move(message);
  return result;
}

} // namespace

bool lock_table::holds(const held_lock& lock, const lock_owner& owner, uint64_t token) {
  if (lock.owner.scope != owner.scope || lock.owner.by_token != owner.by_token)
    return false;
  return token == lock.token || (token == 0 && !owner.by_token);
}

lock_taken lock_table::grant(held_lock& lock, const take_lock& x, time now) {
  lock.owner = x.owner;
  lock.token = ++last_token_;
  lock.since = now;
  lock.ends = now + x.lease;
  lock_taken result;
  result.outcome = lock_outcome::granted;
  result.token = lock.token;
  result.lease = x.lease;
  return result;
}

size_t lock_table::held_by(const lock_owner& owner) const {
  return static_cast<size_t>(
    std::ranges::count_if(locks_, [&owner](auto& x) { return x.second.owner.scope == owner.scope; }));
}

void lock_table::take(uint64_t number, const take_lock& x, time now, answers& out) {
  tick(now, out);
  auto i = locks_.find(x.name);
  if (i != locks_.end() && holds(i->second, x.owner, x.token)) {
    i->second.ends = now + x.lease;
    lock_taken again;
    again.outcome = lock_outcome::granted;
    again.token = i->second.token;
    again.lease = x.lease;
    out.emplace_back(number, std::move(again));
    return;
  }
  // Whoever renews must hear that it has lost the lock, and not get it anew.
  if (x.token != 0) {
    out.emplace_back(number, refused(lock_outcome::not_held));
    return;
  }
  if (i == locks_.end()) {
    if (locks_.size() >= limits_.locks)
      out.emplace_back(number, refused(lock_outcome::overloaded, "the hub keeps " + std::to_string(limits_.locks)
                                                                   + " locks and no more"));
    else if (!x.owner.by_token && held_by(x.owner) >= limits_.locks_of_owner)
      out.emplace_back(number, refused(lock_outcome::overloaded, "this session holds "
                                                                   + std::to_string(limits_.locks_of_owner)
                                                                   + " locks and gets no more"));
    else
      out.emplace_back(number, grant(locks_[x.name], x, now));
    return;
  }
  auto& lock = i->second;
  if (x.wait.count() > 0 && lock.waiters.size() < limits_.waiters) {
    lock.waiters.push_back({number, x, now + x.wait});
    return;
  }
  auto busy = x.wait.count() > 0 ? refused(lock_outcome::overloaded, std::to_string(limits_.waiters)
                                                                       + " requests wait for this lock already")
                                 : refused(lock_outcome::busy);
  busy.holder = lock.owner.client;
  busy.holder_lease = duration_cast<milliseconds>(lock.ends - now);
  out.emplace_back(number, std::move(busy));
}

lock_table::lock_map::iterator lock_table::pass_on(lock_map::iterator lock, time now, answers& out) {
  auto& waiters = lock->second.waiters;
  while (!waiters.empty()) {
    auto next = std::move(waiters.front());
    waiters.pop_front();
    if (!next.request.owner.by_token && held_by(next.request.owner) >= limits_.locks_of_owner
        && lock->second.owner.scope != next.request.owner.scope) {
      out.emplace_back(next.number, refused(lock_outcome::overloaded, "this session holds "
                                                                        + std::to_string(limits_.locks_of_owner)
                                                                        + " locks and gets no more"));
      continue;
    }
    out.emplace_back(next.number, grant(lock->second, next.request, now));
    return std::next(lock);
  }
  return locks_.erase(lock);
}

lock_released lock_table::release(const release_lock& x, time now, answers& out) {
  tick(now, out);
  auto i = locks_.find(x.name);
  if (i == locks_.end() || !holds(i->second, x.owner, x.token))
    return {lock_outcome::not_held};
  pass_on(i, now, out);
  return {lock_outcome::granted};
}

void lock_table::cancel(const cancel_lock_wait& x, answers& out) {
  for (auto& [name, lock] : locks_)
    std::erase_if(lock.waiters, [&](const waiter& w) {
      auto meant = w.request.request_scope == x.request_scope
                   && (x.request_id.empty() || w.request.request_id == x.request_id);
      if (meant)
        out.emplace_back(w.number, refused(lock_outcome::cancelled));
      return meant;
    });
}

void lock_table::end_owner(uint64_t scope, time now, answers& out) {
  for (auto i = locks_.begin(); i != locks_.end();) {
    std::erase_if(i->second.waiters, [&](const waiter& w) {
      auto gone = w.request.owner.scope == scope;
      if (gone)
        out.emplace_back(w.number, refused(lock_outcome::cancelled));
      return gone;
    });
    i = i->second.owner.scope == scope ? pass_on(i, now, out) : std::next(i);
  }
}

void lock_table::tick(time now, answers& out) {
  for (auto i = locks_.begin(); i != locks_.end();) {
    auto& lock = i->second;
    std::erase_if(lock.waiters, [&](const waiter& w) {
      // Its turn comes first if both are due.
      if (w.deadline > now || lock.ends <= w.deadline)
        return false;
      auto busy = refused(lock_outcome::busy);
      busy.holder = lock.owner.client;
      busy.holder_lease = std::max(milliseconds{0}, duration_cast<milliseconds>(lock.ends - now));
      out.emplace_back(w.number, std::move(busy));
      return true;
    });
    i = lock.ends <= now ? pass_on(i, now, out) : std::next(i);
  }
}

bool lock_table::is_held(const std::string& name, uint64_t token) const {
  auto i = locks_.find(name);
  return i != locks_.end() && (token == 0 || i->second.token == token);
}

lock_table::time lock_table::next_tick() const {
  auto result = time::max();
  for (auto& [name, lock] : locks_) {
    result = std::min(result, lock.ends);
    for (auto& w : lock.waiters)
      result = std::min(result, w.deadline);
  }
  return result;
}

locks_listed lock_table::list(time now) const {
  locks_listed result;
  for (auto& [name, lock] : locks_)
    if (lock.ends > now)
      result.locks.push_back({name, lock.owner.client, lock.token,
                              duration_cast<milliseconds>(lock.ends - now).count(),
                              duration_cast<milliseconds>(now - lock.since).count(), lock.waiters.size()});
  return result;
}

} // namespace hub
