#pragma once

#include "actors/transport/control_group.hpp"
#include "actors/transport/descriptor.hpp"
#include "actors/transport/program_path.hpp"
#include "messages/server_config.hpp"

#include <sys/types.h>

#include <optional>
#include <string>
#include <variant>

namespace hub {

/// How a child ended.
struct child_end {
  /// The exit status, or the number of the signal.
  int value = 0;

  bool by_signal = false;

  /// Whether the kernel killed it, or what came of it, for want of memory.
  bool out_of_memory = false;

  /// `exited with 1` or `was killed by signal 9 (Killed)`.
  std::string to_string() const;
};

/// A child that leads a process group of its own, with pipes to its standard
/// streams. The group is signalled only as long as the child is not reaped: up
/// to there the number of the group cannot belong to anybody else.
///
/// Dropping it kills the group and waits for the child for at most 100 ms; where
/// that matters, give it to `reap_later` instead.
class child_process {
public:
  /// Starts a program with its mark, the environment, folder, arguments and bounds of `spec`, no
  /// inherited descriptors, no blocked or ignored signals. Holds its caller up; see
  /// `child_launch`. The parent's ends of the pipes do not block.
  static std::variant<child_process, launch_failure> launch(const launch_spec& spec);

  child_process(child_process&& other) noexcept;
  child_process& operator=(child_process&&) = delete;
  ~child_process();

  pid_t pid() const noexcept {
    return pid_;
  }

  /// The variable by which all that comes of this child is known; see `offspring`.
  const std::string& mark() const noexcept {
    return mark_;
  }

  /// A descriptor that becomes readable when the child ends; empty when the hub
  /// has no descriptor left. Only before the child is reaped.
  descriptor open_end() const noexcept;

  /// The parent's ends of the pipes; whoever needs one may take it.
  descriptor to_stdin;
  descriptor from_stdout;
  descriptor from_stderr;

  /// Signals the whole group; does nothing once the child is reaped.
  void signal_group(int signal) noexcept;

  /// If the child has ended: kills what is left of its group and what has left the
  /// group, reaps the child and says how it ended. Does not wait.
  std::optional<child_end> reap() noexcept;

  bool reaped() const noexcept {
    return pid_ <= 0 || reaped_;
  }

private:
  child_process() = default;

  /// Has the kernel hold it to its bounds, as far as it can here.
  void bind(const run_bounds& bounds);

  pid_t pid_ = 0;
  std::string mark_;
  bool reaped_ = false;

  /// Where it has bounds that need one.
  std::optional<control_group> group_;
};

} // namespace hub
