#include "tests/sim/client.hpp"

#include "messages/rpc/json_scan.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace hub::sim {

namespace {

std::shared_ptr<const client_context> context_of(hub::era era) {
  auto result = std::make_shared<client_context>();
  result->era = era;
  result->protocol_version = era == era::stateless ? "2026-07-28" : "2025-06-18";
  result->name = "sim";
  result->info = json_text::of_literal(R"({"name":"sim","version":"1"})");
  result->capabilities = json_text::of_literal("{}");
  return result;
}

rpc::envelope envelope_of(std::string text) {
  return std::get<rpc::envelope>(rpc::scan_client_message(json_text{std::move(text)}));
}

std::string quoted(std::string_view text) {
  return rpc::quote(text);
}

} // namespace

client::client(client_surroundings around, hub::era era, std::string server, std::vector<std::string> servers)
  : around_(std::move(around)), door_{std::move(server)}, servers_(std::move(servers)), context_(context_of(era)) {
  // nop
}

void client::enter(std::string id, session_actor session) {
  id_ = std::move(id);
  session_ = std::move(session);
  session_gone_ = std::make_shared<bool>(false);
  session_->attach_functor([gone = session_gone_](const caf::error&) { *gone = true; });
}

void client::leave() {
  session_ = nullptr;
  open_.clear();
  streams_.clear();
}

void client::send_request() {
  auto marker = marker_of(++around_.numbers->markers);
  auto next = think_of(marker);
  // A progress token is a marker, too.
  if (around_.luck->chance(30))
    next.params.insert(1, R"("_meta":{"progressToken":)" + quoted(marker) + (next.params == "{}" ? "}" : "},"));
  open_.emplace_back("", ask(next.method, next.params, next.marked));
  auto& [id, request] = open_.back();
  request->marker = marker;
  id = std::to_string(last_id_);
}

client::question client::think_of(const std::string& marker) {
  auto& luck = *around_.luck;
  auto call = R"({"name":"echo","arguments":{"text":)" + quoted(marker) + "}}";
  auto uri = "file:///" + marker;
  auto kind = luck.below(20);
  if (door_.server.empty()) {
    auto& server = luck.pick(servers_);
    switch (kind) {
      case 0:
        return {"tools/call", R"({"name":"hub__search_tools","arguments":{"query":"echo text"}})"};
      case 1:
        return {"tools/call", R"({"name":"hub__list_servers","arguments":{}})"};
      case 2:
        return {"tools/list", "{}"};
      case 3:
        return {"resources/list", "{}"};
      case 4:
        return {"resources/read", R"({"uri":)" + quoted("hub:" + server + "/" + uri) + "}", true};
      case 5:
        return {"tools/call", R"({"name":"nobody__knows","arguments":{}})"};
      case 6:
        return {"ping", "{}"};
      case 7:
        return {"logging/setLevel", R"({"level":"info"})"};
      default:
        return federated_call(marker);
    }
  }
  switch (kind) {
    case 0:
      return {"initialize", "{}"};
    case 1:
      return {"tools/list", "{}"};
    case 2:
      return {"prompts/list", "{}"};
    case 3:
      return {"resources/read", R"({"uri":)" + quoted(uri) + "}", true};
    case 4:
      return {"prompts/get", R"({"name":"greet","arguments":{"text":)" + quoted(marker) + "}}", true};
    case 5:
      return {"server/discover", "{}"};
    default:
      return {"tools/call", std::move(call), true};
  }
}

client::question client::federated_call(const std::string& marker) {
  auto& luck = *around_.luck;
  auto name = quoted(luck.pick(servers_) + "__echo");
  auto arguments = R"({"text":)" + quoted(marker) + "}";
  switch (luck.below(4)) {
    case 0:
      return {"tools/call", R"({"name":)" + name + R"(,"arguments":)" + arguments + "}", true};
    case 1:
      return {"tools/call",
              R"({"name":"call_tool","arguments":{"tool":)" + name + R"(,"text":)" + quoted(marker) + "}}", true};
    default:
      return {"tools/call",
              R"({"name":"hub__call_tool","arguments":{"tool":)" + name + R"(,"arguments":)" + arguments + "}}", true};
  }
}

