#include "tests/bench/measurement.hpp"

#include "tests/bench/process_clock.hpp"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <unistd.h>
#include <utility>

namespace hub::bench {

measurement::measurement(pid_t watched, std::vector<pid_t> beside) : watched_{watched}, beside_{std::move(beside)} {
  latencies_ns_.reserve(1 << 20);
}

uint64_t measurement::own_family_ns() const {
  auto sum = cpu_time_ns(getpid());
  if (watched_ != 0)
    sum += cpu_time_ns(watched_);
  for (auto child : children_)
    sum += cpu_time_ns(child);
  for (auto other : beside_)
    sum += cpu_time_ns(other);
  return sum;
}

void measurement::begin() {
  children_ = children_of(watched_ != 0 ? watched_ : getpid());
  watched_ns_ = watched_ != 0 ? cpu_time_ns(watched_) : 0;
  family_ns_ = own_family_ns();
  machine_ns_ = machine_busy_ns();
  begin_ = steady::now();
}

void measurement::end() {
  end_ = steady::now();
  machine_ns_ = machine_busy_ns() - machine_ns_;
  family_ns_ = own_family_ns() - family_ns_;
  watched_ns_ = watched_ != 0 ? cpu_time_ns(watched_) - watched_ns_ : 0;
}

void measurement::add(std::chrono::nanoseconds latency, size_t bytes) {
  auto ns = std::min<int64_t>(latency.count(), std::numeric_limits<uint32_t>::max());
  latencies_ns_.push_back(static_cast<uint32_t>(ns));
  bytes_ += bytes;
}

void measurement::add_error(std::string_view what) {
  if (errors_++ == 0)
    for (char c : what.substr(0, 300))
      first_error_ += c == '"' || c == '\\' || static_cast<unsigned char>(c) < ' ' ? '\'' : c;
}

void measurement::print(size_t sessions) {
  std::sort(latencies_ns_.begin(), latencies_ns_.end());
  auto calls = latencies_ns_.size();
  auto at = [&](double part) {
    return calls == 0
               ? 0.0
               : latencies_ns_[std::min(calls - 1, static_cast<size_t>(part * static_cast<double>(calls)))] / 1e3;
  };
  auto seconds = std::chrono::duration<double>(end_ - begin_).count();
  auto per_call = calls == 0 ? 0.0 : static_cast<double>(watched_ns_) / 1e3 / static_cast<double>(calls);
  auto foreign = std::max(0.0, static_cast<double>(machine_ns_) - static_cast<double>(family_ns_)) / 1e9
                 / std::max(seconds, 1e-9);
  std::printf(
      R"({"sessions":%zu,"calls":%zu,"seconds":%.3f,"calls_per_s":%.1f,"p50_us":%.1f,"p90_us":%.1f,"p99_us":%.1f,)"
      R"("max_us":%.1f,"mb_per_s":%.2f,"cpu_us_per_call":%.2f,"foreign_cpus":%.2f,"errors":%llu,"first_error":"%s"})"
      "\n",
      sessions, calls, seconds, static_cast<double>(calls) / seconds, at(.5), at(.9), at(.99), at(1),
      static_cast<double>(bytes_) / 1e6 / seconds, per_call, foreign, static_cast<unsigned long long>(errors_),
      first_error_.c_str());
  std::fflush(stdout);
}

} // namespace hub::bench
