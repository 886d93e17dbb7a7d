#pragma once

#include "messages/server_config.hpp"

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <utility>

namespace hub {

/// The control group of one child (cgroup v2): what the kernel holds it and all that comes of it to. Ends what is
/// left in it, and itself, when it is dropped.
class control_group {
public:
  control_group(control_group&& other) noexcept;
  control_group& operator=(control_group&& other) noexcept;
  ~control_group();

  /// Whether the kernel has killed something in it for want of memory.
  bool ran_out_of_memory() const;

private:
  friend class control_groups;

  explicit control_group(std::filesystem::path folder) : folder_(std::move(folder)) {
    // nop
  }

  std::filesystem::path folder_;
};

/// The part of the tree of control groups that is the hub's to divide: under systemd the group of its unit
/// (`Delegate=`). Elsewhere it has none, and bounds that need one are not held.
///
/// One for the process. `take_over` is for its beginning; the rest is safe from all threads.
class control_groups {
public:
  static control_groups& of_this_process();

  /// Moves this process into a group below its own, so that the groups of children can stand beside it (cgroup v2, "No
  /// Internal Process Constraint"), and removes what an earlier hub left. Does nothing in a group that others are
  /// in, too.
  /// @param own The folder of the group that this process is in; empty looks it up.
  void take_over(std::filesystem::path own = {});

  bool bounds_processors() const noexcept {
    return processors_;
  }

  bool bounds_memory() const noexcept {
    return memory_;
  }

  /// Puts a child of this process into a group with its bounds; nothing if there is no bound that can be held here.
  std::optional<control_group> place(pid_t child, const run_bounds& bounds) const;

private:
  std::filesystem::path base_;
  bool processors_ = false;
  bool memory_ = false;
};

} // namespace hub
