#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>

namespace hub {

/// A note on disk that a child of this hub runs: a file in `folder` named after
/// its pid. It goes when the child has ended; what is found at the next start is
/// what a killed hub left behind.
///
/// A disk that does not take the note costs nothing but that clean-up.
class child_record {
public:
  child_record() = default;

  /// Notes a child that leads its process group and is not reaped.
  /// @param folder Created with mode 0700 if only that is missing; empty notes
  ///               nothing.
  /// @param server The configured name, for people who look into the file.
  /// @param mark See `child_process::mark`.
  child_record(const std::string& folder, pid_t pid, const std::string& server, const std::string& mark);

  child_record(child_record&& other) noexcept;
  child_record& operator=(child_record&& other) noexcept;

  /// Removes the note.
  ~child_record();

private:
  std::string file_;
};

/// Ends, with SIGKILL, what the notes in `folder` name and what comes of it, and removes
/// the notes. A process is only touched if it is the one that was noted (pid, start time,
/// boot of the machine, and its mark or its executable), a member of its group and session
/// that started after it, or has its mark. Call it before the first child is started.
/// @return Of how many notes something was killed.
size_t reap_leftovers(const std::string& folder);

} // namespace hub
