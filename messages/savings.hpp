#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <set>
#include <string>

namespace hub {

/// What the hub has spared its users, as docs/ledger.md counts it.
struct savings {
  /// Lists of tools that were answered with the hub's own tools, and the bytes of definitions that
  /// were not in them.
  uint64_t lists = 0;
  uint64_t definition_bytes = 0;

  /// Bytes of these lists, and of replies to searches, which came instead.
  uint64_t reply_bytes = 0;

  /// Calls that the cache answered, and the bytes of their results.
  uint64_t results = 0;
  uint64_t result_bytes = 0;

  /// Processes that clients would have started for their sessions, and those that the hub did start.
  uint64_t processes_wanted = 0;
  uint64_t processes_started = 0;

  bool operator==(const savings&) const = default;

  savings& operator+=(const savings& x) noexcept {
    lists += x.lists;
    definition_bytes += x.definition_bytes;
    reply_bytes += x.reply_bytes;
    results += x.results;
    result_bytes += x.result_bytes;
    processes_wanted += x.processes_wanted;
    processes_started += x.processes_started;
    return *this;
  }
};

/// Where sessions and the call path count, each what it sees. Safe from any thread.
class savings_counter {
public:
  void add_list(uint64_t left_out, uint64_t sent) noexcept {
    lists_ += 1;
    definition_bytes_ += left_out;
    reply_bytes_ += sent;
  }

  void add_search(uint64_t sent) noexcept {
    reply_bytes_ += sent;
  }

  void add_result(uint64_t bytes) noexcept {
    results_ += 1;
    result_bytes_ += bytes;
  }

  void add_processes(uint64_t wanted) noexcept {
    processes_wanted_ += wanted;
  }

  /// Says which servers are processes on this machine, by their configured names.
  void set_programs(std::set<std::string> names) {
    programs_ = std::make_shared<const std::set<std::string>>(std::move(names));
  }

  /// Whether a server is a process on this machine.
  bool is_program(const std::string& server) const {
    auto names = programs_.load();
    return names && names->contains(server);
  }

  /// What was counted since the hub started; the processes that it started are not.
  savings read() const noexcept {
    return {lists_, definition_bytes_, reply_bytes_, results_, result_bytes_, processes_wanted_, 0};
  }

private:
  std::atomic<uint64_t> lists_{0};
  std::atomic<uint64_t> definition_bytes_{0};
  std::atomic<uint64_t> reply_bytes_{0};
  std::atomic<uint64_t> results_{0};
  std::atomic<uint64_t> result_bytes_{0};
  std::atomic<uint64_t> processes_wanted_{0};
  std::atomic<std::shared_ptr<const std::set<std::string>>> programs_;
};

} // namespace hub
