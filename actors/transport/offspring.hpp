#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace hub {

/// The processes that this one has started, and what those leave behind. A server's child that
/// leaves its process group (`setsid`) loses its parent with the server; once `adopt_orphans` was
/// called the kernel gives such orphans to us instead of to init, and they are ended by the mark in
/// their environment. Only a child of ours that we have not reaped is signalled, so its number is
/// nobody else's; one without a mark of ours is never signalled.
///
/// One for the process, safe from all threads.
class offspring {
public:
  static offspring& of_this_process();

  /// From now on, or no longer, orphans are adopted.
  void adopt_orphans(bool wanted = true) noexcept;

  /// A variable `SLM_HUB_RUN=...` that no other run of any server has.
  std::string next_mark();

  /// Processes are being started as long as one of these lives: meanwhile nobody takes for an orphan what was not added yet.
  class birth {
  public:
    explicit birth(offspring& of) : of_(of) {
      // nop
    }

    birth(const birth&) = delete;
    birth& operator=(const birth&) = delete;

    ~birth() {
      of_.end_birth();
    }

    /// A process was started.
    /// @param mark What stands in its environment; empty if nothing of it is to be ended.
    void add(pid_t pid, std::string mark);

  private:
    offspring& of_;
  };

  birth begin();

  /// Whether processes are being started.
  bool is_starting();

  /// A process that was added is reaped, or will not be by its owner.
  void remove(pid_t pid);

  /// Reaps dead orphans and kills (SIGKILL) those of runs that have ended. Their own children come to
  /// us as they die, which SIGCHLD tells: call it then, and when a run has ended.
  /// While processes are being started it is put off to their end.
  /// @return How many orphans were signalled.
  size_t end_strays();

  /// What came of a process that was added, has lost its parents since and lives. Empty while orphans are not adopted.
  std::vector<pid_t> orphans_of(pid_t started);

private:
  offspring();

  std::unique_lock<std::mutex> hold() {
    return std::unique_lock{mutex_};
  }

  void end_birth();

  /// Our children, after what is kept of those that are gone was dropped.
  std::vector<pid_t> look_around();

  /// The mark of an orphan.
  const std::string& mark_of(pid_t pid);

  bool is_stray(pid_t pid);

  std::mutex mutex_;

  /// What all marks of this process begin with.
  std::string prefix_;

  uint64_t marks_ = 0;
  bool adopts_ = false;

  /// How many processes are being started, and whether orphans were to be ended meanwhile.
  size_t births_ = 0;
  bool put_off_ = false;

  /// Running processes of ours, and their marks.
  std::map<pid_t, std::string> started_;

  /// Living orphans, and their marks.
  std::map<pid_t, std::string> orphans_;
};

/// The mark that a process has in its environment; empty if it has none, or is not ours to look into.
std::string run_mark_of(pid_t pid);

} // namespace hub
