#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace hub {

/// A callable without arguments that is run at most once. It lives in place:
/// making, moving and running one never allocates. Move-only captures are fine.
class burst_task {
public:
  /// Bytes that a callable may take: a pointer, two handles and a little more.
  static constexpr size_t capacity = 48;

  template <class F, class Fn = std::decay_t<F>>
    requires(!std::is_same_v<Fn, burst_task>)
  explicit burst_task(F&& f) : kind_(&kind_of<Fn>) {
    static_assert(sizeof(Fn) <= capacity,
                  "too large for a burst_task: capture a pointer to the state instead");
    static_assert(alignof(Fn) <= alignof(std::max_align_t));
    static_assert(std::is_nothrow_move_constructible_v<Fn>);
    ::new (static_cast<void*>(&room_)) Fn(std::forward<F>(f));
  }

  burst_task(burst_task&& other) noexcept : kind_(other.kind_) {
    kind_->move(&room_, &other.room_);
  }

  burst_task& operator=(burst_task&&) = delete;

  ~burst_task() {
    kind_->destroy(&room_);
  }

  /// Runs the callable. Call it once.
  void operator()() {
    kind_->run(&room_);
  }

private:
  /// What has to be known about the type of a callable.
  struct kind {
    void (*run)(void*);
    void (*move)(void* to, void* from) noexcept;
    void (*destroy)(void*) noexcept;
  };

  template <class Fn>
  static constexpr kind kind_of{
    [](void* room) { (*static_cast<Fn*>(room))(); },
    [](void* to, void* from) noexcept { ::new (to) Fn(std::move(*static_cast<Fn*>(from))); },
    [](void* room) noexcept { std::destroy_at(static_cast<Fn*>(room)); },
  };

  const kind* kind_;

  alignas(std::max_align_t) std::byte room_[capacity];
};

} // namespace hub
