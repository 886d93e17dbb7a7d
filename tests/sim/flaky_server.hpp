#pragma once

#include "messages/rpc/envelope.hpp"
#include "tests/sim/dice.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::sim {

/// What a server does when it is asked which era it speaks.
enum class probe_manner : uint8_t { stateless, refuses, closes, silent, late };

/// The character of one server; all its runs share it. The numbers are percent.
struct temper {
  probe_manner probe = probe_manner::refuses;

  /// Its program cannot be started at all.
  bool missing = false;

  /// How often it does not come up: refuses, names an unknown version, is
  /// silent or dies.
  uint64_t bad_start = 0;

  /// How often a call ends the process.
  uint64_t crash = 0;

  /// How often a call is never answered.
  uint64_t mute = 0;

  /// How often something that no protocol has goes before an answer.
  uint64_t noise = 0;

  /// How often it does not end when it is told to.
  uint64_t stubborn = 0;
};

/// Something that a server does after a while.
struct deed {
  std::chrono::milliseconds after{0};

  /// The message it writes; empty if it ends instead.
  std::string says;

  /// The id of the request that this answers, as written; empty if none.
  std::string answers;
};

/// An MCP server that is as bad as its temper and the dice make it. Plain: it
/// hears a message and says what it will do.
class flaky_server {
public:
  flaky_server(temper character, std::shared_ptr<dice> luck)
    : temper_(character), dice_(std::move(luck)) {
    // nop
  }

  /// What follows from a message of the hub.
  std::vector<deed> hear(std::string_view message);

  /// Whether a request was taken back, and this server minds it.
  bool forgets(const std::string& id) const {
    return cancelled_.contains(id);
  }

  /// What the hub said that no client may say.
  std::vector<std::string> take_complaints() {
    return std::exchange(complaints_, {});
  }

private:
  using milliseconds = std::chrono::milliseconds;

  void on_probe(const std::string& id);
  void on_initialize(const std::string& id);
  void on_list(const std::string& method, const std::string& id, std::string_view params);
  void on_call(const std::string& method, const std::string& id, std::string_view params);
  void make_noise(const std::string& id, std::string_view result);
  void say(milliseconds after, std::string text, std::string answers = {});
  void answer(milliseconds after, const std::string& id, std::string_view result);
  void fail(milliseconds after, const std::string& id, int code, std::string_view message);
  void die(milliseconds after);
  milliseconds soon();

  temper temper_;
  std::shared_ptr<dice> dice_;
  std::vector<deed> deeds_;
  std::vector<std::string> complaints_;
  std::set<std::string> cancelled_;
  bool stateless_ = false;
  bool initialized_ = false;
  int more_tools_ = 0;
  std::string last_answered_;
};

} // namespace hub::sim
