// What the call path has to do with the cache: what is kept, and reads that share an answer.

#include "actors/call/call_path.hpp"

#include "actors/cache/cache_key.hpp"
#include "messages/access.hpp"
#include "messages/rpc/codes.hpp"
#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace hub {

namespace {

using std::chrono::milliseconds;

/// The most that a server may say its results are good for.
constexpr milliseconds longest_ttl = std::chrono::hours{24 * 7};

std::string_view principal_id(const open_call& call) {
  auto& client = call.request.client;
  return client && client->who ? std::string_view{client->who->id} : std::string_view{};
}

const cache_shard_actor& shard_of(call_path self, const cache_key& key) {
  auto& shards = self->state.settings.cache;
  return shards[key.common.back() % shards.size()];
}

/// The results of a server count no more, here or in the shards.
void drop_in_shards(call_path self, const std::string& server) {
  for (auto& shard : self->state.settings.cache)
    caf::anon_send(shard, drop_results{server});
}

bool is_complete(const rpc_answer& x) {
  auto type = rpc::member(x.body.view(), "resultType");
  return type.empty() || type == "\"complete\"";
}

/// Whether an answer is one that an equal call of anybody else would have got.
bool is_for_all(const open_call& call, const rpc_answer& x) {
  if (call.was_asked || call.input || (!call.sent && call.cache != cache_use::hit))
    return false;
  if (x.kind == answer_kind::result)
    return is_complete(x);
  if (x.kind == answer_kind::failure)
    return x.why && (x.why->what == failure::kind::crashed || x.why->what == failure::kind::bad_answer);
  if (x.kind != answer_kind::error)
    return false;
  auto code = rpc::to_integer(rpc::member(x.body.view(), "code"));
  return code != rpc_code::missing_required_client_capability && code != rpc_code::url_elicitation_required;
}

/// Whether an answer means the same for both: errors differ between the eras.
bool suits(const rpc_answer& x, const open_call& from, const open_call& to) {
  auto era_of = [](const open_call& call) { return call.request.client ? call.request.client->era : era::handshake; };
  return x.kind != answer_kind::error || era_of(from) == era_of(to);
}

/// A call that waited for another's answer asks its server.
void ask_alone(call_path self, call_id id) {
  auto* call = self->state.table.find(id);
  if (!call)
    return;
  call->cached->follows = 0;
  call->cache = cache_use::miss;
  call->times.looked_up = now_of(self);
  ask_server(self, id, *call);
}

/// What is to be kept of an answer, or nothing.
void choose_kept(call_path self, const open_call& call, const rpc_answer& x, read_ended& ended) {
  auto& st = self->state;
  auto& rule = *call.cached->rule;
  if (x.kind != answer_kind::result || st.settings.cache.empty() || x.body.size() > st.settings.kept_result_limit)
    return;
  ended.ttl = rule.ttl;
  ended.is_public = rule.is_public;
  if (x.stateless_form) {
    // What a result says of itself counts more than any setting (MCP 2026-07-28, "Caching").
    if (auto said = rpc::to_integer(rpc::member(x.body.view(), "ttlMs")))
      ended.ttl = std::clamp(milliseconds{*said}, milliseconds{0}, longest_ttl);
    if (auto scope = rpc::member(x.body.view(), "cacheScope"); !scope.empty())
      ended.is_public = scope == "\"public\"";
  }
  if (ended.ttl.count() == 0 || rpc::member(x.body.view(), "isError") == "true")
    return;
  rpc_answer kept = x;
  kept.body = x.body.detached();
  ended.keep = std::move(kept);
}

/// A read that asked its server, or found its answer, is over.
void end_flight(call_path self, open_call& call, const rpc_answer& answer) {
  auto& st = self->state;
  auto id = call.request.call;
  auto landing = st.flights.land(id);
  // A result is not searched for what it says of itself if nobody needs to know.
  auto may_keep = landing.may_keep && (call.cached->rule->ttl.count() > 0 || answer.stateless_form);
  auto for_all = (may_keep || !landing.followers.empty()) && is_for_all(call, answer);
  read_ended ended{call.cached->key, call.server, std::nullopt, milliseconds{0}, false, 0};
  for (auto other : landing.followers) {
    auto* follower = st.table.find(other);
    if (!follower)
      continue;
    if (!for_all || !suits(answer, call, *follower)) {
      ask_alone(self, other);
      continue;
    }
    ++ended.shared;
    follower->cache = call.cache == cache_use::hit ? cache_use::hit : cache_use::shared;
    follower->cached->follows = 0;
    finish(self, other, answer);
  }
  if (call.cache == cache_use::hit || !call.sent || st.settings.cache.empty())
    return;
  if (for_all && may_keep)
    choose_kept(self, call, answer, ended);
  if (ended.keep)
    st.flights.keeps(call.server);
  self->send(shard_of(self, ended.key), std::move(ended));
}

/// The client of `follower` hears of what `leader` brings on the way.
void join(call_path self, call_id leader, const open_call& follower, const backend_actor& backend) {
  auto& request = follower.request;
  auto token = rpc::member(rpc::member(request.params.view(), "_meta"), "progressToken");
  self->send(backend, join_call{leader, request.call, request.notify, request.params.slice(token).detached(), request.logs});
}

/// The run that has a call; null if none has.
const backend_actor* run_of(call_path self, const open_call& call) {
  auto i = self->state.backends.find(run_order::view{call.server, call.isolated});
  return call.sent && i != self->state.backends.end() ? &i->second : nullptr;
}

/// Answers with what is kept, or lets the call go on.
void find_kept(call_path self, call_id id, const open_call& call) {
  self->request(shard_of(self, call.cached->key), caf::infinite, look_up{call.cached->key, call.server})
    .then(
      [self, id](looked_up& x) {
        auto* call = self->state.table.find(id);
        if (!call)
          return;
        call->times.looked_up = now_of(self);
        if (!x.answer)
          return ask_server(self, id, *call);
        call->cache = cache_use::hit;
        if (x.answer->stateless_form && !rpc::member(x.answer->body.view(), "ttlMs").empty())
          x.answer->body = rpc::edit_members(x.answer->body, {{"ttlMs", std::to_string(x.left.count())}});
        finish(self, id, std::move(*x.answer));
      },
      [self, id](const caf::error&) {
        if (auto* call = self->state.table.find(id))
          ask_server(self, id, *call);
      });
}

} // namespace

