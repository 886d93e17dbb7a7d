#include "actors/ledger/savings_text.hpp"

#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace hub {

namespace {

constexpr std::array<std::pair<std::string_view, uint64_t savings::*>, 7> members{{
  {"lists", &savings::lists},
  {"definition_bytes", &savings::definition_bytes},
  {"reply_bytes", &savings::reply_bytes},
  {"results", &savings::results},
  {"result_bytes", &savings::result_bytes},
  {"processes_wanted", &savings::processes_wanted},
  {"processes_started", &savings::processes_started},
}};

} // namespace

std::string to_json(const savings_account& x) {
  auto result = R"({"since":)" + std::to_string(x.since);
  for (auto& [name, member] : members)
    result.append(",\"").append(name).append("\":").append(std::to_string(x.sum.*member));
  return result + '}';
}

savings_account read_savings(std::string_view text, int64_t now) {
  savings_account result;
  result.since = rpc::to_integer(rpc::member(text, "since")).value_or(now);
  for (auto& [name, member] : members)
    result.sum.*member = static_cast<uint64_t>(std::max<int64_t>(rpc::to_integer(rpc::member(text, name)).value_or(0), 0));
  return result;
}

} // namespace hub
