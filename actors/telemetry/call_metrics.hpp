#pragma once

#include "messages/call_record.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace hub {

/// How long things took, in buckets, as Prometheus and OpenTelemetry have it.
class duration_histogram {
public:
  /// The upper ends of the buckets in seconds: those of OpenTelemetry's MCP conventions, and
  /// two below, for servers on the same machine.
  static constexpr std::array<double, 16> bounds{0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5,
                                                 1,     2,     5,    10,   30,   60,  120, 300};

  void add(int64_t microseconds) noexcept;

  duration_histogram& operator+=(const duration_histogram& x) noexcept;

  uint64_t count() const noexcept {
    return count_;
  }

  double sum_seconds() const noexcept {
    return static_cast<double>(sum_us_) / 1e6;
  }

  /// How many took at most `bounds[i]`.
  uint64_t up_to(size_t i) const noexcept;

  /// Below which the share `q` (0 to 1) of all lies, in seconds, as well as the buckets tell; 0
  /// without any.
  double quantile(double q) const noexcept;

private:
  std::array<uint64_t, bounds.size() + 1> buckets_{};
  uint64_t count_ = 0;
  uint64_t sum_us_ = 0;
};

/// What calls of one kind have come to.
struct call_series {
  std::array<uint64_t, call_outcome_count> outcomes{};
  duration_histogram durations;
  uint64_t request_bytes = 0;
  uint64_t answer_bytes = 0;
  money cost{};

  /// What the cache had to do with them, by `cache_use`.
  std::array<uint64_t, cache_use_count> cache{};

  uint64_t calls() const noexcept;
  uint64_t errors() const noexcept;

  call_series& operator+=(const call_series& x) noexcept;
};

/// Counts calls by server, method and tool. It has no actor and no clock in it.
class call_metrics {
public:
  /// The most tools of a server that have a series of their own, and the most servers;
  /// further ones are counted together as `(other)`.
  static constexpr size_t tools_of_server = 100;
  static constexpr size_t most_servers = 500;

  struct key {
    std::string server;
    std::string method;

    /// As its server calls it; empty for other methods.
    std::string tool;

    auto operator<=>(const key&) const = default;
  };

  /// Finds a key without a copy of its names.
  struct key_order {
    using is_transparent = void;
    using view = std::tuple<std::string_view, std::string_view, std::string_view>;

    static view view_of(const key& x) noexcept {
      return {x.server, x.method, x.tool};
    }

    static view view_of(const view& x) noexcept {
      return x;
    }

    template <class A, class B>
    bool operator()(const A& a, const B& b) const noexcept {
      return view_of(a) < view_of(b);
    }
  };

  using series_map = std::map<key, call_series, key_order>;

  call_metrics() = default;

  // It remembers a place in itself.
  call_metrics(const call_metrics&) = delete;
  call_metrics& operator=(const call_metrics&) = delete;

  /// @param tool The name of the tool that was called; empty for other methods.
  void add(const call_record& x, std::string_view tool);

  const series_map& series() const noexcept {
    return series_;
  }

  /// What the calls of each server have come to.
  std::map<std::string_view, call_series> by_server() const;

  /// How many calls a rule refused, and let pass with a warning.
  uint64_t denied() const noexcept {
    return denied_;
  }

  uint64_t warned() const noexcept {
    return warned_;
  }

private:
  /// Where a call is counted whose names have no series yet.
  series_map::iterator add_series(std::string_view server, std::string_view method, std::string_view tool);

  series_map series_;

  /// Where the last call was counted.
  series_map::iterator last_ = series_.end();

  std::map<std::string, size_t> tools_;
  uint64_t denied_ = 0;
  uint64_t warned_ = 0;
};

} // namespace hub
