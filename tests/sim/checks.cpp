#include "tests/sim/checks.hpp"

#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace hub::sim {

namespace {

std::string describe(const sent_request& x) {
  return x.method + " " + x.marker + " of exchange " + std::to_string(x.exchange);
}

/// What is wrong with an answer; empty if nothing is.
std::string fault_of(const sent_request& x) {
  if (x.answers > 1)
    return "was answered " + std::to_string(x.answers) + " times";
  auto gone = x.session_was_gone;
  if (!x.error.empty())
    return gone ? "" : "failed with " + x.error + " though its session lives";
  auto& answer = *x.answer;
  auto body = answer.body.view();
  auto markers = markers_in(body);
  if (std::ranges::any_of(markers, [&](auto& m) { return m != x.marker; }))
    return "got the answer of another request: " + std::string{body};
  switch (answer.kind) {
    case answer_kind::cancelled:
      return x.taken_back || gone ? "" : "was cancelled, and nobody wanted that";
    case answer_kind::failure:
      if (!answer.why || answer.why->cause.empty())
        return "failed without a cause";
      if (answer.why->what == failure::kind::internal)
        return "failed by a fault of the hub: " + answer.why->cause;
      return "";
    case answer_kind::error:
      if (rpc::check_json(body))
        return "got an error that is not JSON: " + std::string{body};
      if (body.find("is in use by another request") != std::string_view::npos && !x.id_reused)
        return "was refused for an id that is its own: " + std::string{body};
      return "";
    case answer_kind::result:
      if (rpc::check_json(body))
        return "got a result that is not JSON: " + std::string{body};
      if (x.marked && markers.empty() && rpc::member(body, "isError") != "true")
        return "got a result that is not its own: " + std::string{body};
      return "";
  }
  return "got an answer of no kind";
}

} // namespace

void check_answers(world& x) {
  for (auto& request : x.book->requests)
    if (request->answers != 0)
      if (auto fault = fault_of(*request); !fault.empty())
        x.book->violations.push_back(describe(*request) + " " + fault);
}

void check_all_answered(world& x) {
  for (auto& request : x.book->requests)
    if (request->answers == 0 && !x.book->streams.contains(request->exchange))
      x.book->violations.push_back(describe(*request) + " was never answered");
}

void check_events(world& x) {
  std::map<exchange_id, const sent_request*> by_exchange;
  for (auto& request : x.book->requests)
    by_exchange[request->exchange] = request.get();
  for (auto& [exchange, text] : x.book->events) {
    auto to = by_exchange.find(exchange);
    if (to == by_exchange.end()) {
      x.book->violations.push_back("a notification went to exchange " + std::to_string(exchange)
                                   + ", which is nobody's: " + text);
      continue;
    }
    auto of_a_list = text.find("list_changed") != std::string::npos
                     || text.find("subscriptions/acknowledged") != std::string::npos;
    auto is_stream = x.book->streams.contains(exchange);
    auto markers = markers_in(text);
    auto foreign = std::ranges::any_of(markers, [&](auto& m) { return m != to->second->marker; });
    if (of_a_list != is_stream || foreign)
      x.book->violations.push_back(describe(*to->second) + " got a notification that is not its own: " + text);
  }
}

void check_children(world& x) {
  std::set<caf::actor_id> owners;
  for (auto& [number, child] : x.book->children) {
    if (!x.book->backends.contains(child.owner))
      x.book->violations.push_back("a child of " + child.server + " lives without an owner");
    if (!owners.insert(child.owner).second)
      x.book->violations.push_back("two children of " + child.server + " have one owner");
  }
}

void check_tables(world& x) {
  auto& wrong = x.book->violations;
  auto counts = x.ask<call_counts>(x.calls, get_call_counts{});
  if (counts.in_flight != 0)
    wrong.push_back(std::to_string(counts.in_flight) + " calls are in flight, and all are answered");
  auto status = x.ask<hub_status>(x.supervisor, get_status{});
  size_t running = 0;
  for (auto& server : status.servers) {
    running += server.state == server_state::starting || server.state == server_state::ready
               || server.state == server_state::stopping;
    if (server.state == server_state::disabled && server.starts != 0)
      wrong.push_back("server " + server.name + " is disabled and was started");
  }
  if (running != x.book->backends.size())
    wrong.push_back("the status counts " + std::to_string(running) + " running servers, and there are "
                    + std::to_string(x.book->backends.size()));
  if (status.starts_running > 2)
    wrong.push_back(std::to_string(status.starts_running) + " servers start at a time");
  // Sessions that a client left are ended or lie idle until they are.
  auto sessions = x.ask<sessions_listed>(x.registry, list_sessions{}).sessions.size();
  std::set<std::string> doors;
  for (auto& client : x.clients)
    if (client->session_id().empty())
      doors.insert(client->door().server);
  auto expected = x.lasting_actors() + sessions + doors.size() + x.book->backends.size() + x.book->children.size();
  if (x.actors() != expected)
    wrong.push_back("there are " + std::to_string(x.actors()) + " actors, and " + std::to_string(expected)
                    + " have an owner");
}

} // namespace hub::sim
