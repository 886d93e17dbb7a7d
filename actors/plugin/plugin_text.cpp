#include "actors/plugin/plugin_text.hpp"

#include "actors/policy/permission_memo.hpp"
#include "messages/access.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <string_view>

namespace hub {

namespace {

/// Puts an object together.
class object_text {
public:
  object_text& json(std::string_view key, std::string_view value) {
    text_.append(text_.empty() ? "{\"" : ",\"").append(key).append("\":").append(value);
    return *this;
  }

  object_text& string(std::string_view key, std::string_view value) {
    return json(key, rpc::quote(value));
  }

  /// An empty one is left out.
  object_text& some(std::string_view key, std::string_view value) {
    return value.empty() ? *this : string(key, value);
  }

  object_text& number(std::string_view key, int64_t value) {
    return json(key, std::to_string(value));
  }

  object_text& flag(std::string_view key, bool value) {
    return json(key, value ? "true" : "false");
  }

  object_text& strings(std::string_view key, const std::vector<std::string>& values) {
    std::string list = "[";
    for (auto& x : values)
      list += (list.size() > 1 ? "," : "") + rpc::quote(x);
    return json(key, list + "]");
  }

  std::string finish() {
    return text_.empty() ? "{}" : std::move(text_) + "}";
  }

private:
  std::string text_;
};

void add_client(object_text& to, const std::shared_ptr<const client_context>& client) {
  if (!client)
    return;
  object_text x;
  x.string("name", client->name).string("version", client->version).string("protocol", client->protocol_version);
  to.json("client", x.finish());
  to.some("project", client->project);
  if (client->who)
    to.some("principal", client->who->name).some("role", client->who->role);
}

std::string door_text(std::string_view door) {
  return "/mcp" + (door.empty() ? std::string{} : "/" + std::string{door});
}

void add_session(object_text& to, std::string_view session, std::string_view door) {
  to.some("session", session).string("door", door_text(door));
}

/// What a request is about: the tool and its arguments, the prompt, the resource.
void add_request(object_text& to, std::string_view method, std::string_view params) {
  to.string("method", method);
  std::string name;
  if (method == "tools/call")
    to.string("tool", called_tool(params, name).value_or(""));
  else if (method == "prompts/get")
    to.some("prompt", rpc::unquote(rpc::member(params, "name")).value_or(""));
  else if (method.starts_with("resources/"))
    to.some("uri", rpc::unquote(rpc::member(params, "uri")).value_or(""));
  auto arguments = rpc::member(params, "arguments");
  if (arguments.empty())
    return;
  if (arguments.size() > shown_arguments) {
    to.number("arguments_bytes", static_cast<int64_t>(arguments.size()));
    return;
  }
  // A client may have written line feeds between its members; there are none within texts.
  std::string line{arguments};
  std::ranges::replace(line, '\n', ' ');
  std::ranges::replace(line, '\r', ' ');
  to.json("arguments", line);
}

void add(object_text&, const plugin_event::hub_started&) {
  // nop
}

void add(object_text&, const plugin_event::hub_stopping&) {
  // nop
}

void add(object_text& to, const plugin_event::session_started& x) {
  add_session(to, x.session, x.door);
  add_client(to, x.client);
  to.flag("resumed", x.resumed);
}

void add(object_text& to, const plugin_event::session_ended& x) {
  add_session(to, x.session, x.door);
  add_client(to, x.client);
  to.string("cause", x.cause)
    .number("age_ms", x.age.count())
    .number("calls", static_cast<int64_t>(x.calls))
    .number("failed", static_cast<int64_t>(x.failed));
}

void add(object_text& to, const plugin_event::server_connected& x) {
  to.string("server", x.server);
  if (x.pid != 0)
    to.number("pid", x.pid);
  to.string("era", x.stateless ? "stateless" : "handshake").flag("isolated", x.isolated);
}

void add(object_text& to, const plugin_event::server_disconnected& x) {
  to.string("server", x.server).string("cause", x.cause).flag("asked_for", x.asked_for).flag("isolated", x.isolated);
}

void add(object_text& to, const plugin_event::tools_changed& x) {
  to.string("server", x.server)
    .strings("added", x.added)
    .strings("removed", x.removed)
    .strings("changed", x.changed)
    .number("tools", static_cast<int64_t>(x.tools));
}

std::string_view word_of(cache_use x) {
  switch (x) {
    case cache_use::miss:
      return "miss";
    case cache_use::hit:
      return "hit";
    case cache_use::shared:
      return "shared";
    default:
      return "";
  }
}

} // namespace

std::string time_text(std::chrono::system_clock::time_point at) {
  auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
  std::time_t seconds = ms / 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[40];
  auto size = std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text + size, sizeof(text) - size, ".%03dZ", static_cast<int>(ms % 1000));
  return text;
}

std::string text_of(const plugin_event& x) {
  object_text result;
  result.string("at", time_text(x.at));
  std::visit([&](auto& what) { add(result, what); }, x.what);
  return result.finish();
}

std::string text_of(const call_record& x) {
  object_text result;
  result.string("at", time_text(x.at));
  if (x.origin)
    add_session(result, x.origin->session, x.origin->door);
  add_client(result, x.client);
  result.string("server", x.server);
  add_request(result, x.method, x.params.view());
  result.string("outcome", to_string(x.outcome))
    .number("duration_us", x.microseconds)
    .number("answer_bytes", static_cast<int64_t>(x.answer_bytes))
    .some("cache", word_of(x.cache));
  return result.finish();
}

std::string text_of(const intended_call& x) {
  object_text result;
  result.number("call", static_cast<int64_t>(x.number));
  if (x.origin)
    add_session(result, x.origin->session, x.origin->door);
  add_client(result, x.client);
  result.string("server", x.server);
  add_request(result, x.method, x.params.view());
  return result.finish();
}

} // namespace hub
