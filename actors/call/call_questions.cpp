#include "actors/call/call_path.hpp"

#include "actors/random_token.hpp"
#include "messages/access.hpp"
#include "messages/rpc/codes.hpp"
#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"

#include <caf/send.hpp>

#include <utility>

namespace hub {

namespace {

using rpc_code::internal_error;
using rpc_code::invalid_params;
using rpc_code::invalid_request;

/// How often one call may ask its client, so that it ends at some time.
constexpr int max_rounds = 16;

/// How many questions of one call may be open.
constexpr size_t max_questions = 64;

/// How many clients may be away to answer questions: of all servers and of one,
/// less than the calls that one over HTTP gets at a time.
constexpr size_t max_parked = 1000;
constexpr size_t max_parked_at_server = 32;

/// What our `requestState` begins with; what follows is a key into the call table,
/// so that the state cannot be forged, and counts once.
constexpr std::string_view token_prefix = "slm-hub.";

rpc_answer error_answer(int code, std::string_view message) {
  rpc_answer result;
  result.kind = answer_kind::error;
  result.body = rpc::error_object(code, message);
  return result;
}

rpc_answer error_answer(json_text body) {
  rpc_answer result;
  result.kind = answer_kind::error;
  result.body = std::move(body);
  return result;
}

bool is_stateless(const open_call& call) {
  return call.request.client && call.request.client->era == era::stateless;
}

call_input& input_of(open_call& call) {
  if (!call.input)
    call.input = std::make_unique<call_input>();
  return *call.input;
}

/// Whether an answer says that the request was not carried out.
bool has_failed(const rpc_answer& x) {
  return x.kind == answer_kind::error
         || (x.kind == answer_kind::result && rpc::member(x.body.view(), "isError") == "true");
}

bool is_away(const open_call& call) {
  return call.input && !call.input->token.empty();
}

/// Asks a client of the handshake era and hands the answer to `then`.
template <class Then>
void ask_client(call_path self, call_id id, open_call& call, std::string method, json_text params, Then then) {
  ++input_of(call).asking;
  auto go_on = [self, id, then](rpc_answer answer) {
    if (auto* call = self->state.table.find(id)) {
      --call->input->asking;
      // The time that a person took is not the server's.
      call->deadline = now_of(self) + call->time_limit;
    }
    then(std::move(answer));
  };
  self->request(call.request.session, caf::infinite,
                client_question{call.request.notify, std::move(method), std::move(params)})
    .then([go_on](rpc_answer& x) { go_on(std::move(x)); },
          [go_on](const caf::error&) { go_on(error_answer(internal_error, "The session of the client has ended")); });
}

// -- a server of the stateless era wants input of a client with a stream ---------

/// Sends the request again with the answers of the client.
void retry(call_path self, call_id id, open_call& call) {
  auto& input = *call.input;
  call.request.params = with_input_responses(call.request.params, std::exchange(input.responses, {}), input.state);
  send_on(self, id, call);
}

void take_response(call_path self, call_id id, const std::string& key, const std::string& method, rpc_answer answer) {
  auto* call = self->state.table.find(id);
  if (!call)
    return;
  auto& input = *call->input;
  if (answer.kind != answer_kind::result) {
    // There is no answer for these but the result; declining is one.
    if (method == "elicitation/create") {
      answer.body = json_text::of_literal(R"({"action":"cancel"})");
    } else {
      finish(self, id, answer.kind == answer_kind::error
                         ? std::move(answer)
                         : error_answer(internal_error, "The client did not answer " + method));
      return;
    }
  }
  input.responses.emplace(key, answer.body.detached());
  if (input.asking == 0)
    retry(self, id, *call);
}

/// Each question becomes a request on the stream of the client.
void ask_all(call_path self, call_id id, open_call& call, required_input wanted) {
  auto& input = input_of(call);
  if (++input.rounds > max_rounds) {
    finish(self, id, failed(failure::kind::bad_answer, call.server,
                            "server " + call.server + " asked for input " + std::to_string(max_rounds)
                              + " times and did not answer",
                            "This is a fault of the server; see `slm-hub logs " + call.server + "`."));
    return;
  }
  input.state = wanted.state.detached();
  input.responses.clear();
  for (auto& x : wanted.requests)
    if (auto why = undeclared(*call.request.client, x.method, x.params.view())) {
      finish(self, id, failed(failure::kind::bad_answer, call.server,
                              "server " + call.server + " asks for " + x.method
                                + ", which the client did not declare",
                              "Use a client that can do it, or call the tool with other arguments."));
      return;
    }
  for (auto& x : wanted.requests) {
    auto params = x.params.detached();
    if (rpc::member(params.view(), "mode") == "\"url\"")
      // Up to 2025-11-25 each consent has a name.
      params = rpc::edit_members(params, {{"elicitationId", rpc::quote(random_token())}});
    ask_client(self, id, call, x.method, std::move(params),
               [self, id, key = x.key, method = x.method](rpc_answer answer) {
                 take_response(self, id, key, method, std::move(answer));
               });
  }
  if (wanted.requests.empty())
    retry(self, id, call);
}

// -- a stateless client is asked by the answer it gets -----------------------------

/// Whether one more client may be away; those that have been for long make place.
bool may_park(call_path self, const open_call& call) {
  auto& table = self->state.table;
  auto here = [&call](const open_call& x) { return x.server == call.server; };
  auto anywhere = [](const open_call&) { return true; };
  return (table.parked_at(call.server) < max_parked_at_server || make_room(self, here))
         && (table.parked() < max_parked || make_room(self, anywhere));
}

/// Questions for a stateless client in place of the answer.
void ask_by_answer(call_path self, call_id id) {
  auto& st = self->state;
  auto* call = st.table.find(id);
  if (!call || is_away(*call))
    return;
  auto& input = *call->input;
  if (input.questions.empty())
    return;
  auto too_often = ++input.rounds > max_rounds;
  if (too_often || !may_park(self, *call)) {
    auto why = too_often ? "The call has asked its client too often"
                         : "Too many calls wait for their clients to come back with answers; call again later";
    for (auto& x : std::exchange(input.questions, {}))
      x.asker.deliver(error_answer(internal_error, why));
    return;
  }
  if (input.subject.empty())
    input.subject = without_input(call->request.params, true).detached();
  auto token = random_token();
  required_input asked;
  for (auto& x : input.questions)
    asked.requests.push_back(x.asked);
  asked.state = json_text{rpc::quote(std::string{token_prefix} + token)};
  rpc_answer answer;
  answer.body = write_required_input(asked);
  answer.stateless_form = true;
  call->deadline = now_of(self) + st.settings.answer_limit;
  st.table.park(id, std::move(token), now_of(self));
  std::exchange(call->asker, {}).deliver(std::move(answer));
}

} // namespace

caf::result<rpc_answer> put_question(call_path self, server_question& x) {
  auto* call = self->state.table.find(x.call);
  if (!call)
    return error_answer(internal_error, "The call that this belongs to is over");
  part_followers(self, x.call);
  static const client_context nobody;
  auto& client = call->request.client ? *call->request.client : nobody;
  if (auto why = undeclared(client, x.method, x.params.view())) {
    if (is_stateless(*call))
      input_of(*call).undeclared.insert(required_capability(x.method, x.params.view()));
    return error_answer(std::move(*why));
  }
  call->was_asked = true;
  if (x.inferred && (is_stateless(*call) || call->exclusive))
    // While that client is away, other questions could be its own.
    self->state.asking.saw(subject_of(call->server, call->request.method, call->request.params));
  auto& input = input_of(*call);
  if (input.asking + input.questions.size() >= max_questions)
    return error_answer(internal_error, "The call has too many questions open");
  if (!is_stateless(*call) && !call->request.session)
    return error_answer(internal_error, "This client cannot be asked");
  auto promise = self->make_response_promise<rpc_answer>();
  if (!is_stateless(*call)) {
    auto owed = std::make_shared<reply<rpc_answer>>(promise);
    ask_client(self, x.call, *call, std::move(x.method), std::move(x.params),
               [owed](rpc_answer answer) { owed->deliver(std::move(answer)); });
    return promise;
  }
  auto key = "q" + std::to_string(++input.last_key);
  input.questions.push_back({{std::move(key), std::move(x.method), std::move(x.params)}, reply<rpc_answer>{promise}});
  // More may be on the way behind this one.
  self->send(self, park_call{x.call});
  return promise;
}

void doubt(call_path self, call_id id) {
  part_followers(self, id);
  auto* call = self->state.table.find(id);
  if (call && call->isolated == 0 && call->request.client && can_be_asked(*call->request.client))
    self->state.asking.suspect(subject_of(call->server, call->request.method, call->request.params));
}

void park(call_path self, call_id id) {
  ask_by_answer(self, id);
}

std::string token_of(const make_call& x) {
  if (!x.client || x.client->era != era::stateless)
    return {};
  auto state = rpc::unquote(rpc::member(x.params.view(), "requestState")).value_or("");
  return state.starts_with(token_prefix) ? state.substr(token_prefix.size()) : std::string{};
}

/// Whose token a client has shown; empty without one.
static std::string_view principal_id(const client_context& x) {
  return x.who ? std::string_view{x.who->id} : std::string_view{};
}

caf::result<rpc_answer> resume(call_path self, make_call& x, const std::string& token) {
  auto& st = self->state;
  auto* call = st.table.find_parked(token);
  // Who comes back must be who left, with the same request.
  auto same = call && call->server == x.server && call->request.method == x.method
              && call->request.client->info.view() == x.client->info.view()
              && principal_id(*call->request.client) == principal_id(*x.client)
              && call->input->subject.view() == without_input(x.params, true).view();
  if (!same)
    return error_answer(invalid_params, "Invalid params: this requestState belongs to no open request of this kind; "
                                        "it may have expired or been used. Call anew without it");
  if (st.table.holds(x.key))
    return error_answer(invalid_request, "Invalid Request: the id " + x.key.id + " is in use by another request");
  auto responses = read_input_responses(x.params);
  auto& input = *call->input;
  for (auto& question : input.questions)
    if (auto i = responses.find(question.asked.key); i != responses.end())
      if (auto wrong = wrong_response(question.asked.method, i->second.view()))
        return error_answer(invalid_params, "Invalid params: inputResponses." + question.asked.key
                                              + " is no answer to " + question.asked.method + ": " + *wrong);
  auto promise = self->make_response_promise<rpc_answer>();
  auto id = call->request.call;
  st.table.unpark(*call, std::move(x.key));
  call->asker = reply<rpc_answer>{promise};
  auto token_of_progress = rpc::member(rpc::member(x.params.view(), "_meta"), "progressToken");
  // Before the answers, so that what the server says to them finds its way.
  if (auto i = st.backends.find(run_order::view{call->server, call->isolated}); i != st.backends.end())
    self->send(i->second, redirect_call{id, x.notify, x.params.slice(token_of_progress).detached(), x.logs});
  call->request.notify = std::move(x.notify);
  call->request.logs = x.logs;
  call->request.client = std::move(x.client);
  call->request.params = without_input(x.params, false).detached();
  call->deadline = now_of(self) + call->time_limit;
  auto declined = false;
  std::erase_if(input.questions, [&](parked_question& question) {
    auto i = responses.find(question.asked.key);
    if (i == responses.end())
      return false;
    declined |= rpc::member(i->second.view(), "action") != "\"accept\"";
    rpc_answer answer;
    answer.body = i->second.detached();
    question.asker.deliver(std::move(answer));
    return true;
  });
  if (!input.questions.empty()) {
    ask_by_answer(self, id);
  } else if (auto early = std::exchange(input.early, std::nullopt)) {
    finish(self, id, std::move(*early));
  } else if (std::exchange(input.send_again, false)) {
    if (declined)
      finish(self, id, error_answer(internal_error, "The user did not agree to open the address that the server needs"));
    else
      send_on(self, id, *call);
  }
  return promise;
}

bool take_input_required(call_path self, call_id id, rpc_answer& answer) {
  auto* call = self->state.table.find(id);
  if (!call)
    return false;
  if (call->input && !call->input->undeclared.empty() && has_failed(answer))
    // The server could have gone on without what it asked for, but it did not.
    answer = error_answer(missing_capabilities(call->input->undeclared));
  if (is_away(*call)) {
    // It did not wait for its question to be answered.
    call->input->early = std::move(answer);
    return true;
  }
  if (!is_stateless(*call)) {
    if (!answer.stateless_form || answer.kind != answer_kind::result || !call->request.session)
      return false;
    auto wanted = read_required_input(answer.body);
    if (wanted)
      ask_all(self, id, *call, std::move(*wanted));
    return wanted.has_value();
  }
  if (answer.stateless_form || answer.kind != answer_kind::error)
    return false;
  auto urls = read_url_elicitations(answer.body);
  if (urls.empty() || undeclared(*call->request.client, "elicitation/create", urls.front().params.view()))
    return false;
  auto& input = input_of(*call);
  input.send_again = true;
  for (auto& x : urls)
    input.questions.push_back({{x.key, x.method, x.params.detached()}, {}});
  ask_by_answer(self, id);
  // Too many are away already: the client gets the error as it is.
  input.send_again = !input.questions.empty();
  return input.send_again;
}

} // namespace hub
