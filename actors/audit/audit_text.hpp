#pragma once

#include "messages/audit.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace hub {

/// Writes records as JSON members, a line each and without what chains them. All texts from outside are
/// quoted, so no line can look like another. What lines say of a client is written once and copied.
class audit_text {
public:
  /// Of how many clients that is remembered.
  static constexpr size_t clients_kept = 64;

  /// Appends the line of a record.
  /// @param arguments Whether arguments are written, up to 64 KiB of them; otherwise their SHA-256.
  void add(std::string& to, const call_record& x, bool arguments);

private:
  /// What lines say of a client. It holds those whom it is about, so that no others get their addresses.
  struct client_members {
    std::shared_ptr<const call_origin> origin;
    std::shared_ptr<const client_context> client;
    std::string text;
  };

  const std::string& members_of(const call_record& x);

  std::array<client_members, clients_kept> clients_;
};

/// Appends the line that tells what a door turned away.
void add_refusal(std::string& to, std::chrono::system_clock::time_point at, const door_refusals& x);

/// Appends the line that tells how many records were dropped.
void add_dropped(std::string& to, std::chrono::system_clock::time_point at, uint64_t count);

} // namespace hub
