#include "actors/transport/child_record.hpp"

#include "actors/transport/descriptor.hpp"
#include "actors/transport/offspring.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace hub {

namespace {

/// How often processes are looked for that come to be while others are killed.
constexpr int rounds_max = 16;

/// What `/proc/PID/stat` says of a process.
struct process_facts {
  pid_t pid = 0;
  pid_t group = 0;
  pid_t session = 0;

  /// Clock ticks since the boot.
  uint64_t started = 0;
};

/// The first 4 KiB of a small file; empty if there is none.
std::string read_small(const std::string& path) {
  descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
  std::string result(4096, '\0');
  auto count = file ? ::read(file.get(), result.data(), result.size()) : -1;
  result.resize(count > 0 ? static_cast<size_t>(count) : 0);
  return result;
}

std::optional<process_facts> facts_of(pid_t pid) {
  auto text = read_small("/proc/" + std::to_string(pid) + "/stat");
  // The name in brackets may hold anything; what follows it are numbers.
  auto bracket = text.rfind(')');
  if (bracket == std::string::npos)
    return std::nullopt;
  std::istringstream in{text.substr(bracket + 1)};
  std::string skipped;
  pid_t parent = 0;
  process_facts result;
  result.pid = pid;
  in >> skipped >> parent >> result.group >> result.session;
  // Fields 7 to 21.
  for (int i = 0; i < 15; ++i)
    in >> skipped;
  in >> result.started;
  if (!in)
    return std::nullopt;
  return result;
}

/// Differs from boot to boot, so that a start time means something.
std::string boot_id() {
  auto text = read_small("/proc/sys/kernel/random/boot_id");
  return text.substr(0, text.find('\n'));
}

/// The program that a process executes; empty if that cannot be read.
std::string executable_of(pid_t pid) {
  std::error_code failed;
  return std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/exe", failed).string();
}

/// What a note says.
struct noted_child {
  process_facts facts;
  std::string mark;
  std::string executable;
};

std::vector<process_facts> all_processes() {
  std::vector<process_facts> result;
  std::error_code failed;
  for (auto& entry : std::filesystem::directory_iterator{"/proc", failed}) {
    auto name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos)
      continue;
    if (auto facts = facts_of(static_cast<pid_t>(std::stol(name))))
      result.push_back(*facts);
  }
  return result;
}

/// Tells whether the group that a note names still has members of its own.
bool still_there(const noted_child& child, const std::vector<process_facts>& running) {
  auto& noted = child.facts;
  auto members = 0;
  for (auto& process : running) {
    if (process.pid == noted.pid)
      return process.started == noted.started && process.group == noted.pid
             && (run_mark_of(process.pid) == child.mark
                 || (!child.executable.empty() && executable_of(process.pid) == child.executable));
    if (process.group == noted.pid) {
      if (process.session != noted.session || process.started < noted.started)
        return false;
      ++members;
    }
  }
  return members > 0;
}

/// Kills the processes that have left the group of a noted one, its number kept by a descriptor
/// while we look whose it is.
bool kill_marked(const noted_child& child) {
  auto killed = false;
  for (int round = 0; round < rounds_max; ++round) {
    auto found = false;
    for (auto& process : all_processes()) {
      if (process.started < child.facts.started || run_mark_of(process.pid) != child.mark)
        continue;
      descriptor held{static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0))};
      if (held && run_mark_of(process.pid) == child.mark)
        found = ::syscall(SYS_pidfd_send_signal, held.get(), SIGKILL, nullptr, 0) == 0 || found;
    }
    if (!found)
      break;
    killed = true;
  }
  return killed;
}

} // namespace

child_record::child_record(const std::string& folder, pid_t pid, const std::string& server, const std::string& mark) {
  auto facts = folder.empty() ? std::nullopt : facts_of(pid);
  if (!facts)
    return;
  auto path = folder + "/" + std::to_string(pid);
  constexpr auto flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
  descriptor file{::open(path.c_str(), flags, 0600)};
  if (!file && ::mkdir(folder.c_str(), 0700) == 0)
    file.reset(::open(path.c_str(), flags, 0600));
  if (!file)
    return;
  file_ = std::move(path);
  auto text = std::to_string(facts->started) + " " + std::to_string(facts->session) + " " + boot_id() + " " + mark + "\n"
              + executable_of(pid) + "\n" + server + "\n";
  // A note that is cut short is not understood later and simply removed.
  static_cast<void>(::write(file.get(), text.data(), text.size()));
}

child_record::child_record(child_record&& other) noexcept : file_(std::exchange(other.file_, {})) {
  // nop
}

child_record& child_record::operator=(child_record&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

child_record::~child_record() {
  if (!file_.empty())
    ::unlink(file_.c_str());
}

size_t reap_leftovers(const std::string& folder) {
  std::vector<noted_child> noted;
  auto boot = boot_id();
  std::error_code failed;
  for (auto& entry : std::filesystem::directory_iterator{folder, failed}) {
    auto name = entry.path().filename().string();
    if (name.size() > 9 || name.find_first_not_of("0123456789") != std::string::npos)
      continue;
    noted_child child;
    std::string noted_boot;
    std::istringstream in{read_small(entry.path().string())};
    in >> child.facts.started >> child.facts.session >> noted_boot >> child.mark;
    std::getline(in >> std::ws, child.executable);
    child.facts.pid = static_cast<pid_t>(std::stol(name));
    ::unlink(entry.path().c_str());
    if (in && noted_boot == boot && child.facts.pid > 1 && !child.mark.empty())
      noted.push_back(std::move(child));
  }
  if (noted.empty())
    return 0;
  size_t killed = 0;
  auto running = all_processes();
  for (auto& child : noted) {
    auto group = still_there(child, running) && ::kill(-child.facts.pid, SIGKILL) == 0;
    if (kill_marked(child) || group)
      ++killed;
  }
  return killed;
}

} // namespace hub
