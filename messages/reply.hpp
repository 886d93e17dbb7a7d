#pragma once

#include <caf/error.hpp>
#include <caf/sec.hpp>
#include <caf/typed_response_promise.hpp>

#include <utility>

namespace hub {

/// An answer that somebody waits for, owed by whoever holds this. It is given
/// exactly once: one that is dropped, by a crash or by mistake, answers with
/// `caf::sec::request_receiver_down`, where a promise of CAF 0.17 would leave
/// the asker waiting for ever. Belongs to one actor and stays in its state.
template <class T>
class reply {
public:
  /// Owes nothing to anybody.
  reply() = default;

  explicit reply(caf::typed_response_promise<T> promise)
    : promise_(std::move(promise)) {
    // nop
  }

  reply(reply&& other) noexcept
    : promise_(std::exchange(other.promise_, {})) {
    // nop
  }

  /// Drops what this owed before.
  reply& operator=(reply&& other) noexcept {
    if (this != &other) {
      drop();
      promise_ = std::exchange(other.promise_, {});
    }
    return *this;
  }

  ~reply() {
    drop();
  }

  /// Tells whether somebody still waits. False for the answer to a message that
  /// was sent without asking.
  bool pending() const {
    return promise_.pending();
  }

  /// Answers. Does nothing when the answer was given.
  void deliver(T answer) {
    if (pending())
      std::exchange(promise_, {}).deliver(std::move(answer));
  }

  /// Answers with what went wrong. Does nothing when the answer was given.
  void deliver(caf::error failure) {
    if (pending())
      std::exchange(promise_, {}).deliver(std::move(failure));
  }

private:
  void drop() {
    deliver(caf::make_error(caf::sec::request_receiver_down));
  }

  caf::typed_response_promise<T> promise_;
};

} // namespace hub
