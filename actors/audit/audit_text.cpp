#include "actors/audit/audit_text.hpp"

#include "actors/policy/permission_memo.hpp"
#include "messages/access.hpp"
#include "messages/policy.hpp"
#include "messages/rpc/json_scan.hpp"
#include "messages/sha256.hpp"
#include "messages/time_text.hpp"

#include <charconv>

namespace hub {

namespace {

/// The most bytes of arguments that are written.
constexpr size_t arguments_limit = 64 * 1024;

/// The longest text from outside that is written.
constexpr size_t text_limit = 512;

/// What most lines need.
constexpr size_t usual_size = 512;

void add_key(std::string& to, std::string_view key) {
  to.append(to.empty() ? "\"" : ",\"").append(key).append("\":");
}

/// Adds a member that is a text of our own, which needs no quoting.
void add_word(std::string& to, std::string_view key, std::string_view word) {
  add_key(to, key);
  to.append("\"").append(word).append("\"");
}

/// Adds a member that is a text; an empty one is left out.
void add(std::string& to, std::string_view key, std::string_view text) {
  if (text.empty())
    return;
  add_key(to, key);
  rpc::append_quoted(to, text.substr(0, text_limit));
}

void add_time(std::string& to, std::chrono::system_clock::time_point at) {
  add_key(to, "time");
  to += '"';
  append_time(to, at);
  to += '"';
}

void append_number(std::string& to, uint64_t x, size_t digits = 1) {
  char text[20];
  auto size = static_cast<size_t>(std::to_chars(text, text + sizeof text, x).ptr - text);
  if (size < digits)
    to.append(digits - size, '0');
  to.append(text, size);
}

/// Milliseconds with three digits behind the point.
void add_ms(std::string& to, int64_t microseconds) {
  auto us = static_cast<uint64_t>(microseconds < 0 ? 0 : microseconds);
  add_key(to, "ms");
  append_number(to, us / 1000);
  to += '.';
  append_number(to, us % 1000, 3);
}

void add_client(std::string& to, const client_context& x) {
  if (x.who) {
    add(to, "principal", x.who->name);
    add(to, "role", x.who->role);
  }
  add(to, "client", x.name);
  add(to, "version", x.version);
  add(to, "project", x.project);
}

} // namespace

std::string audit_members(const call_record& x, bool arguments) {
  std::string result;
  result.reserve(usual_size);
  add_time(result, x.at);
  add_word(result, "event", "call");
  if (x.origin) {
    add(result, "session", x.origin->session);
    if (x.origin->door.empty())
      add_word(result, "door", "/mcp");
    else
      add(result, "door", "/mcp/" + x.origin->door);
  }
  if (x.client)
    add_client(result, *x.client);
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
  add_word(result, "outcome", to_string(x.outcome));
  add_ms(result, x.microseconds);
  if (!x.cost.is_none()) {
    add_key(result, "cost_cents");
    result += to_string(x.cost);
  }
  if (x.rule) {
    add(result, "rule", x.rule->name);
    add_word(result, "decision", to_string(x.rule->act));
  }
  auto given = rpc::member(params, "arguments");
  if (!given.empty()) {
    add_word(result, "arguments_sha256", sha256_hex(given));
    if (arguments) {
      // As a text, since a client may have written line feeds between its members.
      add_key(result, "arguments");
      rpc::append_quoted(result, given.substr(0, arguments_limit));
    }
  }
  if (x.trace)
    add_word(result, "trace", to_string(x.trace->trace));
  return result;
}

std::string refusal_members(std::chrono::system_clock::time_point at, const door_refusals& x) {
  std::string result;
  add_time(result, at);
  add_word(result, "event", "refused");
  add(result, "reason", x.kind);
  return result + ",\"count\":" + std::to_string(x.count);
}

std::string dropped_members(std::chrono::system_clock::time_point at, uint64_t count) {
  std::string result;
  add_time(result, at);
  add_word(result, "event", "dropped");
  return result + ",\"count\":" + std::to_string(count);
}

} // namespace hub
