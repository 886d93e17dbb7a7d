#include "actors/auth/bearer_authorizer.hpp"

#include "actors/runtime/shard.hpp"

#include <boost/asio/post.hpp>

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/spawn_options.hpp>

#include <ctime>
#include <utility>

namespace hub {

bearer_authorizer::bearer_authorizer(caf::actor_system& system, shard& home, std::string server,
                                     std::shared_ptr<bearer_cell> cell, grant_holder_actor grants)
  : system_(system), home_(home), server_(std::move(server)), cell_(std::move(cell)), grants_(std::move(grants)) {
  // nop
}

const fetch_headers* bearer_authorizer::ready() {
  auto current = cell_->load();
  if (!current || std::time(nullptr) >= current->ask_from)
    return nullptr;
  if (current != current_) {
    headers_.clear();
    if (!current->header.empty())
      headers_.emplace_back("Authorization", current->header);
    current_ = std::move(current);
  }
  return &headers_;
}

void bearer_authorizer::obtain(auth_challenge why, std::function<void(auth_verdict)> done) {
  need_authorization question;
  question.server = server_;
  question.status = why.status;
  for (auto& [name, value] : why.refused)
    if (name == "Authorization")
      question.used = value;
  for (auto& value : why.www_authenticate)
    question.challenge.append(question.challenge.empty() ? "" : ", ").append(value);
  // Whoever asks has to be called on its shard and outside the turns of other actors.
  auto tell = [&home = home_, alive = std::weak_ptr<char>{alive_}, done = std::move(done)](auth_verdict verdict) {
    boost::asio::post(home.context(), [&home, alive, done, verdict = std::move(verdict)]() mutable {
      shard::scope woken{home};
      if (!alive.expired())
        done(std::move(verdict));
    });
  };
  system_.spawn<caf::hidden>([grants = grants_, question = std::move(question), tell](caf::event_based_actor* self) {
    self->request(grants, caf::infinite, question)
      .then(
        [tell](const authorization_given& x) {
          if (!x.ok)
            return tell(auth_denied{x.cause, x.fix});
          fetch_headers headers;
          if (!x.header.empty())
            headers.emplace_back("Authorization", x.header);
          tell(std::move(headers));
        },
        [tell](const caf::error&) { tell(auth_denied{"cannot be logged in at: the hub is shutting down", ""}); });
  });
}

} // namespace hub
