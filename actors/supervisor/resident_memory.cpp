#include "actors/supervisor/resident_memory.hpp"

#include <unistd.h>

#include <cstddef>
#include <fstream>
#include <string>

namespace hub {

namespace {

constexpr size_t processes_max = 64;

} // namespace

int64_t resident_memory(std::vector<pid_t> family) {
  int64_t pages = 0;
  for (size_t i = 0; i < family.size() && i < processes_max; ++i) {
    auto folder = "/proc/" + std::to_string(family[i]);
    int64_t size = 0;
    int64_t resident = 0;
    if (std::ifstream{folder + "/statm"} >> size >> resident)
      pages += resident;
    // Only the first thread is asked, which is the one that forks in practice.
    std::ifstream children{folder + "/task/" + std::to_string(family[i]) + "/children"};
    for (pid_t child = 0; family.size() < processes_max && children >> child;)
      family.push_back(child);
  }
  return pages * ::sysconf(_SC_PAGESIZE);
}

} // namespace hub
