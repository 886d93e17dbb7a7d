// What a session tells of its searches, and what it makes of what was learnt.

#include "actors/learning/tie_breaker.hpp"
#include "actors/session/session_parts.hpp"
#include "messages/rpc/json_scan.hpp"

#include <caf/send.hpp>

#include <utility>

namespace hub {

namespace {

constexpr std::string_view file_scheme = "file://";

/// The path of a `file:` URI; empty for another one.
std::string path_of_uri(std::string_view uri) {
  if (!uri.starts_with(file_scheme))
    return {};
  uri.remove_prefix(file_scheme.size());
  if (!uri.starts_with('/'))
    uri.remove_prefix(std::min(uri.find('/'), uri.size()));
  auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string result;
  for (size_t i = 0; i < uri.size(); ++i) {
    if (uri[i] == '%' && i + 2 < uri.size() && digit(uri[i + 1]) >= 0 && digit(uri[i + 2]) >= 0) {
      result += static_cast<char>(digit(uri[i + 1]) * 16 + digit(uri[i + 2]));
      i += 2;
    } else {
      result += uri[i];
    }
  }
  return result;
}

bool declares_roots(const client_context* client) {
  return client && !rpc::member(client->capabilities.view(), "roots").empty();
}

/// Asks the client where it works, once, if it has not said so and can be asked.
void ask_for_roots(session_pointer self) {
  auto& st = self->state;
  if (is_stateless(self) || st.asked_roots || !declares_roots(st.settings.client.get())
      || !st.settings.client->project.empty())
    return;
  auto has_stream = std::ranges::any_of(st.listeners, [](auto& x) { return x.subscription.empty(); });
  if (!has_stream)
    return;
  st.asked_roots = true;
  self->request(caf::actor_cast<session_actor>(self), caf::infinite,
                client_question{{}, "roots/list", json_text::of_literal("{}")})
    .then(
      [self](const rpc_answer& x) {
        auto& st = self->state;
        if (x.kind != answer_kind::result)
          return;
        st.root.clear();
        rpc::for_each_element(rpc::member(x.body.view(), "roots"), [&](std::string_view root) {
          st.root = path_of_uri(rpc::unquote(rpc::member(root, "uri")).value_or(""));
          return st.root.empty();
        });
      },
      [](const caf::error&) {
        // It ends.
      });
}

/// Who uses the tools, as far as what follows what is concerned.
uint64_t user_of(session_pointer self, const client_request& request) {
  if (!is_stateless(self) || !request.client)
    return 0;
  return habit_tool(request.client->name, request.client->project);
}

const std::string& project_of(session_pointer self, const client_request& request) {
  auto& said = request.client ? request.client->project : self->state.root;
  return said.empty() ? self->state.root : said;
}

} // namespace

session_memory::session_memory(session_pointer self, const client_request& request) : self_(self), request_(request) {
  // nop
}

size_t session_memory::margin() const {
  return tie_breaker::margin;
}

void session_memory::arrange(const catalog_snapshot& snapshot, const std::string& request, size_t limit,
                             search_result& result) {
  auto& st = self_->state;
  auto& learning = *st.settings.learning;
  auto& project = project_of(self_, request_);
  auto name_of = [&](uint32_t hit) {
    auto ref = snapshot.tools()[hit];
    return std::pair{snapshot.servers()[ref.server].name,
                     rpc::unquote(rpc::member(snapshot.tool(ref).view(), "name")).value_or("")};
  };
  if (auto habits = learning.habits->load())
    tie_breaker{*habits, request, habits->kind_of(project), st.last_tools.of(user_of(self_, request_), now_of(self_))}
      .arrange(result, limit, [&](uint32_t hit) {
        auto [server, tool] = name_of(hit);
        return habit_tool(server, tool);
      });
  result.hits.resize(std::min(result.hits.size(), limit));
  search_ended news{std::chrono::system_clock::now(), request_.client ? request_.client : st.settings.client,
                    origin_of(self_), project, request, {}};
  for (auto& hit : result.hits)
    news.shown.push_back(name_of(hit.tool));
  if (learning.gauge->enter(1, request.size()))
    self_->send(learning.to, std::move(news));
  ask_for_roots(self_);
}

std::vector<tool_ref> chosen_tools(session_pointer self, const client_request& request) {
  auto& st = self->state;
  auto count = request.tools ? *request.tools : st.settings.federation.tools;
  if (count == 0)
    return {};
  auto& learning = st.settings.learning;
  auto habits = learning ? learning->habits->load() : nullptr;
  auto& client = request.client ? request.client : st.settings.client;
  return st.choices.of(user_of(self, request), now_of(self))
    .of(*st.settings.snapshot, count, habits.get(), habits ? habits->kind_of(project_of(self, request)) : "",
        client ? std::string_view{client->name} : "");
}

void note_called(session_pointer self, const client_request& request, const forward& to) {
  auto& st = self->state;
  if (auto tool = rpc::unquote(rpc::member(to.params.view(), "name")))
    st.last_tools.note(user_of(self, request), habit_tool(to.server, *tool), now_of(self));
}

} // namespace hub
