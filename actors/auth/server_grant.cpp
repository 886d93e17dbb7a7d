#include "actors/auth/server_grant.hpp"

#include <utility>

namespace hub {

server_grant::verdict server_grant::need(const need_authorization& x, bool without_user, int64_t now) {
  if (x.status == 0) {
    after_refusal_ = false;
    if (!known_.is_stale(now))
      return verdict::give;
    if (can_refresh())
      return verdict::refresh;
    // Before the first refusal nobody knows whether a token is wanted at all.
    return without_user && challenge_ ? verdict::obtain : verdict::give;
  }
  auto challenge = read_challenge(x.challenge);
  if (x.status != 401 && !(challenge && challenge->error == "insufficient_scope"))
    return verdict::refuse;
  challenge_ = challenge.value_or(bearer_challenge{});
  auto another = !known_.has_ended(now) && x.used != header();
  if (another)
    return verdict::give;
  if (x.status == 403) {
    if (!without_user)
      return verdict::step_up;
    if (++step_ups_ > step_ups_max)
      return verdict::refuse;
    after_refusal_ = false;
    return verdict::obtain;
  }
  auto was_last_chance = !last_chance_.empty() && known_.access_token == last_chance_;
  after_refusal_ = true;
  if (was_last_chance)
    return verdict::login;
  if (can_refresh())
    return verdict::refresh;
  return without_user ? verdict::obtain : verdict::login;
}

void server_grant::got(credentials grant) {
  known_ = std::move(grant);
  last_chance_ = std::exchange(after_refusal_, false) ? known_.access_token : std::string{};
}

void server_grant::lost() {
  known_.access_token.clear();
  known_.refresh_token.clear();
  known_.expires_at = 0;
  last_chance_.clear();
}

void server_grant::forget() {
  *this = {};
}

std::string server_grant::header() const {
  return known_.access_token.empty() ? std::string{} : "Bearer " + known_.access_token;
}

} // namespace hub
