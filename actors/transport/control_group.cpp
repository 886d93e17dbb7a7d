#include "actors/transport/control_group.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace hub {

namespace {

namespace fs = std::filesystem;

/// The group that the hub itself is in, and the beginning of those of its children.
constexpr std::string_view own_name = "hub";
constexpr std::string_view child_prefix = "run-";

/// Microseconds that the shares of processors are counted in.
constexpr int64_t period_us = 100'000;

bool write_to(const fs::path& file, const std::string& text) {
  std::ofstream out{file};
  out << text << std::flush;
  return out.good();
}

std::vector<std::string> words_of(const fs::path& file) {
  std::ifstream in{file};
  std::vector<std::string> result;
  for (std::string word; in >> word;)
    result.push_back(std::move(word));
  return result;
}

bool has(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Where the tree of version 2 is mounted; empty if it is not.
fs::path mount_point() {
  std::ifstream in{"/proc/self/mountinfo"};
  for (std::string line; std::getline(in, line);) {
    auto rest = line.find(" - cgroup2 ");
    if (rest == std::string::npos)
      continue;
    std::istringstream fields{line};
    std::string id, parent, device, root, point;
    if (fields >> id >> parent >> device >> root >> point && root == "/")
      return point;
  }
  return {};
}

/// The group of this process; empty if there is none, or it is the root, which is everybody's.
fs::path own_group() {
  std::ifstream in{"/proc/self/cgroup"};
  for (std::string line; std::getline(in, line);)
    if (auto mount = mount_point(); line.starts_with("0::/") && line.size() > 4 && !mount.empty())
      return mount / line.substr(4);
  return {};
}

/// Whether nobody but this process is in a group.
bool is_alone_in(const fs::path& folder) {
  auto processes = words_of(folder / "cgroup.procs");
  return processes.size() == 1 && processes.front() == std::to_string(::getpid());
}

/// Kills what is in a group, where the kernel can (5.14 and later), and removes it.
void remove_group(const fs::path& folder) noexcept {
  try {
    write_to(folder / "cgroup.kill", "1");
  } catch (const std::exception&) {
    // Then it goes with the group above.
  }
  ::rmdir(folder.c_str());
}

} // namespace

// -- the group of a child --------------------------------------------------------------

control_group::control_group(control_group&& other) noexcept : folder_(std::exchange(other.folder_, {})) {
  // nop
}

control_group& control_group::operator=(control_group&& other) noexcept {
  std::swap(folder_, other.folder_);
  return *this;
}

control_group::~control_group() {
  if (!folder_.empty())
    remove_group(folder_);
}

bool control_group::ran_out_of_memory() const {
  auto words = words_of(folder_ / "memory.events");
  auto i = std::find(words.begin(), words.end(), "oom_kill");
  return i != words.end() && ++i != words.end() && *i != "0";
}

// -- the hub's part --------------------------------------------------------------------

control_groups& control_groups::of_this_process() {
  // Never destroyed, as `offspring`.
  static auto& one = *new control_groups;
  return one;
}

void control_groups::take_over(fs::path own) {
  auto folder = own.empty() ? own_group() : std::move(own);
  if (folder.empty() || !is_alone_in(folder))
    return;
  // A hub that became another one by `exec` is in its place already.
  if (folder.filename() == own_name)
    folder = folder.parent_path();
  auto offered = words_of(folder / "cgroup.controllers");
  if (!has(offered, "cpu") && !has(offered, "memory"))
    return;
  std::error_code failed;
  for (auto& entry : fs::directory_iterator{folder, failed})
    if (entry.is_directory(failed) && entry.path().filename().string().starts_with(child_prefix))
      remove_group(entry.path());
  fs::create_directory(folder / own_name, failed);
  if (failed || !write_to(folder / own_name / "cgroup.procs", std::to_string(::getpid())))
    return;
  auto enable = [&](const std::string& controller) {
    return has(offered, controller) && write_to(folder / "cgroup.subtree_control", "+" + controller);
  };
  processors_ = enable("cpu");
  memory_ = enable("memory");
  base_ = std::move(folder);
}

std::optional<control_group> control_groups::place(pid_t child, const run_bounds& bounds) const {
  auto processors = processors_ && bounds.processors > 0;
  auto memory = memory_ && bounds.memory_bytes > 0;
  if (!processors && !memory)
    return std::nullopt;
  auto folder = base_ / (std::string{child_prefix} + std::to_string(child));
  std::error_code failed;
  if (!fs::create_directory(folder, failed))
    return std::nullopt;
  control_group result{folder};
  if (processors) {
    auto share = std::max<int64_t>(static_cast<int64_t>(bounds.processors * period_us), 1000);
    write_to(folder / "cpu.max", std::to_string(share) + " " + std::to_string(period_us));
  }
  if (memory) {
    write_to(folder / "memory.max", std::to_string(bounds.memory_bytes));
    // All of it ends, and not the process that happens to be largest.
    write_to(folder / "memory.oom.group", "1");
  }
  if (!write_to(folder / "cgroup.procs", std::to_string(child)))
    return std::nullopt;
  return result;
}

} // namespace hub
