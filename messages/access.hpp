#pragma once

#include "messages/protocol.hpp"
#include "messages/sha256.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// Who shows a token.
struct principal {
  /// Unlike that of any other token, also of one that had the same name before.
  std::string id;

  std::string name;

  /// `user`, `admin`, or a word for permission rules.
  std::string role;

  /// Seconds since 1970 from which on the token counts no more; 0 is never.
  int64_t expires_at = 0;
};

using principal_ptr = std::shared_ptr<const principal>;

/// The role that may manage the hub over TCP.
inline constexpr std::string_view admin_role = "admin";

/// The role that may read `/metrics` over TCP.
inline constexpr std::string_view metrics_role = "metrics";

/// A token as it is kept: nobody can make the token of it.
struct access_token {
  principal_ptr owner;
  sha256_digest digest;
};

/// All tokens at one moment. It never changes.
class access_table {
public:
  access_table() = default;

  explicit access_table(std::vector<access_token> tokens) : tokens_(std::move(tokens)) {
    // nop
  }

  bool empty() const noexcept {
    return tokens_.empty();
  }

  size_t size() const noexcept {
    return tokens_.size();
  }

  /// Whose token it is; null for none, or one that has expired. Takes the same time
  /// whichever token it is, and however much of it is right.
  /// @param now Seconds since 1970.
  principal_ptr find(std::string_view token, int64_t now) const;

  /// Whether the token of a principal counts still.
  bool holds(std::string_view id, int64_t now) const noexcept;

  /// When the next token expires, after `now`; 0 is never.
  int64_t next_expiry(int64_t now) const noexcept;

private:
  std::vector<access_token> tokens_;
};

using access_table_ptr = std::shared_ptr<const access_table>;

/// Where the tokens that count are left for the connections of all shards, so that a
/// request does not have to ask for them. Never null once the hub runs.
using access_cell = std::atomic<access_table_ptr>;

/// The token of a header `Authorization: Bearer …`; empty if it is none.
std::string_view bearer_of(std::string_view authorization) noexcept;

// -- actors ---------------------------------------------------------------------

/// The tokens that count have changed, by hand or because one has expired.
struct access_changed {
  access_table_ptr table;
};

/// Whoever ends what was begun with a token that counts no more.
using access_reader = protocol<
  caf::reacts_to<access_changed>>::handle;

struct watch_access {
  access_reader reader;
};

/// Asks for the file of tokens to be read again.
struct reload_access {};

struct access_reloaded {
  bool ok = true;

  /// How many tokens there are.
  size_t tokens = 0;

  /// Why the file was not taken; the tokens before count on.
  std::string error{};
};

/// Sent by the keeper to itself: a token has expired.
struct access_expires {};

/// Keeps the tokens that count.
using access_actor = protocol<
  caf::replies_to<reload_access>::with<access_reloaded>,
  caf::reacts_to<watch_access>,
  caf::reacts_to<access_expires>>::handle;

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::access_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::watch_access)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::reload_access)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::access_reloaded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::access_expires)
