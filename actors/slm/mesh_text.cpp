#include "actors/slm/mesh_text.hpp"

#include "messages/percent_text.hpp"

namespace hub {

namespace {

std::optional<std::string> item_of(std::string_view query, std::string_view key) {
  while (!query.empty()) {
    auto end = query.find('&');
    auto item = query.substr(0, end);
    if (item.starts_with(key))
      return percent_decode(item.substr(key.size()));
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
  }
  return std::nullopt;
}

/// Adds an object to the items of a list.
void add_item(std::string& list, slm_object& item) {
  list.append(list.empty() ? "" : ",").append(item.take());
}

} // namespace

std::string mesh_json(const mesh_table& table, const slm_state& daemon, const std::string& why) {
  std::string peers;
  for (auto& x : table.peers()) {
    slm_object item;
    item.text("peer", x.id)
      .text("agent", x.agent)
      .text("status", x.status)
      .text("summary", x.summary)
      .text("project", x.project)
      .text("last_heartbeat", x.last_heartbeat);
    add_item(peers, item);
  }
  std::string messages;
  for (auto& x : table.messages()) {
    slm_object item;
    item.number("id", x.id)
      .text("from", x.from)
      .text("to", x.target)
      .text("project", x.project)
      .text("text", x.text)
      .text("created_at", x.created_at);
    add_item(messages, item);
  }
  slm_object result;
  result.text("daemon", to_string(daemon.presence))
    .text("version", daemon.version)
    .text("self", table.self())
    .text("why", daemon.cause.empty() ? why : daemon.cause)
    .json("peers", "[" + peers + "]")
    .json("messages", "[" + messages + "]");
  return result.take();
}

std::optional<mesh_wish> read_mesh_send(std::string_view query) {
  auto to = item_of(query, "to=");
  auto text = item_of(query, "text=");
  if (!to || !text || to->empty() || to->size() > 512 || text->empty() || text->size() > mesh_message_max)
    return std::nullopt;
  return mesh_wish{std::move(*to), std::move(*text)};
}

} // namespace hub
