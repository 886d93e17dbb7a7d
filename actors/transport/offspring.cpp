#include "actors/transport/offspring.hpp"

#include "actors/transport/descriptor.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace hub {

namespace {

constexpr std::string_view mark_name = "SLM_HUB_RUN=";

/// An environment beyond this is not read to its end.
constexpr size_t environment_bytes = 1 << 20;

/// Children of all threads, since orphans may go to any of them.
std::vector<pid_t> children_of_ours() {
  std::vector<pid_t> result;
  std::error_code failed;
  for (auto& task : std::filesystem::directory_iterator{"/proc/self/task", failed}) {
    std::ifstream in{task.path() / "children"};
    for (pid_t pid = 0; in >> pid;)
      result.push_back(pid);
  }
  return result;
}

} // namespace

std::string run_mark_of(pid_t pid) {
  descriptor file{::open(("/proc/" + std::to_string(pid) + "/environ").c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file)
    return {};
  // Begins with a separator, so that the first variable looks like the others.
  std::string text(1, '\0');
  std::array<char, 16 * 1024> room;
  for (ssize_t count = 0;
       text.size() < environment_bytes && (count = ::read(file.get(), room.data(), room.size())) > 0;)
    text.append(room.data(), static_cast<size_t>(count));
  auto start = text.find(std::string(1, '\0').append(mark_name));
  return start == std::string::npos ? std::string{} : std::string{text.c_str() + start + 1};
}

offspring& offspring::of_this_process() {
  // Never destroyed: a program whose disk does not answer may be in its start as the hub ends.
  static auto& one = *new offspring;
  return one;
}

offspring::offspring() : prefix_(mark_name) {
  std::array<unsigned char, 16> bytes{};
  static_cast<void>(::getrandom(bytes.data(), bytes.size(), 0));
  for (auto byte : bytes)
    for (auto digit : {byte >> 4, byte & 15})
      prefix_ += "0123456789abcdef"[digit];
  prefix_ += '.';
}

void offspring::adopt_orphans(bool wanted) noexcept {
  auto lock = hold();
  adopts_ = ::prctl(PR_SET_CHILD_SUBREAPER, wanted ? 1 : 0, 0, 0, 0) == 0 && wanted;
}

std::string offspring::next_mark() {
  auto lock = hold();
  return prefix_ + std::to_string(++marks_);
}

offspring::birth offspring::begin() {
  auto lock = hold();
  ++births_;
  return birth{*this};
}

void offspring::birth::add(pid_t pid, std::string mark) {
  auto lock = of_.hold();
  of_.started_.insert_or_assign(pid, std::move(mark));
}

void offspring::end_birth() {
  auto lock = hold();
  if (--births_ > 0 || !std::exchange(put_off_, false))
    return;
  lock.unlock();
  end_strays();
}

bool offspring::is_starting() {
  auto lock = hold();
  return births_ > 0;
}

void offspring::remove(pid_t pid) {
  auto lock = hold();
  started_.erase(pid);
}

const std::string& offspring::mark_of(pid_t pid) {
  auto& mark = orphans_[pid];
  // Empty also while it executes another program, so it is looked at again.
  if (mark.empty())
    mark = run_mark_of(pid);
  return mark;
}

std::vector<pid_t> offspring::look_around() {
  auto children = children_of_ours();
  std::erase_if(orphans_, [&](auto& orphan) {
    return std::find(children.begin(), children.end(), orphan.first) == children.end();
  });
  return children;
}

bool offspring::is_stray(pid_t pid) {
  auto& mark = mark_of(pid);
  return mark.starts_with(prefix_)
         && std::none_of(started_.begin(), started_.end(), [&](auto& run) { return run.second == mark; });
}

size_t offspring::end_strays() {
  auto lock = hold();
  if (!adopts_)
    return 0;
  if (births_ > 0) {
    put_off_ = true;
    return 0;
  }
  size_t result = 0;
  for (auto pid : look_around()) {
    if (started_.count(pid) != 0)
      continue;
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG) != 0 || info.si_pid != 0)
      orphans_.erase(pid);
    else if (is_stray(pid) && ::kill(pid, SIGKILL) == 0)
      ++result;
  }
  return result;
}

std::vector<pid_t> offspring::orphans_of(pid_t started) {
  auto lock = hold();
  auto run = started_.find(started);
  if (!adopts_ || run == started_.end() || run->second.empty())
    return {};
  auto result = look_around();
  std::erase_if(result, [&](auto pid) { return started_.count(pid) != 0 || mark_of(pid) != run->second; });
  return result;
}

} // namespace hub
