#pragma once

#include "actors/call/input_required.hpp"
#include "actors/ledger/budget_keeper.hpp"
#include "messages/cache.hpp"
#include "messages/call.hpp"
#include "messages/call_record.hpp"
#include "messages/reply.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace hub {

/// A question of a server of the handshake era that a stateless client is to
/// answer with its retry.
struct parked_question {
  input_request asked;
  reply<rpc_answer> asker;
};

/// What a call has to do with its client's input; few calls have any.
struct call_input {
  /// How often the client was asked.
  int rounds = 0;

  // -- a client of the handshake era, asked on its stream -------------------------

  /// How many questions the client is to answer; the deadline waits for them.
  size_t asking = 0;

  /// For a server of the stateless era: the answers so far, by their keys, and what
  /// goes with them.
  std::map<std::string, json_text> responses;
  json_text state;

  // -- a stateless client, which answers with its retry ----------------------------

  std::vector<parked_question> questions;
  uint64_t last_key = 0;

  /// The `requestState` by which the client comes back, while it is away.
  std::string token;

  /// Since when it is away.
  std::chrono::steady_clock::time_point parked_since;

  /// What the request is about; the retry must be about the same.
  json_text subject;

  /// The server's answer, if it came while the client was away.
  std::optional<rpc_answer> early;

  /// The server has given up and is asked again on the retry.
  bool send_again = false;

  /// What the server asked for though the client did not declare it: members of the
  /// capabilities of a client, by their names.
  std::map<std::string, std::string> undeclared;
};

/// What a call has to do with the cache; few calls have anything.
struct cached_call {
  cache_rule_ptr rule;

  // -- a call that reads ---------------------------------------------------------

  cache_key key;

  /// The call whose answer it waits for; 0 if it asks itself.
  call_id follows = 0;

  /// Others may wait for its answer.
  bool leads = false;

  /// How long the kept result is good for that answered it.
  std::chrono::milliseconds left{0};

  // -- a call that may write -----------------------------------------------------

  /// Whether the reads of its server know of it.
  bool writes = false;
};

/// What a call that costs something has to do with the ledger.
struct priced_call {
  price_ptr price;

  /// Nothing before its server is asked, and after its cost is settled.
  std::optional<budget_keeper::reservation> reserved;

  /// When its server got it.
  std::chrono::steady_clock::time_point sent_at;

  /// A budget has stopped it.
  bool refused = false;

  /// What it has cost.
  money cost{};
};

/// A call that may go to one of several tools.
struct cascading_call {
  std::shared_ptr<const call_choices> choices;

  /// Places of the tools as they are tried; empty if only the called one is.
  std::vector<size_t> order;

  /// The place in `order` of the next one.
  size_t next = 0;

  /// Those that were tried, as elements of a JSON array.
  std::string tried;
};

/// One call from the moment it was asked for until it is answered.
struct open_call {
  request_key key;
  reply<rpc_answer> asker;
  backend_request request;
  std::string server;

  /// As in `make_call`, or the number of the run that carries this call alone.
  uint64_t isolated = 0;

  std::chrono::steady_clock::time_point started;
  std::chrono::steady_clock::time_point deadline;
  bool tell_as_tool_result = false;

  /// Whether the server has it; before that its start is waited for.
  bool sent = false;

  /// Null as long as nobody is asked anything.
  std::unique_ptr<call_input> input;

  /// The most that it may take, start of the server included.
  std::chrono::milliseconds time_limit{0};

  /// How often it was handed to a run that would not take it any more.
  int tries = 0;

  /// As in `make_call`.
  std::shared_ptr<const call_origin> origin = nullptr;
  const permission_rule* rule = nullptr;

  /// It must be alone at its run of the server, so that questions can only be its own.
  bool exclusive = false;

  /// Whether it has such a run now.
  bool holds_run = false;

  /// Whether the server has asked something about it.
  bool was_asked = false;

  cache_use cache = cache_use::none;

  /// As far as it has come.
  call_times times = {};

  /// Null for calls that the cache has nothing to do with.
  std::unique_ptr<cached_call> cached = nullptr;

  /// Null for calls that cost nothing.
  std::unique_ptr<priced_call> priced = nullptr;

  /// Null for calls of tools that have no equivalents.
  std::unique_ptr<cascading_call> cascade = nullptr;

  /// As in `make_call`.
  size_t result_limit = 0;
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
  call_id add(open_call&& call);

  /// The call with this name, or null.
  open_call* find(call_id call);

  std::optional<call_id> find(const request_key& key) const;

  /// The client of a call is away until it comes back with `token`: the key is free.
  void park(call_id call, std::string token, time_point now);

  /// The call whose client has been away for longest, at least since `before`, of those
  /// that `whose` accepts.
  std::optional<call_id> longest_parked(time_point before, const std::function<bool(const open_call&)>& whose) const;

  /// How many clients of calls at one server are away.
  size_t parked_at(std::string_view server) const;

  /// The call whose client is to come back with `token`, or null.
  open_call* find_parked(std::string_view token);

  /// The client of a parked call is back, with another request.
  void unpark(open_call& call, request_key key);

  size_t parked() const noexcept {
    return parked_.size();
  }

  /// Two calls change their clients, and what belongs to these: the server goes on with
  /// `a` for the client of `b`.
  void swap_clients(open_call& a, open_call& b);

  /// Takes a call out; null if it is not there.
  std::unique_ptr<open_call> remove(call_id call);

  /// The calls of one asker.
  std::vector<call_id> of_scope(uint64_t scope) const;

  /// The calls whose time is up.
  std::vector<call_id> late(time_point now) const;

  std::vector<call_id> all() const;

  /// The calls whose clients are away.
  std::vector<call_id> all_parked() const;

private:
  struct hash {
    size_t operator()(const request_key& x) const noexcept {
      return std::hash<std::string>{}(x.id) ^ (x.scope * 0x9E3779B97F4A7C15u);
    }
  };

  size_t capacity_;
  call_id next_ = 1;
  std::unordered_map<call_id, std::unique_ptr<open_call>> calls_;
  std::unordered_map<request_key, call_id, hash> by_key_;
  std::unordered_map<std::string, call_id> parked_;
};

} // namespace hub
