#include "actors/audit/audit_text.hpp"

#include "actors/policy/permission_memo.hpp"
#include "messages/access.hpp"
#include "messages/policy.hpp"
#include "messages/rpc/json_scan.hpp"
#include "messages/sha256.hpp"

#include <cstdio>
#include <ctime>

namespace hub {

namespace {

/// The most bytes of arguments that are written.
constexpr size_t arguments_limit = 64 * 1024;

/// The longest text from outside that is written.
constexpr size_t text_limit = 512;

std::string time_text(std::chrono::system_clock::time_point at) {
  using namespace std::chrono;
  auto ms = duration_cast<milliseconds>(at.time_since_epoch()).count();
  std::time_t seconds = ms / 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[40];
  auto size = std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text + size, sizeof(text) - size, ".%03dZ", static_cast<int>(ms % 1000));
  return text;
}

/// Adds a member that is a text; an empty one is left out.
void add(std::string& to, std::string_view key, std::string_view text) {
  if (text.empty())
    return;
  to.append(to.empty() ? "\"" : ",\"").append(key).append("\":").append(rpc::quote(text.substr(0, text_limit)));
}

} // namespace

std::string audit_members(const call_record& x, bool arguments) {
  std::string result;
  add(result, "time", time_text(x.at));
  add(result, "event", "call");
  if (x.origin) {
    add(result, "session", x.origin->session);
    add(result, "door", "/mcp" + (x.origin->door.empty() ? "" : "/" + x.origin->door));
  }
  if (x.client) {
    if (x.client->who) {
      add(result, "principal", x.client->who->name);
      add(result, "role", x.client->who->role);
    }
    add(result, "client", x.client->name);
    add(result, "version", x.client->version);
    add(result, "project", x.client->project);
  }
  add(result, "server", x.server);
  add(result, "method", x.method);
  auto params = x.params.view();
  std::string name;
  if (x.method == "tools/call")
    // One that a server might read in another way than we do is not passed off as clear.
    add(result, "tool", called_tool(params, name).value_or("(unclear)"));
  else if (x.method == "prompts/get")
    add(result, "prompt", rpc::unquote(rpc::member(params, "name")).value_or(""));
  else if (x.method.starts_with("resources/"))
    add(result, "uri", rpc::unquote(rpc::member(params, "uri")).value_or(""));
  add(result, "outcome", to_string(x.outcome));
  char ms[32];
  std::snprintf(ms, sizeof(ms), ",\"ms\":%.3f", static_cast<double>(x.microseconds) / 1000);
  result += ms;
  if (x.rule) {
    add(result, "rule", x.rule->name);
    add(result, "decision", to_string(x.rule->act));
  }
  auto given = rpc::member(params, "arguments");
  if (!given.empty()) {
    add(result, "arguments_sha256", sha256_hex(given));
    if (arguments)
      // As a text, since a client may have written line feeds between its members.
      result += ",\"arguments\":" + rpc::quote(given.substr(0, arguments_limit));
  }
  return result;
}

std::string refusal_members(std::chrono::system_clock::time_point at, const door_refusals& x) {
  std::string result;
  add(result, "time", time_text(at));
  add(result, "event", "refused");
  add(result, "reason", x.kind);
  return result + ",\"count\":" + std::to_string(x.count);
}

std::string dropped_members(std::chrono::system_clock::time_point at, uint64_t count) {
  std::string result;
  add(result, "time", time_text(at));
  add(result, "event", "dropped");
  return result + ",\"count\":" + std::to_string(count);
}

} // namespace hub
