#include "messages/access.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

using namespace hub;

TEST_SUITE_BEGIN("tokens");

namespace {

access_token token(std::string id, std::string_view text, int64_t expires_at = 0) {
  return {std::make_shared<const principal>(principal{id, "name-" + id, "user", expires_at}), sha256_of(text)};
}

} // namespace

TEST_CASE("SHA-256 is that of the standard") {
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  sha256_digest read;
  CHECK(from_hex(sha256_hex("abc"), read));
  CHECK(same_digest(read, sha256_of("abc")));
  CHECK_FALSE(same_digest(read, sha256_of("abd")));
  CHECK_FALSE(from_hex("ba78", read));
  CHECK_FALSE(from_hex(std::string(64, 'G'), read));
}

TEST_CASE("a token is known until it expires") {
  access_table table{{token("a", "first"), token("b", "second", 100)}};
  CHECK(table.find("first", 1)->id == "a");
  CHECK(table.find("second", 99)->id == "b");
  CHECK(table.find("second", 100) == nullptr);
  CHECK(table.find("third", 1) == nullptr);
  CHECK(table.find("", 1) == nullptr);
  CHECK(table.holds("b", 99));
  CHECK_FALSE(table.holds("b", 100));
  CHECK_FALSE(table.holds("c", 1));
  CHECK(table.next_expiry(1) == 100);
  CHECK(table.next_expiry(100) == 0);
}

TEST_CASE("how long a token is looked for tells neither which it is nor whether it is one") {
  std::vector<access_token> tokens;
  for (int i = 0; i < 256; ++i)
    tokens.push_back(token(std::to_string(i), "token-" + std::to_string(i)));
  access_table table{std::move(tokens)};
  const std::array<std::string, 4> asked{"token-0", "token-255", "token-x", "nothing like them at all"};
  std::array<std::chrono::nanoseconds, 4> best;
  best.fill(std::chrono::hours{1});
  // In turn, and the shortest of many: whatever else the machine does makes it longer.
  for (int turn = 0; turn < 2000; ++turn)
    for (size_t i = 0; i < asked.size(); ++i) {
      auto start = std::chrono::steady_clock::now();
      auto found = table.find(asked[i], 1);
      best[i] = std::min<std::chrono::nanoseconds>(best[i], std::chrono::steady_clock::now() - start);
      REQUIRE((found != nullptr) == (i < 2));
    }
  // One that stopped at the first token, or at the first byte that differs, would be several times as fast.
  auto [least, most] = std::ranges::minmax(best);
  CHECK(most.count() < least.count() * 2);
}

TEST_CASE("a bearer token is read from its header, whatever the case of the scheme") {
  CHECK(bearer_of("Bearer abc") == "abc");
  CHECK(bearer_of("bEARER  abc ") == "abc");
  CHECK(bearer_of("Bearer") == "");
  CHECK(bearer_of("Bearer ") == "");
  CHECK(bearer_of("Bearerabc") == "");
  CHECK(bearer_of("Basic abc") == "");
  CHECK(bearer_of("") == "");
}
