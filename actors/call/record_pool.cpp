#include "actors/call/record_pool.hpp"

#include <utility>

namespace hub {

record_pool::returned::~returned() {
  for (auto* x = top.load(); x;)
    delete std::exchange(x, x->next);
}

void record_pool::returned::put(node* x) noexcept {
  x->next = top.load(std::memory_order_relaxed);
  while (!top.compare_exchange_weak(x->next, x, std::memory_order_release, std::memory_order_relaxed)) {
    // Another observer was first.
  }
}

record_pool::record_pool() : returned_(std::make_shared<returned>()) {
  // nop
}

record_pool::~record_pool() = default;

record_pool::list record_pool::take() {
  collect();
  if (spare_.empty())
    return {};
  auto result = std::move(spare_.back());
  spare_.pop_back();
  return result;
}

std::shared_ptr<const record_pool::list> record_pool::share(list records) {
  auto* shared = new node{std::move(records)};
  ++out_;
  std::shared_ptr<node> owner{shared, [to = returned_](node* x) { to->put(x); }};
  return {owner, &shared->records};
}

void record_pool::collect() {
  for (auto* x = returned_->top.exchange(nullptr, std::memory_order_acquire); x;) {
    std::unique_ptr<node> one{std::exchange(x, x->next)};
    --out_;
    one->records.clear();
    if (spare_.size() < most_spare)
      spare_.push_back(std::move(one->records));
  }
}

} // namespace hub
