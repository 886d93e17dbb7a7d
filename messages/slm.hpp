#pragma once

#include "messages/protocol.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

// The memory daemon (SuperLocalMemory), as the parts of the hub see it that ask it.
namespace hub {

/// One request to the daemon.
struct slm_request {
  std::string method = "GET";

  /// Path and query.
  std::string target;

  /// JSON, or empty.
  std::string body{};

  /// Whether it has to show a key where the release wants one.
  bool keyed = false;

  /// Whether it counts against the daemon's limit of writes.
  bool writes() const noexcept {
    return method == "POST";
  }
};

/// What became of a request.
enum class slm_outcome : uint8_t {
  done,
  refused,      ///< The daemon will not, whoever asks: a bad request, `"ok": false`.
  missing,      ///< No such thing, or no such path in this release.
  unauthorized, ///< 401, 403, or 409 for another instance: the key is missing or wrong.
  limited,      ///< 429, or the share of the limit that is ours is used up.
  broken,       ///< 5xx, or no JSON.
  unreachable   ///< No answer: away, too late, or a connection that broke.
};

/// An answer of the daemon, or that there is none.
struct slm_answer {
  slm_outcome outcome = slm_outcome::unreachable;

  /// A JSON object if `done`.
  std::string body{};

  /// Without its subject, such as `answers 500`; empty if `done`.
  std::string cause{};

  /// How long to send nothing more, if `limited`.
  std::chrono::milliseconds pause{0};

  /// The writes that all have left, if it says so.
  std::optional<uint32_t> writes_left{};
};

/// Asks the daemon.
struct ask_slm {
  slm_request request;

  /// Whether it can wait while others need what is left of the limit.
  bool spare = false;
};

/// How the daemon is.
enum class slm_presence : uint8_t {
  unknown, ///< It is being looked for, for the first time.
  away,    ///< Nothing answers, or nothing useful.
  foreign, ///< Something else answers in its place.
  present
};

/// Words for people.
constexpr const char* to_string(slm_presence x) noexcept {
  constexpr const char* words[] = {"unknown", "away", "foreign", "connected"};
  return words[static_cast<size_t>(x)];
}

/// What is known of the daemon.
struct slm_state {
  slm_presence presence = slm_presence::unknown;

  /// Where it is, or is looked for.
  std::string url;

  /// Why it is not there, without its subject.
  std::string cause;

  // -- if it is present --------------------------------------------------------------

  std::string version;

  /// `a`, `b` or `c`: without a model, with a local one, with one in the cloud.
  std::string mode;
  std::string profile;
  int64_t facts = 0;

  /// Another number each time it has come, or come back.
  uint64_t life = 0;
};

/// The daemon has come, gone, or changed.
struct slm_changed {
  slm_state state;
};

using slm_watcher_actor = protocol<
  caf::reacts_to<slm_changed>>::handle;

/// Wants to hear how the daemon is, now and whenever that changes.
struct watch_slm {
  slm_watcher_actor who;
};

/// The way to the daemon. It is looked for as long as somebody watches.
using slm_daemon_actor = protocol<
  // Always answered, within some seconds.
  caf::replies_to<ask_slm>::with<slm_answer>,
  caf::reacts_to<watch_slm>>::handle;

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::ask_slm)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::slm_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::slm_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::watch_slm)
