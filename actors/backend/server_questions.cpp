#include "actors/backend/server_protocol.hpp"
#include "messages/rpc/codes.hpp"
#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <utility>

namespace hub {

// What the server asks, and whom it asks. A request over HTTP comes on the stream of its cause. Over
// stdio nothing tells: it belongs to one of the calls that are open as it comes, and if these are of
// several clients, it waits until the others are answered.

namespace {

using rpc_code::internal_error;
using rpc_code::invalid_request;
using rpc_code::method_not_found;

/// How many consents to a URL are remembered until they are complete.
constexpr size_t max_elicitations = 256;

bool is_question(std::string_view method) {
  return method == "sampling/createMessage" || method == "elicitation/create" || method == "roots/list";
}

} // namespace

void server_protocol::on_request(const rpc::envelope& x, int64_t cause, time_point now) {
  auto id = x.id.view();
  if (x.method == "ping") {
    send(rpc::make_result(id, json_text::of_literal("{}")), 0, {}, {});
    return;
  }
  if (!is_question(x.method))
    return refuse_question(id, method_not_found, "Method not found: " + x.method);
  if (questions_.size() >= limits_.open_questions || questions_.contains(std::string{id}))
    return refuse_question(id, invalid_request,
                           questions_.contains(std::string{id})
                             ? "Invalid Request: the id is in use by another request"
                             : "Invalid Request: too many requests wait for an answer");
  auto related = rpc::member(rpc::member(x.params.view(), "_meta"), "io.modelcontextprotocol/related-task");
  auto task = rpc::member(related, "taskId");
  server_question what{0, x.method, x.params.detached(), cause == 0 && task.empty()};
  auto from = candidates(cause, task);
  if (auto* call = only_client(from)) {
    questions_.emplace(id);
    put_question(std::string{id}, std::move(what), *call);
  } else if (traits_.session) {
    questions_.emplace(id);
    out.questions.push_back({std::string{id}, {}, traits_.session, std::move(what)});
  } else if (from.size() > 1) {
    questions_.emplace(id);
    held_.push_back({std::string{id}, std::move(what), std::move(from), now + limits_.doubt});
  } else {
    put_to_nobody(id, x.method, from);
  }
}

/// The calls that a question may belong to.
std::vector<int64_t> server_protocol::candidates(int64_t cause, std::string_view task) const {
  std::vector<int64_t> result;
  if (!task.empty()) {
    // Whoever waits for the result of the task is asked for it (MCP 2025-11-25, "Tasks").
    for (auto& [id, call] : calls_)
      if (call.task == task)
        result.push_back(id);
  } else if (cause != 0) {
    if (calls_.contains(cause))
      result.push_back(cause);
  } else if (settled_) {
    // What a server asks before it has answered anything is about itself.
    for (auto& [id, call] : calls_)
      result.push_back(id);
  }
  return result;
}

/// One of the candidates, if all are of one client; else null.
const server_protocol::open_call* server_protocol::only_client(const std::vector<int64_t>& candidates) const {
  if (candidates.empty())
    return nullptr;
  auto& first = calls_.at(candidates.front());
  if (!first.questions)
    return nullptr;
  auto same_client = [&](int64_t id) {
    // Stateless clients share what is known of them.
    return calls_.at(id).client == first.client && !first.client_is_stateless;
  };
  return candidates.size() == 1 || std::ranges::all_of(candidates, same_client) ? &first : nullptr;
}

void server_protocol::put_question(std::string id, server_question what, const open_call& call) {
  if (what.method == "elicitation/create" && call.session)
    if (auto name = rpc::unquote(rpc::member(what.params.view(), "elicitationId"))) {
      if (elicitations_.size() >= max_elicitations)
        elicitations_.clear();
      elicitations_[*name] = call.session;
    }
  what.call = call.call;
  out.questions.push_back({std::move(id), call.questions, {}, std::move(what)});
}

/// The error for a request about tasks that its client cannot have; nothing for any other.
std::optional<json_text> server_protocol::refuse_task(const backend_request& x) const {
  if (!x.method.starts_with("tasks/"))
    return std::nullopt;
  if (!x.client || !carries_tasks(facts_, *x.client))
    return rpc::error_object(method_not_found, "Method not found: server " + server_
                                                 + " offers no tasks to clients of this version");
  return tasks_.refuse(x);
}

/// Answers a question that no client in particular is asked.
void server_protocol::put_to_nobody(std::string_view id, std::string_view method,
                                    const std::vector<int64_t>& candidates) {
  if (method == "roots/list")
    // Nobody's folders are for all.
    return send(rpc::make_result(id, json_text::of_literal(R"({"roots":[]})")), 0, {}, {});
  if (candidates.empty())
    return refuse_question(id, internal_error, "No client has a call in flight that this could belong to");
  for (auto i : candidates)
    if (auto call = calls_.find(i); call != calls_.end() && call->second.questions)
      out.doubts.emplace_back(call->second.questions, call->second.call);
  refuse_question(id, internal_error,
                  "Several clients have calls in flight, and nothing tells which of them is asked; call again, and "
                  "the call gets a run of the server for itself, or give each session one with "
                  "\"isolation\": \"session\"");
}

void server_protocol::refuse_question(std::string_view id, int code, std::string_view message) {
  send(rpc::make_error(id, rpc::error_object(code, message)), 0, {}, {});
}

void server_protocol::take_back_question(const std::string& id) {
  questions_.erase(id);
  std::erase_if(held_, [&id](const held_question& x) { return x.id == id; });
}

/// A call is over, or the server was told that it is: it is no candidate any more.
void server_protocol::forget(call_map::iterator i, bool answered) {
  auto id = i->first;
  calls_.erase(i);
  for (auto x = held_.begin(); x != held_.end();) {
    if (std::erase(x->candidates, id) == 0) {
      ++x;
      continue;
    }
    // Of a call that was taken back nobody knows whether the server still works on it.
    auto* call = answered ? only_client(x->candidates) : nullptr;
    if (!call && answered && !x->candidates.empty()) {
      ++x;
      continue;
    }
    auto question = std::move(*x);
    x = held_.erase(x);
    if (call) {
      put_question(std::move(question.id), std::move(question.what), *call);
    } else {
      questions_.erase(question.id);
      put_to_nobody(question.id, question.what.method, question.candidates);
    }
  }
}

void server_protocol::refuse_held(time_point now) {
  std::erase_if(held_, [&](const held_question& x) {
    if (now < x.deadline)
      return false;
    questions_.erase(x.id);
    put_to_nobody(x.id, x.what.method, x.candidates);
    return true;
  });
}

void server_protocol::answer_question(const std::string& id, const rpc_answer& answer) {
  if (questions_.erase(id) == 0)
    return;
  switch (answer.kind) {
    case answer_kind::result:
      send(rpc::make_result(id, answer.body), 0, {}, {});
      break;
    case answer_kind::error:
      send(rpc::make_error(id, answer.body), 0, {}, {});
      break;
    case answer_kind::failure:
      refuse_question(id, internal_error, answer.why ? answer.why->cause : "The hub could not ask the client");
      break;
    case answer_kind::cancelled:
      refuse_question(id, internal_error, "The client has taken its request back");
      break;
  }
}

void server_protocol::redirect(const redirect_call& x) {
  auto i = std::ranges::find(calls_, x.call, [](const auto& entry) { return entry.second.call; });
  if (i == calls_.end())
    return;
  auto& call = i->second;
  call.notify = x.notify;
  call.logs = x.logs;
  // A server that was given no token reports no progress.
  call.progress_token = call.reports ? x.progress_token : json_text{};
}

void server_protocol::join(join_call x) {
  listeners_.join(std::move(x));
}

void server_protocol::leave(const leave_call& x) {
  listeners_.leave(x);
}

} // namespace hub
