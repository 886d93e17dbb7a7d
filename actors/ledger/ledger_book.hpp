#pragma once

#include "messages/ledger.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// What the report of costs is about.
struct cost_question {
  enum class grouping : uint8_t { tool, server, client, day };
  grouping by = grouping::tool;

  /// Today and the days before it, 1 to 400.
  int64_t days = 30;
};

/// Reads `by=tool&days=30`. What is not there, or is nothing, is as above.
cost_question read_cost_question(std::string_view query);

/// All that calls have cost, in sums of a day, server, tool and client; and what is spent
/// of the budgets.
class ledger_book {
public:
  /// How far reports and the disk go back. The book itself goes by the number of its rows: a day that
  /// comes from a clock that was wrong must not make it forget the others.
  static constexpr int64_t days_kept = 400;

  /// What is kept: the oldest days go first, and further names of a day count as `(other)`.
  static constexpr size_t rows_of_day = 2'000;
  static constexpr size_t most_rows = 100'000;
  static constexpr size_t most_spent = 10'000;
  static constexpr size_t longest_name = 128;

  /// Takes in what runs before have kept.
  void restore(std::vector<cost_row> rows, std::vector<spent_row> spent);

  void add(const settle_costs& x);

  /// Whether something is to be written.
  bool is_dirty() const noexcept {
    return !dirty_.empty() || !dirty_spent_.empty();
  }

  /// What is to be written now. If it was not, `write_again` has it come once more.
  keep_costs take_dirty();

  void write_again(const keep_costs& x);

  /// `{"by":…,"rows":[…],"total":{…},"budgets":[…]}`; amounts in cents.
  /// @param budgets Those that count.
  std::string report(const cost_question& x, const budget_list& budgets, int64_t now) const;

private:
  struct key {
    int64_t day = 0;
    std::string server;
    std::string tool;
    std::string client;

    auto operator<=>(const key&) const = default;
  };

  struct sums {
    int64_t calls = 0;
    money cost{};
    int64_t saved_calls = 0;
    money saved{};

    sums& operator+=(const sums& x);
  };

  key key_for(const cost_entry& x) const;
  void trim();
  static std::string text_of(const sums& x);

  std::map<key, sums> rows_;
  std::map<int64_t, size_t> rows_on_day_;
  std::map<std::string, spent_row> spent_;
  std::set<key> dirty_;
  std::set<std::string> dirty_spent_;
};

} // namespace hub
