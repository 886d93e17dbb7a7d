#pragma once

#include <caf/error.hpp>
#include <caf/response_promise.hpp>
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
    : promise_(std::move(static_cast<caf::response_promise&>(promise))) {
    // nop
  }

  /// A promise that was moved away is not pending any more.
  reply(reply&& other) noexcept = default;

  /// Drops what this owed before.
  reply& operator=(reply&& other) noexcept {
    if (this != &other) {
      drop();
      promise_ = std::move(other.promise_);
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
    if (!pending())
      return;
    auto promise = std::move(promise_);
    promise.deliver(std::move(answer));
  }

  /// Answers with what went wrong. Does nothing when the answer was given.
  void deliver(caf::error failure) {
    if (!pending())
      return;
    auto promise = std::move(promise_);
    promise.deliver(std::move(failure));
  }

private:
  void drop() {
    // Most are dropped when they are delivered, and an error is not made for nothing.
    if (pending())
      deliver(caf::make_error(caf::sec::request_receiver_down));
  }

  caf::response_promise promise_;
};

} // namespace hub
