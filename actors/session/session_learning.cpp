// What a session tells of its searches, and what it makes of what was learnt.

#include "actors/catalog/rank_fusion.hpp"
#include "actors/catalog/text_analysis.hpp"
#include "actors/learning/tie_breaker.hpp"
#include "actors/session/session_parts.hpp"
#include "messages/rpc/json_scan.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <memory>
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

/// Who makes a request: for stateless clients each request says it.
const std::shared_ptr<const client_context>& client_of(session_pointer self, const client_request& request) {
  return is_stateless(self) ? request.client : self->state.settings.client;
}

const std::string& project_of(session_pointer self, const client_request& request) {
  auto& client = client_of(self, request);
  return client && !client->project.empty() ? client->project : self->state.root;
}

} // namespace

session_memory::session_memory(session_pointer self, const client_request& request, const meaning_ranked* meaning)
  : self_(self), request_(request), meaning_(meaning) {
  // nop
}

bool session_memory::empty() const {
  auto& settings = self_->state.settings;
  return !settings.learning && !settings.meaning;
}

bool session_memory::wants_meaning(const std::string& request) const {
  return !meaning_ && self_->state.settings.meaning && !identifier_key(request).empty();
}

size_t session_memory::margin() const {
  return self_->state.settings.meaning ? fusion_depth : tie_breaker::margin;
}

void session_memory::fuse(const catalog_snapshot& snapshot, const search_request& request,
                          search_result& result) const {
  // What was ranked may be another snapshot than the one in force by now.
  if (!meaning_ || meaning_->snapshot.get() != &snapshot)
    return;
  auto allowed = snapshot.index()->servers_like(request.server);
  auto others = meaning_->tools;
  std::erase_if(others, [&](uint32_t tool) {
    return tool >= snapshot.index()->tool_count() || (!allowed.empty() && !allowed[snapshot.index()->server_of(tool)]);
  });
  fuse_ranks(result, others, request.limit);
}

void session_memory::arrange(const catalog_snapshot& snapshot, const search_request& request, search_result& result) {
  auto& st = self_->state;
  if (!st.settings.learning) {
    fuse(snapshot, request, result);
    result.hits.resize(std::min(result.hits.size(), request.limit));
    return;
  }
  auto& learning = *st.settings.learning;
  auto& project = project_of(self_, request_);
  auto name_of = [&](uint32_t hit) {
    auto ref = snapshot.tools()[hit];
    return std::pair{snapshot.servers()[ref.server].name,
                     rpc::unquote(rpc::member(snapshot.tool(ref).view(), "name")).value_or("")};
  };
  if (auto habits = learning.habits->load())
    tie_breaker{*habits, request.query, habits->kind_of(project), st.last_tools.of(user_of(self_, request_), now_of(self_))}
      .arrange(result, request.limit + margin(), [&](uint32_t hit) {
        auto [server, tool] = name_of(hit);
        return habit_tool(server, tool);
      });
  fuse(snapshot, request, result);
  result.hits.resize(std::min(result.hits.size(), request.limit));
  search_ended news{std::chrono::system_clock::now(), client_of(self_, request_),
                    origin_of(self_), project, request.query, {}};
  for (auto& hit : result.hits)
    news.shown.push_back(name_of(hit.tool));
  if (learning.gauge->enter(1, request.query.size()))
    self_->send(learning.to, std::move(news));
  ask_for_roots(self_);
}

void ask_for_meaning(session_pointer self, client_request request, meaning_wish wish, reply<rpc_answer> asker) {
  struct held_search {
    client_request request;
    reply<rpc_answer> asker;
  };
  auto held = std::make_shared<held_search>(held_search{std::move(request), std::move(asker)});
  auto go_on = [self, held](const meaning_ranked& x) {
    answer_now(self, std::move(held->request), std::move(held->asker), nullptr, &x);
  };
  auto& meaning = *self->state.settings.meaning;
  self->request(meaning.to, meaning.limit, rank_by_meaning{std::move(wish.request), self->state.settings.snapshot})
    .then(go_on, [go_on](const caf::error&) { go_on({}); });
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
