#include "actors/backend/task_owners.hpp"

#include "messages/protocol_versions.hpp"
#include "messages/rpc/codes.hpp"
#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>

namespace hub {

namespace {

constexpr std::string_view extension = "io.modelcontextprotocol/tasks";
constexpr std::string_view key_capabilities = "io.modelcontextprotocol/clientCapabilities";

std::string_view extension_in(std::string_view capabilities) {
  return rpc::member(rpc::member(capabilities, "extensions"), extension);
}

json_text without_extension(const json_text& capabilities) {
  if (extension_in(capabilities.view()).empty())
    return capabilities;
  auto rest = rpc::edit_members(capabilities.slice(rpc::member(capabilities.view(), "extensions")), {{extension, ""}});
  return rpc::edit_members(capabilities, {{"extensions", rest.view()}});
}

std::string id_of(std::string_view object) {
  return rpc::unquote(rpc::member(object, "taskId")).value_or("");
}

} // namespace

bool declares_tasks(const server_catalogue& server) {
  auto capabilities = server.capabilities.view();
  return server.stateless ? !extension_in(capabilities).empty()
                          : server.protocol_version == newest_handshake_version
                              && !rpc::member(capabilities, "tasks").empty();
}

bool carries_tasks(const server_catalogue& server, const client_context& client) {
  auto alike = server.stateless ? client.era == era::stateless
                                : client.era == era::handshake && client.protocol_version == newest_handshake_version;
  return alike && declares_tasks(server);
}

bool may_become_task(const backend_request& x) {
  if (x.method != "tools/call" || !x.client)
    return false;
  return x.client->era == era::stateless ? !extension_in(x.client->capabilities.view()).empty()
                                         : !rpc::member(x.params.view(), "task").empty();
}

json_text visible_capabilities(const server_catalogue& server, const client_context& client) {
  if (carries_tasks(server, client))
    return server.capabilities;
  return without_extension(rpc::edit_members(server.capabilities, {{"tasks", ""}}));
}

json_text without_tasks(const json_text& params) {
  auto result = params;
  if (!rpc::member(result.view(), "task").empty())
    result = rpc::edit_members(result, {{"task", ""}});
  auto meta = rpc::member(result.view(), "_meta");
  auto capabilities = rpc::member(meta, key_capabilities);
  if (extension_in(capabilities).empty())
    return result;
  auto rest = rpc::edit_members(result.slice(meta),
                                {{key_capabilities, without_extension(result.slice(capabilities)).view()}});
  return rpc::edit_members(result, {{"_meta", rest.view()}});
}

void task_owners::take(const json_text& result, const session_actor& session, const client_context* client,
                       int64_t wire_id, const json_text& token) {
  auto text = result.view();
  // Up to 2025-11-25 the task is a member of the result, later it is the result.
  auto task = session ? id_of(rpc::member(text, "task"))
                      : rpc::member(text, "resultType") == "\"task\"" ? id_of(text) : std::string{};
  if (task.empty() || find(task))
    return;
  if (entries_.size() >= capacity_)
    entries_.pop_front();
  entries_.push_back({std::move(task), session ? session.address() : caf::actor_addr{},
                      client ? client->info : json_text{}, wire_id, token.detached()});
}

std::optional<json_text> task_owners::refuse(const backend_request& x) const {
  if (x.method == "tasks/list")
    return std::nullopt;
  auto task = id_of(x.params.view());
  if (find(task, x.session, x.client.get()))
    return std::nullopt;
  return rpc::error_object(rpc_code::invalid_params, "Invalid params: this client has no task " + task
                                             + "; it may have expired, or the server was started anew");
}

json_text task_owners::own_part(const json_text& result, const session_actor& session,
                                const client_context* client) const {
  std::string own;
  rpc::for_each_element(rpc::member(result.view(), "tasks"), [&](std::string_view task) {
    if (find(id_of(task), session, client))
      own.append(own.empty() ? "[" : ",").append(task);
    return true;
  });
  return rpc::edit_members(result, {{"tasks", own.empty() ? "[]" : own + ']'}});
}

session_actor task_owners::session_of(std::string_view task) const {
  auto* x = find(rpc::unquote(task).value_or(""));
  return x && x->session ? caf::actor_cast<session_actor>(x->session) : session_actor{};
}

std::optional<task_owners::reported> task_owners::progress_of(int64_t wire_id) const {
  auto i = std::ranges::find(entries_, wire_id, &entry::wire_id);
  if (i == entries_.end() || i->token.empty() || !i->session)
    return std::nullopt;
  auto session = caf::actor_cast<session_actor>(i->session);
  return session ? std::optional{reported{std::move(session), i->token}} : std::nullopt;
}

const task_owners::entry* task_owners::find(std::string_view task) const {
  auto i = std::ranges::find(entries_, task, &entry::task);
  return i == entries_.end() ? nullptr : &*i;
}

const task_owners::entry* task_owners::find(std::string_view task, const session_actor& session,
                                            const client_context* client) const {
  auto* x = find(task);
  if (!x)
    return nullptr;
  if (session)
    return x->session == session.address() ? x : nullptr;
  return !x->session && client && client->info.view() == x->info.view() ? x : nullptr;
}

} // namespace hub
