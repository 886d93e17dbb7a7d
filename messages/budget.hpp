#pragma once

#include "messages/money.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// The most that may be spent by somebody, or on something, within a time.
struct budget {
  enum class kind : uint8_t {
    global,
    session, ///< Each session by itself.
    client,  ///< `pattern` is the name of a client or of its token.
    project, ///< `pattern` is a folder: it and what is below it.
    tool     ///< `pattern` is a tool as its server names it, or `server__tool`.
  };

  /// Hours, days and months begin with those of UTC.
  enum class period : uint8_t { call, hour, day, month, ever };

  kind scope = kind::global;

  /// With `*` and `?`, but for folders.
  std::string pattern{};

  period per = period::ever;
  money limit{};

  bool operator==(const budget&) const = default;
};

/// `global`, `client:NAME` and so on, as the configuration has it.
std::string scope_text(const budget& x);

/// `call`, `hour` and so on.
std::string_view to_string(budget::period x) noexcept;

/// When the period around `now` begins; 0 for `call` and `ever`. All in seconds since 1970.
int64_t begin_of(budget::period per, int64_t now) noexcept;

/// When the period around `now` ends; 0 for `call` and `ever`.
int64_t end_of(budget::period per, int64_t now) noexcept;

/// `2026-12-01 00:00 UTC`.
std::string utc_text(int64_t seconds);

using budget_list = std::vector<budget>;
using budgets_ptr = std::shared_ptr<const budget_list>;

/// Where the budgets that count are left for the call path. Never null once the hub runs.
using budget_cell = std::atomic<budgets_ptr>;

/// What was spent of a budget, as it is kept on disk.
struct spent_row {
  /// Scope and period, and for sessions whose; the limit may change.
  std::string key;

  /// When its period began.
  int64_t since = 0;

  money spent{};
};

} // namespace hub
