#pragma once

#include "messages/answer.hpp"
#include "server/era.hpp"

#include <array>
#include <cstddef>
#include <memory>

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

  /// The sender of a stateless request.
  pointer of(const stateless_claim& claim);

  /// The sender of an `initialize` with these params.
  static pointer of_initialize(const json_text& params);

private:
  std::array<pointer, kept> latest_;
};

} // namespace hub
