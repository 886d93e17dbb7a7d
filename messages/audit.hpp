#pragma once

#include "messages/answer.hpp"
#include "messages/call.hpp"
#include "messages/protocol.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hub {

/// How a call ended, for the audit.
enum class call_outcome : uint8_t {
  ok,
  tool_error, ///< A result that says that the tool failed.
  error,      ///< A JSON-RPC error of the server.
  failed,     ///< The hub could not do it.
  cancelled,
  denied      ///< A permission rule refused it.
};

/// One call or refusal as the audit takes it: nothing of it is formatted yet.
struct audit_record {
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
};

/// Records for the file, in the order in which they ended.
struct write_audit {
  std::vector<audit_record> records;
};

/// Keeps the audit. It has a thread of its own; nobody waits for it.
using audit_actor = protocol<
  caf::reacts_to<write_audit>>::handle;

/// How much waits for the audit, and how it is. Written by those who send and by the
/// audit; the one place that bounds its mailbox.
struct audit_gauge {
  /// The most records, and bytes of params in them, that wait.
  static constexpr size_t records_limit = 16'384;
  static constexpr size_t bytes_limit = 64 * 1024 * 1024;

  std::atomic<size_t> records{0};
  std::atomic<size_t> bytes{0};

  /// Records that were dropped, and how many of those no line tells of yet.
  std::atomic<uint64_t> dropped{0};
  std::atomic<uint64_t> untold{0};

  /// Lines in the file, of this run.
  std::atomic<uint64_t> written{0};

  /// `errno` while the disk takes nothing; 0 if all is well.
  std::atomic<int> failure{0};

  /// Makes room for records, or counts them as dropped and returns false.
  bool enter(size_t count, size_t size) noexcept {
    if (records.load() + count <= records_limit && bytes.load() + size <= bytes_limit) {
      records += count;
      bytes += size;
      return true;
    }
    dropped += count;
    untold += count;
    return false;
  }

  void leave(size_t count, size_t size) noexcept {
    records -= count;
    bytes -= size;
  }
};

/// The way to the audit; nothing happens without one.
struct audit_outlet {
  audit_actor to;
  std::shared_ptr<audit_gauge> gauge;

  explicit operator bool() const noexcept {
    return gauge != nullptr;
  }
};

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::write_audit)
