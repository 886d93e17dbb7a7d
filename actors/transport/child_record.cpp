#include "actors/transport/child_record.hpp"

#include "actors/transport/descriptor.hpp"

#include <fcntl.h>
#include <sys/stat.h>
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
bool still_there(const process_facts& noted, const std::vector<process_facts>& running) {
  auto members = 0;
  for (auto& process : running) {
    if (process.pid == noted.pid)
      return process.started == noted.started && process.group == noted.pid;
    if (process.group == noted.pid) {
      if (process.session != noted.session || process.started < noted.started)
        return false;
      ++members;
    }
  }
  return members > 0;
}

} // namespace

child_record::child_record(const std::string& folder, pid_t pid, const std::string& server) {
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
  auto text = std::to_string(facts->started) + " " + std::to_string(facts->session) + " " + boot_id() + " " + server
              + "\n";
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
  std::vector<process_facts> noted;
  auto boot = boot_id();
  std::error_code failed;
  for (auto& entry : std::filesystem::directory_iterator{folder, failed}) {
    auto name = entry.path().filename().string();
    if (name.size() > 9 || name.find_first_not_of("0123456789") != std::string::npos)
      continue;
    process_facts facts;
    std::string noted_boot;
    std::istringstream in{read_small(entry.path().string())};
    in >> facts.started >> facts.session >> noted_boot;
    facts.pid = static_cast<pid_t>(std::stol(name));
    ::unlink(entry.path().c_str());
    if (in && noted_boot == boot && facts.pid > 1)
      noted.push_back(facts);
  }
  if (noted.empty())
    return 0;
  size_t killed = 0;
  auto running = all_processes();
  for (auto& facts : noted)
    if (still_there(facts, running) && ::kill(-facts.pid, SIGKILL) == 0)
      ++killed;
  return killed;
}

} // namespace hub
