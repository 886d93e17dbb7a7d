#include "tests/bench/process_clock.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

namespace hub::bench {

namespace {

/// The folders of a process's threads; none when the process is gone.
std::filesystem::directory_iterator threads_of(pid_t pid) {
  std::error_code gone;
  return std::filesystem::directory_iterator{"/proc/" + std::to_string(pid) + "/task", gone};
}

} // namespace

uint64_t cpu_time_ns(pid_t pid) {
  uint64_t sum = 0;
  for (const auto& thread : threads_of(pid)) {
    std::ifstream file{thread.path() / "schedstat"};
    uint64_t ran = 0;
    file >> ran;
    sum += ran;
  }
  return sum;
}

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> result;
  for (const auto& thread : threads_of(pid)) {
    std::ifstream file{thread.path() / "children"};
    pid_t child = 0;
    while (file >> child)
      result.push_back(child);
  }
  return result;
}

uint64_t machine_busy_ns() {
  std::ifstream file{"/proc/stat"};
  std::string name;
  uint64_t user = 0, nice = 0, system = 0, idle = 0, io_wait = 0, irq = 0, soft_irq = 0, steal = 0;
  file >> name >> user >> nice >> system >> idle >> io_wait >> irq >> soft_irq >> steal;
  auto ticks = user + nice + system + irq + soft_irq + steal;
  return ticks * (1'000'000'000ULL / static_cast<uint64_t>(sysconf(_SC_CLK_TCK)));
}

} // namespace hub::bench
