#include "actors/audit/audit_text.hpp"

#include "actors/policy/permission_memo.hpp"
#include "messages/access.hpp"
#include "messages/policy.hpp"
#include "messages/rpc/json_scan.hpp"
#include "messages/sha256.hpp"

#include <algorithm>
#include <cstdint>

namespace hub {

namespace {

/// The most bytes of arguments that are written.
constexpr size_t arguments_limit = 64 * 1024;

/// The longest text from outside that is written.
constexpr size_t text_limit = 512;

/// Appends a number with leading zeros.
void append_digits(std::string& to, unsigned x, int width) {
  char digits[10];
  for (auto i = width; i-- > 0; x /= 10)
    digits[i] = static_cast<char>('0' + x % 10);
  to.append(digits, static_cast<size_t>(width));
}

/// RFC 3339, in UTC, with milliseconds.
std::string time_text(std::chrono::system_clock::time_point at) {
  using namespace std::chrono;
  auto ms = floor<milliseconds>(at);
  auto midnight = floor<days>(ms);
  year_month_day date{midnight};
  hh_mm_ss time{ms - midnight};
  std::string result;
  result.reserve(24);
  append_digits(result, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  append_digits(result += '-', static_cast<unsigned>(date.month()), 2);
  append_digits(result += '-', static_cast<unsigned>(date.day()), 2);
  append_digits(result += 'T', static_cast<unsigned>(time.hours().count()), 2);
  append_digits(result += ':', static_cast<unsigned>(time.minutes().count()), 2);
  append_digits(result += ':', static_cast<unsigned>(time.seconds().count()), 2);
  append_digits(result += '.', static_cast<unsigned>(time.subseconds().count()), 3);
  result += 'Z';
  return result;
}

/// Adds a member that is a text; an empty one is left out.
void add(std::string& to, std::string_view key, std::string_view text) {
  if (text.empty())
    return;
  to.append(to.empty() ? "\"" : ",\"").append(key).append("\":");
  rpc::append_quoted(to, text.substr(0, text_limit));
}

/// Adds a duration in milliseconds, to the microsecond.
void add_ms(std::string& to, int64_t microseconds) {
  to.append(",\"ms\":").append(std::to_string(microseconds / 1000)).append(1, '.');
  append_digits(to, static_cast<unsigned>(microseconds % 1000), 3);
}

} // namespace

std::string audit_members(const call_record& x, bool arguments) {
  std::string result;
  // Most lines with room to spare.
  result.reserve(640);
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
  add_ms(result, std::max<int64_t>(x.microseconds, 0));
  if (x.rule) {
    add(result, "rule", x.rule->name);
    add(result, "decision", to_string(x.rule->act));
  }
  auto given = rpc::member(params, "arguments");
  if (!given.empty()) {
    add(result, "arguments_sha256", sha256_hex(given));
    if (arguments)
      // As a text, since a client may have written line feeds between its members.
      rpc::append_quoted(result += ",\"arguments\":", given.substr(0, arguments_limit));
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