template <class Question>
void client::put(Question question, const std::shared_ptr<sent_request>& request) {
  around_.stage.system.spawn<caf::hidden>([&](caf::event_based_actor* asker) {
    auto note = [request] {
      ++request->answers;
      request->session_was_gone = *request->session_gone;
    };
    asker->request(session_, caf::infinite, std::move(question))
      .then(
        [request, note](rpc_answer& x) {
          note();
          request->answer = std::move(x);
        },
        [request, note](caf::error& x) {
          note();
          request->error = caf::to_string(x);
        });
  });
  // The asker reads its arguments here and not later.
  around_.stage.scheduler.run_once_lifo();
}

std::shared_ptr<sent_request> client::ask(std::string_view method, std::string_view params, bool marked) {
  auto result = std::make_shared<sent_request>();
  result->method = method;
  result->exchange = ++around_.numbers->exchanges;
  result->marked = marked;
  result->session_gone = session_gone_;
  around_.book->requests.push_back(result);
  // Stateless clients choose their ids without asking each other.
  if (context_->era == era::stateless)
    last_id_ = 1 + around_.luck->below(3);
  else if (last_id_ != 0 && around_.luck->chance(3))
    result->id_reused = true;
  else
    ++last_id_;
  client_request question;
  question.message = envelope_of(R"({"jsonrpc":"2.0","id":)" + std::to_string(last_id_) + R"(,"method":)"
                                 + quoted(method) + R"(,"params":)" + std::string{params} + "}");
  question.from.gate = around_.gate;
  question.from.id = result->exchange;
  question.client = context_;
  put(std::move(question), result);
  return result;
}

std::shared_ptr<sent_request> client::pick_open() {
  std::erase_if(open_, [](auto& x) { return x.second->answers != 0; });
  return open_.empty() ? nullptr : around_.luck->pick(open_).second;
}

void client::take_something_back() {
  auto request = pick_open();
  if (!request)
    return;
  request->taken_back = true;
  if (context_->era == era::stateless) {
    around_.stage.self->send(session_, exchange_closed{request->exchange, true});
    return;
  }
  auto entry = std::ranges::find(open_, request, [](auto& x) { return x.second; });
  // Others may have the same id.
  for (auto& [id, other] : open_)
    if (id == entry->first)
      other->taken_back = true;
  around_.stage.self->send(
    session_, client_notification{envelope_of(
                R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":)" + entry->first
                + R"(,"reason":"the user thought better of it"}})")});
}

void client::drop_a_connection() {
  if (auto request = pick_open(); request && context_->era == era::handshake)
    around_.stage.self->send(session_, exchange_closed{request->exchange, false});
}

void client::open_a_stream() {
  if (streams_.size() >= 3)
    return;
  std::shared_ptr<sent_request> stream;
  if (context_->era == era::stateless) {
    stream = ask("subscriptions/listen", R"({"notifications":{"toolsListChanged":true}})", false);
  } else {
    stream = std::make_shared<sent_request>();
    stream->method = "(stream)";
    stream->exchange = ++around_.numbers->exchanges;
    stream->session_gone = session_gone_;
    around_.book->requests.push_back(stream);
    put(hub::open_stream{{around_.gate, stream->exchange}}, stream);
  }
  // A stream ends as its client wishes, so that every end is a good one.
  stream->taken_back = true;
  around_.book->streams.insert(stream->exchange);
  streams_.push_back(stream->exchange);
}

void client::close_a_stream() {
  if (streams_.empty())
    return;
  auto at = streams_.begin() + static_cast<ptrdiff_t>(around_.luck->below(streams_.size()));
  around_.stage.self->send(session_, exchange_closed{*at, true});
  streams_.erase(at);
}

} // namespace hub::sim
