#pragma once

#include "messages/call.hpp"
#include "messages/reply.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace hub {

/// One call from the moment it was asked for until it is answered.
struct open_call {
  request_key key;
  reply<rpc_answer> asker;
  backend_request request;
  std::string server;
  std::chrono::steady_clock::time_point started;
  std::chrono::steady_clock::time_point deadline;
  bool tell_as_tool_result = false;

  /// Whether the server has it; before that its start is waited for.
  bool sent = false;

  /// How often it was handed to a run that would not take it any more.
  int tries = 0;
};

/// All calls in flight. Every call leaves by `remove`, once.
class call_table {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit call_table(size_t capacity) : capacity_(capacity) {
    // nop
  }

  bool full() const noexcept {
    return calls_.size() >= capacity_;
  }

  bool empty() const noexcept {
    return calls_.empty();
  }

  size_t size() const noexcept {
    return calls_.size();
  }

  bool holds(const request_key& key) const {
    return by_key_.contains(key);
  }

  /// Adds a call, whose key must be free, and names it.
  call_id add(open_call call);

  /// The call with this name, or null.
  open_call* find(call_id call);

  std::optional<call_id> find(const request_key& key) const;

  /// Takes a call out.
  std::optional<open_call> remove(call_id call);

  /// The calls of one asker.
  std::vector<call_id> of_scope(uint64_t scope) const;

  /// The calls whose time is up.
  std::vector<call_id> late(time_point now) const;

  std::vector<call_id> all() const;

private:
  struct hash {
    size_t operator()(const request_key& x) const noexcept {
      return std::hash<std::string>{}(x.id) ^ (x.scope * 0x9E3779B97F4A7C15u);
    }
  };

  size_t capacity_;
  call_id next_ = 1;
  std::unordered_map<call_id, open_call> calls_;
  std::unordered_map<request_key, call_id, hash> by_key_;
};

} // namespace hub