bool pass_cache(call_path self, call_id id, open_call& call, cache_rule_ptr rule) {
  auto& st = self->state;
  if (rule->what == cache_rule::kind::write) {
    call.cached = std::make_unique<cached_call>();
    call.cached->rule = std::move(rule);
    call.cached->writes = true;
    if (st.flights.begin_write(call.server))
      drop_in_shards(self, call.server);
    return true;
  }
  if (call.isolated != 0 || call.exclusive)
    return true;
  auto key = make_cache_key(*rule, call.request.params.view(), principal_id(call));
  if (!key)
    return true;
  call.cached = std::make_unique<cached_call>();
  call.cached->rule = std::move(rule);
  call.cached->key = *key;
  call.request.may_be_joined = true;
  if (auto leader = st.flights.enter(*key, call.server, id)) {
    call.cached->follows = *leader;
    call.cache = cache_use::shared;
    if (auto* ahead = st.table.find(*leader))
      if (auto* backend = run_of(self, *ahead))
        join(self, *leader, call, *backend);
    return false;
  }
  call.cached->leads = true;
  call.cache = cache_use::miss;
  if (!st.flights.has_kept(call.server))
    return true;
  find_kept(self, id, call);
  return false;
}

void join_followers(call_path self, call_id id, const open_call& call, const backend_actor& backend) {
  if (!call.cached->leads)
    return;
  for (auto other : self->state.flights.followers(id))
    if (auto* follower = self->state.table.find(other))
      join(self, id, *follower, backend);
}

