#include "actors/runtime/late.hpp"

#include "messages/protocol.hpp"

#include "tests/support/stage.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/exit_reason.hpp>

#include <memory>

namespace {

struct add {
  int what = 0;
};

struct get_sum {};

using adder_actor = hub::protocol<caf::reacts_to<add>, caf::replies_to<get_sum>::with<int>>::handle;

} // namespace

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(add)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(get_sum)

using namespace hub;
using namespace hub::test;

TEST_SUITE_BEGIN("late");

namespace {

struct late_stage : stage {
  /// How many actors there are without these.
  size_t others = actors();

  int starts = 0;

  /// Lives as long as the actor does.
  std::weak_ptr<int> sum;

  adder_actor late = spawn_late<adder_actor>(system, [this](caf::actor_system& system) {
    ++starts;
    auto kept = std::make_shared<int>(0);
    sum = kept;
    return system.spawn([kept](adder_actor::pointer) -> adder_actor::behavior_type {
      return {[kept](const add& x) { *kept += x.what; }, [kept](get_sum) { return *kept; }};
    });
  });
};

} // namespace

TEST_CASE_FIXTURE(late_stage, "an actor starts with its first message, which it gets, and only once") {
  settle();
  CHECK(starts == 0);
  self->send(late, add{2});
  self->send(late, add{3});
  settle();
  CHECK(starts == 1);
  CHECK(ask<int>(late, get_sum{}) == 5);
  CHECK(starts == 1);
}

TEST_CASE_FIXTURE(late_stage, "a question can be the first message") {
  CHECK(ask<int>(late, get_sum{}) == 0);
  CHECK(starts == 1);
}

TEST_CASE_FIXTURE(late_stage, "it ends when nobody knows it any more") {
  self->send(late, add{2});
  settle();
  REQUIRE_FALSE(sum.expired());
  late = adder_actor{};
  settle();
  CHECK(sum.expired());
  CHECK(actors() == others);
}

TEST_CASE_FIXTURE(late_stage, "one that was never needed ends without having started") {
  late = adder_actor{};
  settle();
  CHECK(starts == 0);
  CHECK(actors() == others);
}

TEST_SUITE_END();
