#pragma once

#include "actors/runtime/shard.hpp"

#include <boost/asio/basic_waitable_timer.hpp>

#include <caf/detail/simple_actor_clock.hpp>

#include <cstdint>
#include <mutex>
#include <utility>

namespace hub {

/// The clock of the actors: CAF's map of timeouts behind one timer of a shard.
/// It needs no thread: the map belongs to the shard, and what other threads ask
/// for is posted to it, in their order.
class asio_clock final : public caf::detail::simple_actor_clock {
public:
  explicit asio_clock(shard& home);

  void set_ordinary_timeout(time_point t, caf::abstract_actor* self, caf::atom_value type,
                            uint64_t id) override;

  void set_multi_timeout(time_point t, caf::abstract_actor* self, caf::atom_value type,
                         uint64_t id) override;

  void set_request_timeout(time_point t, caf::abstract_actor* self,
                           caf::message_id id) override;

  void cancel_ordinary_timeout(caf::abstract_actor* self, caf::atom_value type) override;

  void cancel_request_timeout(caf::abstract_actor* self, caf::message_id id) override;

  void cancel_timeouts(caf::abstract_actor* self) override;

  void schedule_message(time_point t, caf::strong_actor_ptr receiver,
                        caf::mailbox_element_ptr content) override;

  void schedule_message(time_point t, caf::group target, caf::strong_actor_ptr sender,
                        caf::message content) override;

  void cancel_all() override;

  /// Drops all that is scheduled, and from now on all that would be. For the
  /// thread that has joined the shards.
  void close();

private:
  using timer
    = boost::asio::basic_waitable_timer<clock_type, boost::asio::wait_traits<clock_type>,
                                        boost::asio::io_context::executor_type>;

  /// Runs `f` on the shard: at once when the caller is there already.
  template <class F>
  void on_home(F f);

  /// Sends what is due.
  void trigger();

  void drop_schedule();

  /// Sees to it that the timer fires no later than the first entry is due.
  void arm();

  shard& home_;
  timer timer_;

  /// Guards `closed_` against the threads of detached actors.
  std::mutex closing_;
  bool closed_ = false;

  /// When the timer fires; `max()` while it rests.
  time_point armed_ = time_point::max();
};

} // namespace hub
