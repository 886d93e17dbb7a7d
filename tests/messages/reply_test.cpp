#include "messages/reply.hpp"

#include "messages/protocol.hpp"

#include "tests/support/stage.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/stateful_actor.hpp>

#include <functional>
#include <string>
#include <type_traits>
#include <vector>

namespace {

struct riddle {
  std::string text;
};

struct solution {
  std::string text;
};

using debts = std::vector<hub::reply<solution>>;

/// Has an actor do something with what it owes.
struct settle_debts {
  std::function<void(debts&)> how;
};

using sphinx_actor = hub::protocol<
  caf::replies_to<riddle>::with<solution>,
  caf::reacts_to<settle_debts>>::handle;

using shouter_actor = hub::protocol<caf::reacts_to<std::string>>::also<sphinx_actor>::handle;

} // namespace

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(riddle)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(solution)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(settle_debts)

using namespace hub;

TEST_SUITE_BEGIN("reply");

namespace {

static_assert(!std::is_copy_constructible_v<reply<solution>>);
static_assert(std::is_nothrow_move_constructible_v<reply<solution>>);
static_assert(std::is_same_v<shouter_actor::signatures,
                             caf::detail::type_list<caf::reacts_to<std::string>,
                                                    caf::replies_to<riddle>::with<solution>,
                                                    caf::reacts_to<settle_debts>>>);

struct sphinx_state {
  debts owed;
};

/// Takes every question and answers when it is told how.
sphinx_actor::behavior_type sphinx(sphinx_actor::stateful_pointer<sphinx_state> self) {
  return {
    [self](const riddle&) -> caf::result<solution> {
      auto promise = self->make_response_promise<solution>();
      self->state.owed.emplace_back(promise);
      return promise;
    },
    [self](const settle_debts& x) { x.how(self->state.owed); },
  };
}

/// A question that was asked and not yet answered.
struct riddle_stage : test::stage {
  sphinx_actor keeper = system.spawn(sphinx);
  asked<solution> question = begin_ask<solution>(keeper, riddle{"what walks on four legs?"});

  riddle_stage() {
    settle();
    REQUIRE_FALSE(question.answered());
  }

  void have(std::function<void(debts&)> how) {
    self->send(keeper, settle_debts{std::move(how)});
    settle();
  }
};

} // namespace

TEST_CASE_FIXTURE(riddle_stage, "a question is open until it is answered, and then it is not") {
  have([](debts& owed) {
    REQUIRE(owed.size() == 1);
    CHECK(owed[0].pending());
    owed[0].deliver(solution{"man"});
    CHECK_FALSE(owed[0].pending());
  });
  CHECK(question.value().text == "man");
}

TEST_CASE_FIXTURE(riddle_stage, "only the first answer counts") {
  have([](debts& owed) {
    owed[0].deliver(solution{"man"});
    owed[0].deliver(solution{"a table"});
    owed[0].deliver(caf::make_error(caf::sec::runtime_error));
    owed.clear();
  });
  CHECK(question.value().text == "man");
}

TEST_CASE_FIXTURE(riddle_stage, "an error is an answer") {
  have([](debts& owed) { owed[0].deliver(caf::make_error(caf::sec::runtime_error)); });
  CHECK(question.error() == caf::sec::runtime_error);
}

TEST_CASE_FIXTURE(riddle_stage, "an answer that is dropped becomes an error") {
  have([](debts& owed) { owed.clear(); });
  CHECK(question.error() == caf::sec::request_receiver_down);
}

TEST_CASE_FIXTURE(riddle_stage, "an answer that is replaced becomes an error") {
  have([](debts& owed) { owed[0] = reply<solution>{}; });
  CHECK(question.error() == caf::sec::request_receiver_down);
}

TEST_CASE_FIXTURE(riddle_stage, "an answer moves with its owner") {
  have([](debts& owed) {
    auto moved = std::move(owed[0]);
    owed.clear();
    reply<solution> assigned;
    assigned = std::move(moved);
    CHECK_FALSE(moved.pending());
    owed.push_back(std::move(assigned));
  });
  CHECK_FALSE(question.answered());
  have([](debts& owed) { owed[0].deliver(solution{"man"}); });
  CHECK(question.value().text == "man");
}

TEST_CASE("an empty reply owes nothing") {
  reply<solution> nothing;
  CHECK_FALSE(nothing.pending());
  nothing.deliver(solution{"man"});
}

TEST_CASE_FIXTURE(riddle_stage, "an actor that is killed answers what it owes") {
  self->send_exit(keeper, caf::exit_reason::kill);
  settle();
  CHECK(question.error() == caf::sec::request_receiver_down);
}
