#include "actors/auth/server_grant.hpp"

#include <doctest/doctest.h>

using namespace hub;
using verdict = server_grant::verdict;

namespace {

credentials token(std::string access, std::string refresh = {}, int64_t expires_at = 0) {
  credentials result;
  result.access_token = std::move(access);
  result.refresh_token = std::move(refresh);
  result.expires_at = expires_at;
  return result;
}

need_authorization refused(std::string used, int status = 401, std::string challenge = "Bearer") {
  return {"s", status, std::move(used), std::move(challenge)};
}

} // namespace

TEST_CASE("without a token a request goes as it is, and a refusal wants a login") {
  server_grant x;
  CHECK(x.need({"s", 0, "", ""}, false, 0) == verdict::give);
  CHECK(x.header().empty());
  CHECK(x.need(refused("", 401, "Bearer scope=\"a\""), false, 0) == verdict::login);
  REQUIRE(x.challenge());
  CHECK(x.challenge()->scope == "a");
}

TEST_CASE("a token is replaced a minute before it ends, or a tenth of a short life before") {
  server_grant x;
  x.got(token("t", "r", 3600));
  CHECK(x.need({"s", 0, "", ""}, false, 3539) == verdict::give);
  CHECK(x.need({"s", 0, "", ""}, false, 3540) == verdict::refresh);
  x.got(token("t", "r", 20));
  CHECK(x.need({"s", 0, "", ""}, false, 17) == verdict::give);
  CHECK(x.need({"s", 0, "", ""}, false, 18) == verdict::refresh);
}

TEST_CASE("a refused token is refreshed once; the next refusal wants a login") {
  server_grant x;
  x.got(token("a", "r"));
  CHECK(x.need(refused("Bearer a"), false, 0) == verdict::refresh);
  x.got(token("b", "r"));
  CHECK(x.need(refused("Bearer b"), false, 0) == verdict::login);
}

TEST_CASE("who was refused with an old token gets the new one") {
  server_grant x;
  x.got(token("b", "r"));
  CHECK(x.need(refused("Bearer a"), false, 0) == verdict::give);
  CHECK(x.header() == "Bearer b");
}

TEST_CASE("without a user the hub gets a token when one is wanted, and not twice for one refusal") {
  server_grant x;
  CHECK(x.need({"s", 0, "", ""}, true, 0) == verdict::give);
  CHECK(x.need(refused(""), true, 0) == verdict::obtain);
  x.got(token("a", "", 100));
  CHECK(x.need({"s", 0, "", ""}, true, 99) == verdict::obtain);
  x.got(token("b", "", 200));
  CHECK(x.need(refused("Bearer b"), true, 150) == verdict::obtain);
  x.got(token("c", "", 300));
  CHECK(x.need(refused("Bearer c"), true, 150) == verdict::login);
}

TEST_CASE("too little scope is a step up, without a user a bounded number of times") {
  constexpr auto more = R"(Bearer error="insufficient_scope", scope="w")";
  server_grant x;
  x.got(token("a"));
  CHECK(x.need(refused("Bearer a", 403, more), false, 0) == verdict::step_up);
  CHECK(x.challenge()->scope == "w");
  CHECK(x.need(refused("Bearer a", 403, ""), false, 0) == verdict::refuse);
  for (int i = 0; i < server_grant::step_ups_max; ++i)
    CHECK(x.need(refused("Bearer a", 403, more), true, 0) == verdict::obtain);
  CHECK(x.need(refused("Bearer a", 403, more), true, 0) == verdict::refuse);
}

TEST_CASE("a lost grant leaves the registration; what is forgotten leaves nothing") {
  server_grant x;
  auto known = token("a", "r");
  known.client.id = "i";
  x.got(known);
  x.lost();
  CHECK(x.header().empty());
  CHECK_FALSE(x.can_refresh());
  CHECK(x.known().client.id == "i");
  x.forget();
  CHECK(x.known().client.id.empty());
}
