#pragma once

#include "service/config/environment.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace hub {

/// Tells the service manager that started this process how it is, by the protocol of
/// sd_notify(3): datagrams to the Unix socket that `NOTIFY_SOCKET` names, a path or,
/// behind `@`, an abstract name. Without such a variable nothing is told. A
/// manager that does not read is waited for a second, for a sign of life not at all, and loses the
/// message then. Safe from any thread, but for
/// the constructor and `give_back`.
class service_notifier {
public:
  /// Takes the variables of the protocol out of `environment` and out of the process,
  /// so that no child speaks in the hub's name.
  explicit service_notifier(variable_map& environment);

  service_notifier(const service_notifier&) = delete;
  service_notifier& operator=(const service_notifier&) = delete;

  ~service_notifier();

  /// Whether there is somebody to tell.
  bool active() const noexcept {
    return socket_ >= 0;
  }

  /// Within which time the manager wants to hear of this process again and again
  /// (`WATCHDOG_USEC`); zero if it does not.
  std::chrono::microseconds watchdog() const noexcept {
    return watchdog_;
  }

  /// It works, for the first time or after `reloading`.
  /// @param status For people; only its first line is told.
  void ready(std::string_view status = {}) const;

  /// It reads its configuration again, or begins anew as the same process; `ready` comes next.
  void reloading() const;

  /// It ends.
  void stopping() const;

  /// It is alive. Never waits, so that a shard may call it.
  void alive() const;

  /// Puts the variables back, for the program that takes the place of this one.
  void give_back() const;

private:
  void send(const std::string& text, int flags = 0) const noexcept;

  variable_map taken_;
  std::string address_;
  int socket_ = -1;
  std::chrono::microseconds watchdog_{0};
};

} // namespace hub
