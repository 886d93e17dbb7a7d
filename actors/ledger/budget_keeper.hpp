#pragma once

#include "messages/budget.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hub {

/// Who wants to spend, and on what.
struct spender {
  /// The name that the client gives itself, and that of its token; empty without one.
  std::string_view client;
  std::string_view token;

  /// Whatever tells sessions apart.
  std::string_view session;

  std::string_view project;
  std::string_view server;

  /// As its server names it.
  std::string_view tool;
};

/// What is spent of budgets, and what calls in flight may still spend. As long as nothing
/// costs more than was reserved for it, no budget is ever overspent, however many calls
/// reserve at once. All times are seconds since 1970; a clock that goes back opens no new period.
class budget_keeper {
  struct counter {
    std::string key;
    budget::period per = budget::period::ever;
    int64_t since = 0;
    money spent{};
    money reserved{};

    /// Higher for those that were used later.
    uint64_t used = 0;
  };

public:
  /// The most sessions and others whose spending is remembered.
  static constexpr size_t most_counters = 10'000;

  /// Money that is kept free for a call, in all budgets that it counts for.
  class reservation {
  public:
    money amount() const noexcept {
      return amount_;
    }

  private:
    friend budget_keeper;
    money amount_{};
    std::vector<std::shared_ptr<counter>> counters_;
  };

  /// Why a call must not be made.
  struct refusal {
    hub::budget budget;
    money spent{};

    /// What calls in flight may still spend of it.
    money reserved{};
    money wanted{};

    /// When there is money again; 0 is never.
    int64_t resets_at = 0;
  };

  /// What counts from now on; what was spent of a budget stays.
  void set(budgets_ptr budgets);

  /// Whether these are what counts.
  bool has(const budgets_ptr& budgets) const noexcept {
    return budgets_ == budgets;
  }

  /// Takes in what was spent in runs before.
  void restore(const std::vector<spent_row>& rows);

  std::variant<reservation, refusal> reserve(const spender& who, money amount, int64_t now);

  /// The call is over and has cost so much; none gives all back. Tells what is spent now of
  /// the budgets that have changed.
  std::vector<spent_row> settle(reservation x, money cost, int64_t now);

private:
  std::shared_ptr<counter>& counter_of(const budget& x, const spender& who, int64_t now);
  void make_room();

  budgets_ptr budgets_;
  uint64_t uses_ = 0;
  std::map<std::string, std::shared_ptr<counter>, std::less<>> counters_;
};

/// By what a budget is known, whatever its limit.
/// @param session Whose, if each session has its own.
std::string key_of(const budget& x, std::string_view session);

/// Whether a budget counts for somebody.
bool counts_for(const budget& x, const spender& who);

} // namespace hub
