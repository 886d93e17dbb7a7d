// The result of a tool: cut, read on in pieces, searched, priced and compared. Three bytes say how.
#include "actors/ledger/prices.hpp"
#include "actors/results/result_text.hpp"
#include "messages/money.hpp"
#include "messages/rpc/canonical_json.hpp"
#include "messages/rpc/json_scan.hpp"
#include "messages/rpc/sound_json.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace hub;
using hub::fuzz::require;

namespace {

/// What the pieces of a text say together, read one after the other.
std::string read_all(const std::string& text, size_t length) {
  std::string result;
  read_result wish{"", "token", 0, length, ""};
  while (wish.offset < text.size()) {
    auto piece = piece_of(text, wish);
    require(!rpc::check_json(piece), "a piece is JSON");
    auto meta = rpc::member(rpc::member(piece, "_meta"), "hub/result");
    auto end = rpc::to_integer(rpc::member(meta, "end"));
    require(end && static_cast<size_t>(*end) > wish.offset && static_cast<size_t>(*end) <= text.size(), "each piece goes on");
    require(rpc::to_integer(rpc::member(meta, "offset")) == static_cast<int64_t>(wish.offset), "it begins where the one before has ended");
    rpc::for_each_element(rpc::member(piece, "content"), [&result](std::string_view x) {
      result += rpc::unquote(rpc::member(x, "text")).value_or("");
      return false;
    });
    wish.offset = static_cast<size_t>(*end);
  }
  return result;
}

void cut(const json_text& result, size_t length, std::string_view search) {
  auto parts = take_apart(result, 64);
  auto head = head_of(result, parts, length, "token");
  require(!rpc::check_json(head.view(), 140), "a head is JSON");
  require(rpc::member(head.view(), "isError") == rpc::member(result.view(), "isError"), "a head says whether the tool failed");
  require(rpc::member(head.view(), "structuredContent").empty(), "a head has no structure");
  if (parts.text.size() <= 4096)
    require(read_all(parts.text, length) == parts.text, "the pieces are the whole");
  require(!rpc::check_json(matches_in(parts.text, {"", "token", length, 0, std::string{search}})), "what was found is JSON");
}

void compare(std::string_view text) {
  if (auto canonical = rpc::canonical_json(text)) {
    require(!rpc::check_json(text, rpc::max_depth), "only JSON has a canonical form");
    require(rpc::canonical_json(*canonical) == canonical, "a canonical form is its own");
  }
  if (rpc::is_surely_json(text, 100) && rpc::is_utf8(text))
    require(!rpc::check_json(text, 100), "what is surely JSON is JSON");
}

void pay(std::string_view text) {
  price x;
  x.per_kb = money::of_cents(1);
  x.field = {"usage", "cost"};
  x.field_unit = money::dollar;
  auto cost = cost_of(x, text, std::chrono::milliseconds{5}, money::of_cents(7));
  require(cost >= x.per_kb.times(text.size(), 1000), "a call costs what its bytes do at least");
  if (auto amount = money::parse(text))
    require(money::parse(to_string(*amount)) == amount, "an amount is read as it was written");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3)
    return 0;
  std::string_view text{reinterpret_cast<const char*>(data) + 3, size - 3};
  auto search = text.substr(0, std::min<size_t>(data[1] % 8, text.size()));
  compare(text);
  pay(text);
  // A server's message is JSON, or refused as a whole.
  if (!rpc::check_json(text) && text.find('{') == text.find_first_not_of(" \t\r\n"))
    cut(json_text{std::string{text}}, 1 + data[0], data[1] < 8 ? "" : search);
  return 0;
}
