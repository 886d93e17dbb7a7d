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
/// quoted, so no line can look like another. What lines say of a client, of a tool and of the second is written
/// once and copied.
class audit_text {
public:
  /// Of how many clients, and of how many tools, that is remembered.
  static constexpr size_t clients_kept = 64;
  static constexpr size_t subjects_kept = 64;

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

  /// What lines say of what was called.
  struct subject_members {
    std::string server;
    std::string method;

    /// The tool, the prompt or the URI.
    std::string name;

    std::string text;
  };

  /// Appends a time as the first member.
  void add_time(std::string& to, std::chrono::system_clock::time_point at);

  const std::string& client_of(const call_record& x);

  /// @param name Of the tool, the prompt or the resource.
  const std::string& subject_of(const call_record& x, std::string_view name);

  std::array<client_members, clients_kept> clients_;
  std::array<subject_members, subjects_kept> subjects_;

  /// The second that was written last, and its text without milliseconds.
  std::chrono::sys_seconds second_{};
  std::string second_text_;

  /// Holds a name with escapes while it is looked at.
  std::string name_;
};

/// Appends the line that tells what a door turned away.
void add_refusal(std::string& to, std::chrono::system_clock::time_point at, const door_refusals& x);

/// Appends the line that tells how many records were dropped.
void add_dropped(std::string& to, std::chrono::system_clock::time_point at, uint64_t count);

} // namespace hub
