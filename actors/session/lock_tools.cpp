#include "actors/session/lock_tools.hpp"

#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace hub {

namespace {

using std::chrono::milliseconds;

constexpr size_t longest_name = 128;

/// An hour: who needs a lock for longer renews it.
constexpr int64_t longest_lease = 3'600'000;
constexpr int64_t shortest_lease = 100;
constexpr int64_t usual_lease = 30'000;

/// Clients mostly give up a call after a minute or some.
constexpr int64_t longest_wait = 300'000;
constexpr int64_t usual_wait = 10'000;

/// JSON's numbers are exact up to here.
constexpr int64_t greatest_token = int64_t{1} << 53;

/// Reads a member that is a whole number in a range; `otherwise` if it is missing, nothing
/// if it is wrong.
std::optional<int64_t> number_in(std::string_view arguments, std::string_view key, int64_t min, int64_t max,
                                 int64_t otherwise) {
  auto text = rpc::member(arguments, key);
  if (text.empty() || text == "null")
    return otherwise;
  auto value = rpc::to_integer(text);
  return value && *value >= min && *value <= max ? value : std::nullopt;
}

std::optional<std::string> name_in(std::string_view arguments) {
  auto name = rpc::unquote(rpc::member(arguments, "name"));
  if (!name || name->empty() || name->size() > longest_name
      || std::ranges::any_of(*name, [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
    return std::nullopt;
  return name;
}

constexpr std::string_view bad_name = "\"name\" is missing or no name of a lock. Give 1 to 128 bytes without control "
                                      "characters, such as \"deploy\".";
constexpr std::string_view bad_token = "\"token\" is no fencing token. Give the number that hub__lock returned.";

std::string text_result(const std::string& json) {
  return R"({"content":[{"type":"text","text":)" + rpc::quote(json) + "}]}";
}

std::string head(const std::string& name, bool in_mesh = false) {
  return R"({"lock":)" + rpc::quote(name) + (in_mesh ? R"(,"scope":"mesh","mesh":"advisory",)" : R"(,"scope":"hub",)");
}

} // namespace

std::string lock_tool_entries() {
  return R"(,{"name":"hub__lock","title":"Take a lock","description":"Takes a named lock that all clients of this hub share, )"
         R"(before work that only one may do at a time, or renews one that is held. Waits its turn. The lock ends with )"
         R"(hub__unlock, its lease, or the session. Returns a fencing token that grows with each holder.",)"
         R"("inputSchema":{"type":"object","properties":{)"
         R"("name":{"type":"string","minLength":1,"maxLength":128,"description":"The name of the lock"},)"
         R"("lease_ms":{"type":"integer","minimum":100,"maximum":3600000,"description":"How long it is held if not renewed, 30000 if absent"},)"
         R"("wait_ms":{"type":"integer","minimum":0,"maximum":300000,"description":"How long to wait for it, 10000 if absent"},)"
         R"("token":{"type":"integer","description":"To renew: the token that was given"}},"required":["name"]},)"
         R"("annotations":{"destructiveHint":false,"openWorldHint":false}},)"
         R"({"name":"hub__unlock","title":"Give a lock back","description":"Gives back a lock that hub__lock took.",)"
         R"("inputSchema":{"type":"object","properties":{"name":{"type":"string","description":"The name of the lock"},)"
         R"("token":{"type":"integer","description":"The token that was given; needed by clients without a session"}},)"
         R"("required":["name"]},"annotations":{"destructiveHint":false,"openWorldHint":false}})";
}

route read_lock(std::string_view arguments) {
  auto name = name_in(arguments);
  if (!name)
    return tool_error(bad_name);
  auto lease = number_in(arguments, "lease_ms", shortest_lease, longest_lease, usual_lease);
  if (!lease)
    return tool_error("\"lease_ms\" is no whole number from 100 to 3600000.");
  auto wait = number_in(arguments, "wait_ms", 0, longest_wait, usual_wait);
  if (!wait)
    return tool_error("\"wait_ms\" is no whole number from 0 to 300000.");
  auto token = number_in(arguments, "token", 1, greatest_token, 0);
  if (!token)
    return tool_error(bad_token);
  take_lock result;
  result.name = std::move(*name);
  result.lease = milliseconds{*lease};
  result.wait = milliseconds{*wait};
  result.token = static_cast<uint64_t>(*token);
  return lock_wish{std::move(result)};
}

route read_unlock(std::string_view arguments) {
  auto name = name_in(arguments);
  if (!name)
    return tool_error(bad_name);
  auto token = number_in(arguments, "token", 1, greatest_token, 0);
  if (!token)
    return tool_error(bad_token);
  return lock_wish{release_lock{std::move(*name), {}, static_cast<uint64_t>(*token)}};
}

rpc_answer lock_result(const std::string& name, const lock_taken& x) {
  switch (x.outcome) {
    case lock_outcome::granted:
      return result_of(text_result(head(name, x.in_mesh) + R"("granted":true,"token":)" + std::to_string(x.token)
                                   + R"(,"lease_ms":)" + std::to_string(x.lease.count()) + '}'));
    case lock_outcome::busy:
      return result_of(text_result(head(name, x.in_mesh) + R"("granted":false,"reason":"busy","holder":)" + rpc::quote(x.holder)
                                   + R"(,"holder_lease_ms":)" + std::to_string(x.holder_lease.count()) + '}'));
    case lock_outcome::not_held:
      return result_of(text_result(head(name) + R"("granted":false,"reason":"lost"})"));
    case lock_outcome::overloaded:
      return tool_error("The lock is not given: " + x.message + ". Give locks back that are not needed, or try later.");
    case lock_outcome::cancelled:
      break;
  }
  rpc_answer result;
  result.kind = answer_kind::cancelled;
  return result;
}

rpc_answer unlock_result(const std::string& name, const lock_released& x) {
  if (x.outcome == lock_outcome::granted)
    return result_of(text_result(head(name) + R"("released":true})"));
  return result_of(text_result(head(name) + R"("released":false,"reason":"not held by you"})"));
}

} // namespace hub
