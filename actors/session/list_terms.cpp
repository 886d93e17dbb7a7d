#include "actors/session/list_terms.hpp"

#include "messages/rpc/json_scan.hpp"

#include <algorithm>

namespace hub {

namespace {

using time_point = std::chrono::steady_clock::time_point;

bool is_shown(const known_server& x) noexcept {
  return x.enabled && x.member;
}

/// Whether a server has a list at all, by its capabilities.
bool has_list(const server_catalogue& x, list_kind list) {
  constexpr std::string_view names[] = {"tools", "resources", "resources", "prompts"};
  return !rpc::member(x.capabilities.view(), names[static_cast<size_t>(list)]).empty();
}

time_point end_of(const server_catalogue& x, list_kind list) noexcept {
  return x.freshness ? x.freshness->until(list) : time_point::min();
}

} // namespace

std::optional<list_kind> list_kind_of(std::string_view method) noexcept {
  if (method == "tools/list")
    return list_kind::tools;
  if (method == "resources/list")
    return list_kind::resources;
  if (method == "resources/templates/list")
    return list_kind::templates;
  if (method == "prompts/list")
    return list_kind::prompts;
  return std::nullopt;
}

list_terms terms_of(const known_server& server, list_kind list, time_point now) {
  if (!server.catalogue)
    return {};
  auto end = end_of(*server.catalogue, list);
  list_terms result;
  if (end > now)
    result.ttl = std::chrono::duration_cast<std::chrono::milliseconds>(end - now);
  result.is_public = server.catalogue->is_public[static_cast<size_t>(list)];
  return result;
}

list_terms terms_of_all(const catalog_snapshot& snapshot, list_kind list, time_point now) {
  list_terms result{own_list_ttl, true};
  for (auto& server : snapshot.servers()) {
    if (!is_shown(server) || (server.catalogue && !has_list(*server.catalogue, list)))
      continue;
    auto terms = terms_of(server, list, now);
    result.ttl = std::min(result.ttl, terms.ttl);
    result.is_public = result.is_public && terms.is_public;
  }
  return result;
}

std::vector<std::string> find_due(const catalog_snapshot& snapshot, std::string_view only, list_kind list,
                                  time_point now) {
  std::vector<std::string> result;
  for (auto& server : snapshot.servers()) {
    if (!is_shown(server) || !server.catalogue || (!only.empty() && server.name != only))
      continue;
    auto end = end_of(*server.catalogue, list);
    if (end != time_point::min() && end <= now)
      result.push_back(server.name);
  }
  return result;
}

rpc_answer with_terms(rpc_answer list, const list_terms& terms) {
  auto text = list.body.view();
  auto open = text.find('{');
  if (list.kind != answer_kind::result || open == std::string_view::npos)
    return list;
  auto rest = text.substr(open + 1);
  auto edited = R"({"resultType":"complete","ttlMs":)" + std::to_string(terms.ttl.count()) + R"(,"cacheScope":")"
                + (terms.is_public ? "public" : "private") + '"';
  if (rpc::json_cursor{rest}.peek() != '}')
    edited += ',';
  edited += rest;
  list.body = json_text{std::move(edited)};
  list.stateless_form = true;
  return list;
}

} // namespace hub
