#pragma once

#include "actors/auth/bearer_challenge.hpp"
#include "actors/auth/credentials.hpp"
#include "messages/authorization.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace hub {

/// What the hub holds of one server, and what to do about a request: a state
/// machine without actor, clock or network.
class server_grant {
public:
  enum class verdict : uint8_t {
    give,    ///< Send the request with what there is, which may be nothing.
    refresh, ///< Get the next token of the grant first.
    obtain,  ///< Get a grant without a user first.
    login,   ///< The user has to log in.
    step_up, ///< The user has to log in once more, for more rights; other requests may go on.
    refuse   ///< It is not about authorization.
  };

  /// How often more rights are asked for without a user before the hub believes
  /// that they will not be given.
  static constexpr int step_ups_max = 3;

  /// @param without_user Whether the hub gets tokens by itself.
  verdict need(const need_authorization& x, bool without_user, int64_t now);

  /// A token was got. If a request had been refused for want of one, and this one is
  /// refused, too, no third is asked for.
  void got(credentials grant);

  /// The grant is no good any more; the registration of the hub stays.
  void lost();

  /// Everything is forgotten.
  void forget();

  /// The value of `Authorization`; empty without a token.
  std::string header() const;

  /// Whether another token can be had without a user or a refused one.
  bool can_refresh() const noexcept {
    return !known_.refresh_token.empty();
  }

  const credentials& known() const noexcept {
    return known_;
  }

  /// What the server wanted when it last refused; nothing if it never did.
  const std::optional<bearer_challenge>& challenge() const noexcept {
    return challenge_;
  }

private:
  credentials known_;
  std::optional<bearer_challenge> challenge_;

  /// The next token is for a request that was refused.
  bool after_refusal_ = false;

  /// The token that such a request got.
  std::string last_chance_;

  int step_ups_ = 0;
};

} // namespace hub
