#include "actors/transport/http/http_url.hpp"
#include "actors/transport/http/proxy_rules.hpp"
#include "messages/base64.hpp"

#include <doctest/doctest.h>

using namespace hub;

TEST_SUITE_BEGIN("http_url");

TEST_CASE("a URL falls into its parts") {
  auto url = parse_http_url("HTTPS://me:p%20w@Example.ORG/a/b?c=d#e");
  REQUIRE(url);
  CHECK(url->secure);
  CHECK(url->host == "example.org");
  CHECK(url->port == 443);
  CHECK(url->target == "/a/b?c=d");
  CHECK(url->user_info == "me:p w");
  CHECK(url->authority() == "example.org");
  CHECK(url->authority_with_port() == "example.org:443");
  CHECK(url->text() == "https://example.org/a/b?c=d");
  auto bare = parse_http_url("http://[::1]:8080");
  REQUIRE(bare);
  CHECK(bare->host == "::1");
  CHECK(bare->authority() == "[::1]:8080");
  CHECK(bare->target == "/");
}

TEST_CASE("what is no http URL is refused") {
  for (auto text : {"", "http:", "http://", "ftp://x/", "//x/y", "/x", "http://x:0/", "http://x:99999/", "http://a b/",
                    "http://x/\r\nHost: y"})
    CHECK_MESSAGE(!parse_http_url(text), std::string{text});
}

TEST_CASE("a host that decodes to more than a name is refused") {
  for (auto text : {"http://a%2fb.org/", "http://a%3a81/", "http://good.org%40evil.org/", "http://a%b0b/", "http://a+b/", "http://a%20b/"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_http_url(text));
    CHECK_FALSE(resolve_http_url(*parse_http_url("https://example.org/"), text));
  }
  CHECK(parse_http_url("http://my_host-1.example.org/")->host == "my_host-1.example.org");
  CHECK(parse_http_url("http://%65xample.org/")->host == "example.org");
  CHECK(parse_http_url("http://[::1]:81/")->authority() == "[::1]:81");
}

TEST_CASE("a reference is resolved at its base") {
  auto base = *parse_http_url("http://h:1/a/sse?x");
  CHECK(resolve_http_url(base, "messages?s=1")->text() == "http://h:1/a/messages?s=1");
  CHECK(resolve_http_url(base, "/m")->text() == "http://h:1/m");
  CHECK(resolve_http_url(base, "//other/m")->text() == "http://other/m");
  CHECK(resolve_http_url(base, "https://h:1/m")->text() == "https://h:1/m");
  CHECK_FALSE(same_origin(base, *resolve_http_url(base, "https://h:1/m")));
  CHECK_FALSE(resolve_http_url(base, "javascript:alert(1)"));
}

TEST_CASE("Base64 is padded") {
  CHECK(base64("") == "");
  CHECK(base64("M") == "TQ==");
  CHECK(base64("Ma") == "TWE=");
  CHECK(base64("Man") == "TWFu");
  CHECK(base64("\xff\xfe") == "//4=");
}

TEST_CASE("exceptions from the proxy are names, domains, ports, addresses and networks") {
  proxy_rules rules;
  rules.http = "proxy:3128";
  rules.except = "example.org, .inner.net,10.0.0.0/8,192.168.1.1,ported.org:81, *.star.org,fe80::/10";
  auto direct = [&](const char* text) {
    auto chosen = choose_proxy(rules, *parse_http_url(text));
    return !std::get<0>(chosen).has_value();
  };
  CHECK(direct("http://example.org/"));
  CHECK(direct("http://sub.example.org/"));
  CHECK_FALSE(direct("http://notexample.org/"));
  CHECK(direct("http://x.inner.net/"));
  CHECK(direct("http://10.1.2.3/"));
  CHECK_FALSE(direct("http://11.1.2.3/"));
  CHECK(direct("http://192.168.1.1/"));
  CHECK(direct("http://ported.org:81/"));
  CHECK_FALSE(direct("http://ported.org/"));
  CHECK(direct("http://a.star.org/"));
  CHECK(direct("http://[fe80::1]/"));
  CHECK(direct("http://localhost:3000/"));
  CHECK(direct("http://127.0.0.2/"));
  CHECK(direct("https://elsewhere.org/"));
  rules.except = "*";
  CHECK(direct("http://elsewhere.org/"));
  rules.except = "";
  rules.always = "none";
  CHECK(direct("http://elsewhere.org/"));
  rules.always = "socks5://proxy";
  CHECK(std::holds_alternative<bad_proxy>(choose_proxy(rules, *parse_http_url("http://x/"))));
}
