#pragma once

#include "actors/slm/slm_api.hpp"
#include "actors/slm/slm_pacing.hpp"
#include "actors/slm/slm_place.hpp"
#include "messages/slm.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hub {

/// The connection to the memory daemon, thought through: whether it is there, which key it
/// wants, what may be sent, and what an answer changes. It knows no actor, no clock and no
/// socket: whoever drives it sends what is in `outgoing`, and tells it what came of that.
class slm_link {
public:
  using time = std::chrono::steady_clock::time_point;

  /// How often a daemon that is there is looked at.
  static constexpr std::chrono::seconds between_checks{30};

  /// The most requests that wait for an answer.
  static constexpr size_t requests_max = 64;

  /// The least time between two times that the key is asked for.
  static constexpr std::chrono::seconds between_keys{10};

  /// A request that is to be sent.
  struct sending {
    uint64_t number = 0;
    slm_request request;

    /// Names and values.
    std::vector<std::pair<std::string, std::string>> headers{};
  };

  /// What is to be done.
  struct output {
    std::vector<sending> outgoing;
    std::vector<std::pair<uint64_t, slm_answer>> answers;

    /// `state` has changed.
    bool changed = false;
  };

  /// @param install_token, api_key Of the environment; empty for none.
  slm_link(std::string install_token, std::string api_key)
    : install_token_(std::move(install_token)), api_key_(std::move(api_key)) {
    // nop
  }

  const slm_state& state() const noexcept {
    return state_;
  }

  /// When `check` is due; nothing while one is under way.
  std::optional<time> check_at() const noexcept {
    return checking_ ? std::nullopt : std::optional{check_at_};
  }

  /// Whether the place of the daemon is to be found before the next check.
  bool wants_place() const noexcept {
    return state_.presence != slm_presence::present;
  }

  /// Where the daemon is.
  void found(const slm_place& place, time now, output& out);

  /// Looks whether the daemon is there.
  void check(time now, output& out);

  /// Takes a request; its answer is in an output, now or later.
  void ask(uint64_t number, ask_slm x, time now, output& out);

  /// What came of something in `outgoing`. `answer.outcome` is `unreachable` if nothing came.
  void answered(uint64_t number, slm_answer answer, time now, output& out);

  /// Requests that wait for an answer of the daemon.
  size_t open() const noexcept {
    return asked_.size();
  }

private:
  /// Numbers of our own requests; those of others must be greater.
  enum : uint64_t { health = 1, status = 2, token = 3, first_free = 16 };

  struct asked {
    ask_slm what;

    /// The key that it showed.
    std::string key{};

    /// It waits for a key, to be sent once more.
    bool waits = false;
    bool again = false;

    /// Why it was refused, if it waits.
    slm_answer refusal{};
  };

  void send(uint64_t number, asked& x, output& out);

  /// Sends what waits for a key, or gives up on it.
  void key_found(output& out);

  void health_answered(slm_answer answer, time now, output& out);
  void lose(slm_presence how, std::string cause, time now, output& out);
  void finish(uint64_t number, slm_answer answer, output& out);

  std::string install_token_;
  std::string api_key_;
  slm_place place_;
  slm_state state_;
  slm_release release_;
  std::string instance_;
  time check_at_{};
  bool checking_ = false;
  probe_pauses pauses_;
  write_budget budget_;

  std::string key_;
  bool key_asked_ = false;
  std::optional<time> key_asked_at_;

  /// A request without a key was refused that does not need one by its release.
  bool key_always_ = false;

  std::map<uint64_t, asked> asked_;
};

} // namespace hub
