#include "actors/audit/audit_text.hpp"

#include "actors/policy/tool_params.hpp"
#include "messages/access.hpp"
#include "messages/hex.hpp"
#include "messages/policy.hpp"
#include "messages/rpc/json_scan.hpp"
#include "messages/sha256.hpp"
#include "messages/time_text.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <tuple>

namespace hub {

namespace {

/// The most bytes of arguments that are written.
constexpr size_t arguments_limit = 64 * 1024;

/// The longest text from outside that is written.
constexpr size_t text_limit = 512;

void add_key(std::string& to, std::string_view key) {
  auto is_first = to.empty() || to.back() == '\n';
  to.append(is_first ? "\"" : ",\"").append(key).append("\":");
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

/// How a call ended, and after how many milliseconds, with three digits behind the point.
void add_end(std::string& to, call_outcome outcome, int64_t microseconds) {
  auto us = static_cast<uint64_t>(microseconds < 0 ? 0 : microseconds);
  to.append(",\"outcome\":\"").append(to_string(outcome)).append("\",\"ms\":");
  append_number(to, us / 1000);
  to += '.';
  append_number(to, us % 1000, 3);
}

/// What arguments are known by if they are not written.
void add_digest(std::string& to, std::string_view arguments) {
  constexpr std::string_view before = ",\"arguments_sha256\":\"";
  constexpr size_t size = before.size() + 2 * std::tuple_size_v<sha256_digest> + 1;
  char text[size];
  auto* digits = std::ranges::copy(before, text).out;
  write_hex(sha256_of(arguments), digits);
  text[size - 1] = '"';
  to.append(text, size);
}

void add_client(std::string& to, const call_origin* origin, const client_context* client) {
  if (origin) {
    add(to, "session", origin->session);
    if (origin->door.empty())
      add_word(to, "door", "/mcp");
    else
      add(to, "door", "/mcp/" + origin->door);
  }
  if (!client)
    return;
  if (client->who) {
    add(to, "principal", client->who->name);
    add(to, "role", client->who->role);
  }
  add(to, "client", client->name);
  add(to, "version", client->version);
  add(to, "project", client->project);
}

} // namespace

void audit_text::add_time(std::string& to, std::chrono::system_clock::time_point at) {
  using namespace std::chrono;
  auto second = floor<seconds>(at);
  if (second != second_ || second_text_.empty()) {
    second_ = second;
    second_text_.clear();
    hub::add_time(second_text_, second);
    second_text_.resize(second_text_.size() - std::string_view{"000Z\""}.size());
  }
  auto ms = static_cast<unsigned>(floor<milliseconds>(at - second).count());
  char rest[] = {static_cast<char>('0' + ms / 100), static_cast<char>('0' + ms / 10 % 10),
                 static_cast<char>('0' + ms % 10), 'Z', '"'};
  to.append(second_text_).append(rest, sizeof rest);
}

const std::string& audit_text::client_of(const call_record& x) {
  auto number = reinterpret_cast<uintptr_t>(x.origin.get()) * 31 + reinterpret_cast<uintptr_t>(x.client.get());
  auto& place = clients_[(number * 0x9E3779B97F4A7C15u >> 32) % clients_kept];
  if (place.origin == x.origin && place.client == x.client)
    return place.text;
  place = {x.origin, x.client, {}};
  add_client(place.text, x.origin.get(), x.client.get());
  return place.text;
}

const std::string& audit_text::subject_of(const call_record& x, std::string_view name) {
  name = name.substr(0, text_limit);
  auto& place = subjects_[std::hash<std::string_view>{}(name) % subjects_kept];
  if (!place.text.empty() && place.server == x.server && place.method == x.method && place.name == name)
    return place.text;
  place = {x.server, x.method, std::string{name}, {}};
  hub::add(place.text, "server", x.server);
  hub::add(place.text, "method", x.method);
  hub::add(place.text, x.method == "tools/call" ? "tool" : x.method == "prompts/get" ? "prompt" : "uri", name);
  return place.text;
}

void audit_text::add(std::string& to, const call_record& x, bool arguments) {
  add_time(to, x.at);
  to += ",\"event\":\"call\"";
  if (auto& client = client_of(x); !client.empty())
    to.append(1, ',').append(client);
  auto params = x.params.view();
  std::string_view name;
  std::string_view given;
  if (x.method == "tools/call") {
    auto read = read_tool_params(params, name_);
    // One that a server might read in another way than we do is not passed off as clear.
    name = read.tool.value_or("(unclear)");
    given = read.arguments;
  } else {
    auto is_prompt = x.method == "prompts/get";
    if (is_prompt || x.method.starts_with("resources/"))
      name = name_ = rpc::unquote(rpc::member(params, is_prompt ? "name" : "uri")).value_or("");
    given = rpc::member(params, "arguments");
  }
  if (auto& subject = subject_of(x, name); !subject.empty())
    to.append(1, ',').append(subject);
  add_end(to, x.outcome, x.microseconds);
  if (!x.cost.is_none()) {
    add_key(to, "cost_cents");
    to += to_string(x.cost);
  }
  if (x.rule) {
    hub::add(to, "rule", x.rule->name);
    add_word(to, "decision", to_string(x.rule->act));
  }
  if (!given.empty()) {
    add_digest(to, given);
    if (arguments) {
      // As a text, since a client may have written line feeds between its members.
      add_key(to, "arguments");
      rpc::append_quoted(to, given.substr(0, arguments_limit));
    }
  }
  if (x.trace)
    add_word(to, "trace", to_string(x.trace->trace));
  to += '\n';
}

void add_refusal(std::string& to, std::chrono::system_clock::time_point at, const door_refusals& x) {
  add_time(to, at);
  add_word(to, "event", "refused");
  add(to, "reason", x.kind);
  add_key(to, "count");
  append_number(to, x.count);
  to += '\n';
}

void add_dropped(std::string& to, std::chrono::system_clock::time_point at, uint64_t count) {
  add_time(to, at);
  add_word(to, "event", "dropped");
  add_key(to, "count");
  append_number(to, count);
  to += '\n';
}

} // namespace hub