void part_followers(call_path self, call_id id) {
  auto* call = self->state.table.find(id);
  if (!call || !call->cached || !std::exchange(call->cached->leads, false))
    return;
  auto* backend = run_of(self, *call);
  for (auto other : self->state.flights.land(id).followers) {
    if (backend)
      self->send(*backend, leave_call{id, other});
    ask_alone(self, other);
  }
}

bool hand_over(call_path self, call_id id, open_call& call) {
  auto& followers = self->state.flights.followers(id);
  if (!call.cached->leads || followers.empty())
    return false;
  auto next = followers.front();
  auto& heir = *self->state.table.find(next);
  self->state.flights.leave(id, next);
  heir.cached->follows = 0;
  self->state.table.swap_clients(call, heir);
  if (auto* backend = run_of(self, call)) {
    auto& request = call.request;
    auto token = rpc::member(rpc::member(request.params.view(), "_meta"), "progressToken");
    self->send(*backend, leave_call{id, next});
    self->send(*backend, redirect_call{id, request.notify, request.params.slice(token).detached(), request.logs});
  }
  rpc_answer answer;
  answer.kind = answer_kind::cancelled;
  finish(self, next, std::move(answer));
  return true;
}

void end_cached(call_path self, open_call& call, const rpc_answer& answer) {
  auto& st = self->state;
  auto& cached = *call.cached;
  if (cached.writes)
    return st.flights.end_write(call.server);
  if (cached.leads)
    return end_flight(self, call, answer);
  if (cached.follows == 0)
    return;
  st.flights.leave(cached.follows, call.request.call);
  if (auto* leader = st.table.find(cached.follows))
    if (auto* backend = run_of(self, *leader))
      self->send(*backend, leave_call{cached.follows, call.request.call});
}

// -- for the management API ---------------------------------------------------------

namespace {

/// Asks all shards and answers with the sum of what they say.
template <class Answer, class Question, class Add>
caf::result<Answer> ask_shards(call_path self, const Question& question, Add add) {
  struct sum {
    reply<Answer> asker;
    Answer total;
    size_t open;
  };
  auto promise = self->make_response_promise<Answer>();
  auto& shards = self->state.settings.cache;
  auto all = std::make_shared<sum>(sum{reply<Answer>{promise}, {}, shards.size()});
  auto count = [all] {
    if (--all->open == 0)
      all->asker.deliver(std::move(all->total));
  };
  for (auto& shard : shards)
    self->request(shard, caf::infinite, question)
      .then(
        [all, add, count](const Answer& x) {
          add(all->total, x);
          count();
        },
        [count](const caf::error&) { count(); });
  if (shards.empty())
    all->asker.deliver(Answer{});
  return promise;
}

void add_figures(cache_figures& sum, const cache_figures& x) {
  sum.server = x.server;
  sum.entries += x.entries;
  sum.bytes += x.bytes;
  sum.hits += x.hits;
  sum.misses += x.misses;
  sum.shared += x.shared;
  sum.evicted += x.evicted;
}

} // namespace

caf::result<results_dropped> drop_kept(call_path self, const drop_results& x) {
  auto& flights = self->state.flights;
  auto has_none = !x.server.empty() && !flights.has_kept(x.server);
  flights.forget(x.server);
  if (has_none)
    return results_dropped{};
  return ask_shards<results_dropped>(self, x, [](results_dropped& sum, const results_dropped& y) {
    sum.entries += y.entries;
    sum.bytes += y.bytes;
  });
}

caf::result<cache_figures_told> tell_figures(call_path self) {
  return ask_shards<cache_figures_told>(self, get_cache_figures{}, [](cache_figures_told& sum, const cache_figures_told& y) {
    for (auto& x : y.servers) {
      auto i = std::ranges::find(sum.servers, x.server, &cache_figures::server);
      add_figures(i != sum.servers.end() ? *i : sum.servers.emplace_back(), x);
    }
  });
}

} // namespace hub
