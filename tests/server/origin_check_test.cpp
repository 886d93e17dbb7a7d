#include "server/origin_check.hpp"

#include <doctest/doctest.h>

using namespace hub;

namespace {

const origin_rules loopback{"127.0.0.1", {"https://App.example"}};

} // namespace

TEST_CASE("loopback names are good hosts with any port") {
  for (auto host : {"localhost", "localhost:52414", "LOCALHOST:1", "localhost:", "127.0.0.1",
                    "127.0.0.1:80", "[::1]", "[::1]:9"})
    CHECK(check_origin(loopback, host, "") == origin_verdict::allowed);
}

TEST_CASE("foreign, empty and broken hosts are bad") {
  for (auto host : {"", "evil.example", "evil.example:52414", "localhost.evil.example",
                    "127.0.0.1.evil.example", "localhost:abc", "localhost:1234567",
                    "[::1", "::1", "10.0.0.1", "user@localhost"}) {
    CAPTURE(host);
    CHECK(check_origin(loopback, host, "") == origin_verdict::bad_host);
  }
}

TEST_CASE("the host that the door is bound to is good") {
  CHECK(check_origin({"hub.lan", {}}, "HUB.lan:52414", "") == origin_verdict::allowed);
  CHECK(check_origin({"192.168.1.5", {}}, "192.168.1.5", "") == origin_verdict::allowed);
  CHECK(check_origin({"fe80::1", {}}, "[fe80::1]:1", "") == origin_verdict::allowed);
  CHECK(check_origin({"192.168.1.5", {}}, "192.168.1.6", "") == origin_verdict::bad_host);
}

TEST_CASE("a door that is bound to all addresses takes any address but no name") {
  origin_rules rules{"0.0.0.0", {}};
  CHECK(check_origin(rules, "192.168.1.5:52414", "") == origin_verdict::allowed);
  CHECK(check_origin(rules, "[fe80::1]", "") == origin_verdict::allowed);
  CHECK(check_origin(rules, "evil.example", "") == origin_verdict::bad_host);
}

TEST_CASE("origins must be loopback or allowed") {
  for (auto origin : {"", "http://localhost", "http://localhost:3000", "https://127.0.0.1",
                      "http://[::1]:5", "https://app.example"})
    CHECK(check_origin(loopback, "localhost", origin) == origin_verdict::allowed);
  for (auto origin : {"null", "http://evil.example", "https://localhost.evil.example",
                      "file://localhost", "http://localhost@evil.example", "localhost",
                      "http://app.example", "https://app.example:444"})
    CHECK(check_origin(loopback, "localhost", origin) == origin_verdict::bad_origin);
}
