#include "actors/slm/mesh_api.hpp"

#include "messages/percent_text.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>

namespace hub {

namespace {

constexpr size_t text_bytes = 512;

slm_request post(std::string target, slm_object body) {
  return {"POST", std::move(target), body.take(), true};
}

slm_request get(std::string target) {
  return {"GET", std::move(target), {}, true};
}

std::string text_of(std::string_view object, std::string_view key, size_t limit = text_bytes) {
  return std::string{cut_text(rpc::unquote(rpc::member(object, key)).value_or(""), limit)};
}

constexpr std::string_view words[] = {"acquire", "release", "query"};

} // namespace

slm_request register_mesh_peer(const mesh_self& x) {
  slm_object body;
  body.text("session_id", x.session)
    .text("summary", x.summary)
    .text("host", "127.0.0.1")
    .number("port", x.port)
    .text("project_path", "")
    .text("agent_type", "mcp-hub");
  return post("/mesh/register", std::move(body));
}

std::string read_mesh_registration(std::string_view body) {
  return text_of(body, "peer_id", 64);
}

slm_request deregister_mesh_peer(const std::string& peer) {
  return post("/mesh/deregister", slm_object{}.text("peer_id", peer));
}

slm_request beat_mesh_heart(const std::string& peer) {
  return post("/mesh/heartbeat", slm_object{}.text("peer_id", peer));
}

slm_request tell_mesh_summary(const std::string& peer, std::string_view summary) {
  return post("/mesh/summary", slm_object{}.text("peer_id", peer).text("summary", summary));
}

slm_request ask_mesh_peers() {
  return get("/mesh/peers");
}

std::vector<mesh_peer> read_mesh_peers(std::string_view body, size_t limit) {
  std::vector<mesh_peer> result;
  rpc::for_each_element(rpc::member(body, "peers"), [&](std::string_view x) {
    mesh_peer peer;
    peer.id = text_of(x, "peer_id", 64);
    peer.session = text_of(x, "session_id", 128);
    peer.summary = text_of(x, "summary");
    peer.status = text_of(x, "status", 32);
    peer.agent = text_of(x, "agent_type", 64);
    peer.project = text_of(x, "project_path");
    peer.last_heartbeat = text_of(x, "last_heartbeat", 64);
    if (!peer.id.empty())
      result.push_back(std::move(peer));
    return result.size() < limit;
  });
  return result;
}

slm_request ask_mesh_inbox(const std::string& peer) {
  return get("/mesh/inbox/" + percent_encode(peer));
}

std::vector<mesh_message> read_mesh_inbox(std::string_view body, size_t limit) {
  std::vector<mesh_message> result;
  rpc::for_each_element(rpc::member(body, "messages"), [&](std::string_view x) {
    mesh_message message;
    message.id = rpc::to_integer(rpc::member(x, "id")).value_or(0);
    message.from = text_of(x, "from_peer", 64);
    message.target = text_of(x, "target_type", 32);
    message.project = text_of(x, "project_path");
    message.text = text_of(x, "content", mesh_message_max);
    message.created_at = text_of(x, "created_at", 64);
    // Releases up to 3.6.11 list those that were read as well.
    auto read = rpc::member(x, "read");
    if (message.id > 0 && (read.empty() || read == "0" || read == "false"))
      result.push_back(std::move(message));
    return result.size() < limit;
  });
  std::ranges::sort(result, {}, &mesh_message::id);
  return result;
}

slm_request mark_mesh_read(const std::string& peer, const std::vector<int64_t>& ids) {
  std::string list = "[";
  for (auto id : ids)
    list.append(list.size() > 1 ? "," : "").append(std::to_string(id));
  return post("/mesh/inbox/" + percent_encode(peer) + "/read", slm_object{}.json("message_ids", list + "]"));
}

slm_request send_mesh_message(const std::string& from, std::string_view to, std::string_view text) {
  slm_object body;
  body.text("from_peer", from).text("to", to).text("content", text).text("type", "text");
  return post("/mesh/send", std::move(body));
}

slm_request ask_mesh_lock(mesh_lock_action action, std::string_view name, const std::string& owner) {
  slm_object body;
  body.text("file_path", name).text("locked_by", owner).text("action", words[static_cast<size_t>(action)]);
  return post("/mesh/lock", std::move(body));
}

mesh_lock_state read_mesh_lock(std::string_view body) {
  mesh_lock_state x;
  // A refused acquire is 200, too, and has no `ok`.
  x.acquired = rpc::member(body, "ok") == "true" && text_of(body, "action") == "acquired";
  x.locked = rpc::member(body, "locked") == "true";
  x.by = text_of(body, "by", 128);
  x.fencing_token = rpc::to_integer(rpc::member(body, "fencing_token")).value_or(0);
  return x;
}

bool confirms(const mesh_lock_state& grant, const mesh_lock_state& query, std::string_view owner) noexcept {
  return grant.acquired && query.locked && query.by == owner && query.fencing_token == grant.fencing_token;
}

} // namespace hub
