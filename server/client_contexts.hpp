#pragma once

#include "messages/answer.hpp"
#include "messages/policy.hpp"
#include "server/access_check.hpp"
#include "server/era.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

namespace hub {

/// Builds what the hub knows of a client. Requests of the stateless era repeat it
/// each time, so the latest ones are kept and shared.
class client_contexts {
public:
  using pointer = std::shared_ptr<const client_context>;

  /// How many are kept. Another client costs an older one its place.
  static constexpr size_t kept = 64;

  /// The most bytes of a client's own words that are kept.
  static constexpr size_t largest_kept = 8 * 1024;

  /// @param permissions The rules for clients; null if everything is allowed.
  explicit client_contexts(permission_table_ptr permissions) : permissions_(std::move(permissions)) {
    // nop
  }

  /// The sender of a stateless request.
  pointer of(const stateless_claim& claim, const caller& sender);

  /// The sender of an `initialize` with these params.
  pointer of_initialize(const json_text& params, const caller& sender) const;

private:
  pointer make(era era, std::string_view version, std::string_view info, std::string_view capabilities,
               const caller& sender) const;

  permission_table_ptr permissions_;
  std::array<pointer, kept> latest_;
};

} // namespace hub
