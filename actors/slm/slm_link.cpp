#include "actors/slm/slm_link.hpp"

namespace hub {

namespace {

slm_answer unreachable(std::string cause) {
  slm_answer x;
  x.cause = std::move(cause);
  return x;
}

} // namespace

void slm_link::found(const slm_place& place, time now, output& out) {
  place_ = place;
  if (state_.url != place.url) {
    state_.url = place.url;
    out.changed = true;
  }
  if (!place.error.empty())
    lose(slm_presence::away, place.error, now, out);
}

void slm_link::check(time now, output& out) {
  if (checking_ || !place_.error.empty())
    return;
  checking_ = true;
  check_at_ = now;
  out.outgoing.push_back({health, ask_slm_health()});
}

void slm_link::ask(uint64_t number, ask_slm x, time now, output& out) {
  if (state_.presence != slm_presence::present) {
    out.answers.emplace_back(number, unreachable(state_.cause.empty() ? "is not connected" : state_.cause));
    return;
  }
  slm_answer full;
  full.outcome = slm_outcome::limited;
  if (asked_.size() >= requests_max) {
    full.cause = "has too many requests to answer";
    full.pause = std::chrono::seconds{1};
  } else if (x.request.writes()) {
    full.cause = "has had as many writes as it may";
    full.pause = budget_.take(x.spare, now);
  }
  if (full.pause.count() > 0) {
    out.answers.emplace_back(number, std::move(full));
    return;
  }
  auto& entry = asked_[number];
  entry.what = std::move(x);
  send(number, entry, out);
}

void slm_link::send(uint64_t number, asked& x, output& out) {
  auto& request = x.what.request;
  // A wrong key is refused where none would do, so it is shown only where it is wanted.
  if (key_always_ || (request.keyed && release_.mesh_wants_key())) {
    if (key_.empty() && !x.again && key_asked_) {
      x.waits = true;
      x.refusal = unreachable("has given no key");
      x.refusal.outcome = slm_outcome::unauthorized;
      return;
    }
    x.key = key_;
  }
  sending y{number, request};
  if (!x.key.empty())
    y.headers.emplace_back("X-Install-Token", x.key);
  if (!api_key_.empty() && !place_.on_this_machine)
    y.headers.emplace_back("X-SLM-API-Key", api_key_);
  out.outgoing.push_back(std::move(y));
}

void slm_link::answered(uint64_t number, slm_answer answer, time now, output& out) {
  if (number == health)
    return health_answered(std::move(answer), now, out);
  if (number == status) {
    if (answer.outcome != slm_outcome::done)
      return;
    auto facts = read_slm_status(answer.body);
    out.changed = out.changed || facts.mode != state_.mode || facts.facts != state_.facts;
    state_.mode = std::move(facts.mode);
    state_.facts = facts.facts;
    return;
  }
  if (number == token) {
    key_asked_ = false;
    auto key = answer.outcome == slm_outcome::done ? read_slm_token(answer.body) : std::string{};
    key_ = key.empty() ? place_.file_token : std::move(key);
    return key_found(out);
  }
  auto i = asked_.find(number);
  if (i == asked_.end())
    return;
  auto& x = i->second;
  if (x.what.request.writes())
    budget_.answered(answer, now);
  if (answer.outcome == slm_outcome::unreachable) {
    auto cause = answer.cause;
    finish(number, std::move(answer), out);
    // Others that fail with it say nothing new.
    if (state_.presence == slm_presence::present)
      lose(slm_presence::away, std::move(cause), now, out);
    return;
  }
  if (answer.outcome != slm_outcome::unauthorized || x.again)
    return finish(number, std::move(answer), out);
  x.again = true;
  x.refusal = std::move(answer);
  key_always_ = key_always_ || !x.what.request.keyed;
  if (x.key != key_)
    return send(number, x, out);
  // The same key again would be refused again: it is asked for anew, but not each time.
  if (!install_token_.empty() || (!key_asked_ && key_asked_at_ && now - *key_asked_at_ < between_keys))
    return finish(number, std::move(x.refusal), out);
  x.waits = true;
  if (!key_asked_) {
    key_asked_ = true;
    key_asked_at_ = now;
    out.outgoing.push_back({token, ask_slm_token()});
  }
}

void slm_link::key_found(output& out) {
  std::vector<uint64_t> waiting;
  for (auto& [number, x] : asked_)
    if (x.waits)
      waiting.push_back(number);
  for (auto number : waiting) {
    auto& x = asked_.at(number);
    x.waits = false;
    if (x.again && key_ == x.key)
      finish(number, std::move(x.refusal), out);
    else
      send(number, x, out);
  }
}

void slm_link::finish(uint64_t number, slm_answer answer, output& out) {
  asked_.erase(number);
  out.answers.emplace_back(number, std::move(answer));
}

void slm_link::health_answered(slm_answer answer, time now, output& out) {
  checking_ = false;
  if (answer.outcome != slm_outcome::done) {
    // Something that speaks HTTP but answers no JSON, or 404, is something else.
    auto is_other = answer.outcome == slm_outcome::missing || answer.outcome == slm_outcome::refused;
    return lose(is_other ? slm_presence::foreign : slm_presence::away, std::move(answer.cause), now, out);
  }
  auto identity = read_slm_health(answer.body);
  if (!identity)
    return lose(slm_presence::foreign, "is some other program", now, out);
  check_at_ = now + between_checks;
  pauses_.succeeded();
  out.outgoing.push_back({status, ask_slm_status()});
  auto is_same = state_.presence == slm_presence::present && identity->instance == instance_
                 && identity->version == state_.version && identity->profile == state_.profile;
  if (is_same)
    return;
  state_.presence = slm_presence::present;
  state_.cause.clear();
  state_.version = identity->version;
  state_.profile = identity->profile;
  ++state_.life;
  release_ = identity->release;
  instance_ = identity->instance;
  budget_.reset(release_.writes_per_minute(), now);
  key_always_ = false;
  key_ = install_token_;
  if (key_.empty() && release_.mesh_wants_key() && !key_asked_) {
    key_asked_ = true;
    key_asked_at_ = now;
    out.outgoing.push_back({token, ask_slm_token()});
  }
  out.changed = true;
}

void slm_link::lose(slm_presence how, std::string cause, time now, output& out) {
  check_at_ = now + pauses_.failed();
  out.changed = out.changed || state_.presence != how || state_.cause != cause;
  state_.presence = how;
  state_.cause = std::move(cause);
  instance_.clear();
}

} // namespace hub
