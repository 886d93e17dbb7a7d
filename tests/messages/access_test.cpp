#include "messages/access.hpp"

#include <doctest/doctest.h>

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

TEST_CASE("a bearer token is read from its header, whatever the case of the scheme") {
  CHECK(bearer_of("Bearer abc") == "abc");
  CHECK(bearer_of("bEARER  abc ") == "abc");
  CHECK(bearer_of("Bearer") == "");
  CHECK(bearer_of("Bearer ") == "");
  CHECK(bearer_of("Bearerabc") == "");
  CHECK(bearer_of("Basic abc") == "");
  CHECK(bearer_of("") == "");
}
