#pragma once

#include "messages/answer.hpp"
#include "messages/policy.hpp"
#include "server/access_check.hpp"
#include "server/era.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
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

  /// @param permissions Where the rules for clients are; null if everything is allowed.
  explicit client_contexts(std::shared_ptr<const permission_cell> permissions);

  /// The sender of a stateless request.
  pointer of(const stateless_claim& claim, const caller& sender);

  /// The sender of an `initialize` with these params.
  pointer of_initialize(const json_text& params, const caller& sender);

private:
  pointer make(era era, std::string_view version, std::string_view info, std::string_view capabilities,
               const caller& sender) const;

  /// Takes the rules that are in force.
  void refresh();

  std::shared_ptr<const permission_cell> cell_;

  /// Those of `version_`.
  permission_table_ptr permissions_;
  uint64_t version_ = 0;
  std::array<pointer, kept> latest_;
};

} // namespace hub
