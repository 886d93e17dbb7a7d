#pragma once

#include "messages/answer.hpp"
#include "messages/call.hpp"
#include "messages/money.hpp"
#include "messages/protocol.hpp"
#include "messages/trace_context.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// How a call ended.
enum class call_outcome : uint8_t {
  ok,
  tool_error, ///< A result that says that the tool failed.
  error,      ///< A JSON-RPC error of the server.
  failed,     ///< The hub could not do it.
  cancelled,
  denied      ///< A permission rule refused it.
};

inline constexpr size_t cache_use_count = 4;
inline constexpr size_t call_outcome_count = 6;

/// `ok`, `tool_error` and so on.
std::string_view to_string(call_outcome x) noexcept;

/// When a call went from one step to the next. A step that it did not take has no time.
struct call_times {
  using time_point = std::chrono::steady_clock::time_point;

  /// The request was read.
  time_point received;

  /// It passed the permission rules and got a place in the table of calls.
  time_point admitted;

  /// The cache, or an equal call, had told whether it has the answer.
  time_point looked_up;

  /// Its server had to be started, or to be found.
  time_point start_asked;

  /// It went to the server, or into the line before it.
  time_point sent;

  /// It left the line of a server that carries as many calls as it may.
  time_point let_through;

  /// The answer of the server was read.
  time_point answered;

  time_point ended;
};

/// One call or refusal as its observers take it: nothing of it is formatted yet.
struct call_record {
  /// When it ended.
  std::chrono::system_clock::time_point at;

  std::shared_ptr<const client_context> client;
  std::shared_ptr<const call_origin> origin;
  std::string server;
  std::string method;

  /// With the tool and its arguments.
  json_text params;

  call_outcome outcome = call_outcome::ok;

  int64_t microseconds = 0;

  /// The permission rule that decided; null if none was about it. Lives as long as the
  /// client's policy, or `policy`.
  const permission_rule* rule = nullptr;

  /// Holds `rule` for stateless clients.
  std::shared_ptr<const client_policy> policy = nullptr;

  cache_use cache = cache_use::none;

  /// Bytes of the answer's result or error.
  uint64_t answer_bytes = 0;

  /// What it came to by the prices; zero for none.
  money cost{};

  /// The id of the request as its client wrote it, JSON.
  std::string request = {};

  /// Null if it brought no trace along and none had to be made.
  trace_context_ptr trace = nullptr;

  call_times times = {};
};

/// Requests that a door turned away before anybody looked at what they ask: how many of a kind
/// within a second.
struct door_refusals {
  /// Such as `401 unknown or expired token`.
  std::string kind;

  uint64_t count = 0;
};

/// Calls that have ended, in the order in which they did. All observers share the records.
struct calls_ended {
  std::shared_ptr<const std::vector<call_record>> records;
};

/// What doors have turned away.
struct requests_refused {
  std::vector<door_refusals> refusals;
};

/// Asks an observer to be done with what it was told before: to write it down or send it on.
struct settle_records {};

struct records_settled {};

/// Hears of every call that has ended. Nobody waits for it but the end of the hub.
using call_observer_actor = protocol<
  caf::reacts_to<calls_ended>,
  caf::reacts_to<requests_refused>,
  caf::replies_to<settle_records>::with<records_settled>>::handle;

/// How much waits for an observer. Written by those who send and by the observer; what
/// bounds its mailbox.
struct observer_gauge {
  /// The most records, and bytes of params in them, that wait.
  static constexpr size_t records_limit = 16'384;
  static constexpr size_t bytes_limit = 64 * 1024 * 1024;

  std::atomic<size_t> records{0};
  std::atomic<size_t> bytes{0};

  /// Whether the observer is to hear of anything.
  std::atomic<bool> wanted{true};

  /// Records that were dropped, and how many of those the observer has not told of yet.
  std::atomic<uint64_t> dropped{0};
  std::atomic<uint64_t> untold{0};

  /// Makes room for records, or counts them as dropped and returns false. Those of an observer
  /// that is to hear of nothing are not counted.
  bool enter(size_t count, size_t size) noexcept {
    if (!wanted.load(std::memory_order_relaxed))
      return false;
    if (records.load() + count <= records_limit && bytes.load() + size <= bytes_limit) {
      records += count;
      bytes += size;
      return true;
    }
    dropped += count;
    untold += count;
    return false;
  }

  /// The observer has taken records.
  void leave(size_t count, size_t size) noexcept {
    records -= count;
    bytes -= size;
  }
};

/// The way to an observer.
struct observer_outlet {
  call_observer_actor to;

  /// Not null.
  std::shared_ptr<observer_gauge> gauge;
};

/// All who hear of calls that have ended; the same for everybody who tells.
using call_observers = std::shared_ptr<const std::vector<observer_outlet>>;

/// Whether anybody is to hear of calls.
bool is_wanted(const call_observers& observers) noexcept;

/// What records count for in an `observer_gauge`, in bytes.
size_t weight_of(const std::vector<call_record>& records) noexcept;

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::calls_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::requests_refused)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::settle_records)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::records_settled)
