#include "actors/auth/form_text.hpp"
#include "actors/auth/web_address.hpp"

#include <doctest/doctest.h>

using namespace hub;

TEST_CASE("an address is cut into parts, in lower case and without what says nothing") {
  auto x = read_address("HTTPS://Example.ORG:443/a/B?c=D#e");
  REQUIRE(x);
  CHECK(x->origin() == "https://example.org");
  CHECK(x->path == "/a/B");
  CHECK(x->text() == "https://example.org/a/B?c=D");
  CHECK(read_address("http://[::1]:8080")->origin() == "http://[::1]:8080");
}

TEST_CASE("what could mislead is no address") {
  for (auto* text : {"", "example.org", "ftp://a/", "javascript://a/%0aalert(1)", "https://user@a/", "https:///x",
                     "https://a b/", "https://a\\@b/", "https://a:b/", "https://a:123456/", "https://[1/", "https://[x]/",
                     "https://a:b:80/", "https://a]/", "https://a[::1]/", "https://::1/"})
    CHECK_MESSAGE(!read_address(text), text);
}

TEST_CASE("a server elsewhere cannot send the hub to this machine or into a private network") {
  auto far = *read_address("https://mcp.example.org/mcp");
  CHECK_FALSE(why_forbidden(far, "https://login.example.net/x"));
  for (auto* text : {"http://login.example.net/", "http://127.0.0.1:80/", "https://localhost/", "https://[::1]/",
                     "https://10.0.0.1/", "https://192.168.1.1/", "https://169.254.169.254/latest", "https://172.20.0.1/",
                     "https://[fe80::1]/", "https://[fd00::1]/", "https://[::ffff:10.0.0.1]/", "https://[::ffff:127.0.0.1]/",
                     "https://0x7f000001/", "https://2130706433/", "https://127.1/", "https://0.0.0.0/", "file:///etc/passwd"})
    CHECK_MESSAGE(why_forbidden(far, text), text);
}

TEST_CASE("a server on this machine may name addresses on this machine without https") {
  auto here = *read_address("http://127.0.0.1:9000/mcp");
  CHECK_FALSE(why_forbidden(here, "http://localhost:9001/"));
  CHECK_FALSE(why_forbidden(here, "https://login.example.net/"));
  CHECK(why_forbidden(here, "http://login.example.net/"));
}

TEST_CASE("a server that lies inside is known by its name or address") {
  for (auto* host : {"localhost", "127.0.0.1", "10.1.2.3", "[fd00::1]", "wiki", "wiki.local", "mcp.corp.internal"})
    CHECK_MESSAGE(is_inside(host), host);
  for (auto* host : {"mcp.example.org", "8.8.8.8", "[2001:db8::1]", "local.example"})
    CHECK_MESSAGE(!is_inside(host), host);
}

TEST_CASE("a form is read as it was written, and no field counts twice") {
  std::string form;
  append_field(form, "a b", "1&2=3 ü");
  append_field(form, "c", "");
  auto fields = read_form(form);
  REQUIRE(fields);
  CHECK(field_of(*fields, "a b") == "1&2=3 ü");
  CHECK(field_of(*read_form("x=a+b%2B"), "x") == "a b+");
  CHECK_FALSE(read_form("state=1&state=2"));
  CHECK_FALSE(read_form("x=%4"));
  CHECK_FALSE(read_form("x=%zz"));
}
