#include "actors/auth/client_registration.hpp"
#include "messages/rpc/json_scan.hpp"

#include <doctest/doctest.h>

using namespace hub;

namespace {

constexpr auto callback = "http://127.0.0.1:1/oauth/callback";

authorization_server server_with(std::vector<std::string> methods) {
  authorization_server result;
  result.issuer = "https://as.example";
  result.registration_endpoint = "https://as.example/register";
  result.token_auth_methods = std::move(methods);
  return result;
}

credentials registered() {
  credentials result;
  result.issuer = "https://as.example";
  result.client.id = "earlier";
  result.client.redirect_uri = callback;
  result.client.secret_expires_at = 1000;
  return result;
}

} // namespace

TEST_CASE("the configured client comes first, then the document, then the registration of earlier") {
  auto server = server_with({"client_secret_post", "none"});
  auto known = registered();
  oauth_settings settings;
  settings.client_id = "mine";
  settings.client_secret = "s";
  settings.client_metadata_url = "https://hub.example/client.json";
  auto x = client_at(server, settings, &known, callback, 0);
  REQUIRE(x);
  CHECK(x->id == "mine");
  CHECK(x->auth_method == "client_secret_post");
  settings.client_id.clear();
  CHECK(client_at(server, settings, &known, callback, 0)->id == "earlier");
  server.client_documents = true;
  x = client_at(server, settings, &known, callback, 0);
  CHECK(x->id == settings.client_metadata_url);
  CHECK(x->auth_method == "none");
}

TEST_CASE("a registration counts only at its issuer, for its address, until it expires") {
  auto known = registered();
  auto server = server_with({"none"});
  CHECK(client_at(server, {}, &known, callback, 999));
  CHECK_FALSE(client_at(server, {}, &known, callback, 1000));
  CHECK_FALSE(client_at(server, {}, &known, "http://127.0.0.1:2/oauth/callback", 0));
  server.issuer = "https://other.example";
  CHECK_FALSE(client_at(server, {}, &known, callback, 0));
}

TEST_CASE("the hub registers as a native application, without a secret where it may") {
  auto request = registration_request(server_with({"client_secret_basic", "none"}), callback, {"a", "b"});
  CHECK(request.method == "POST");
  CHECK_FALSE(rpc::check_json(request.body));
  CHECK(rpc::member(request.body, "application_type") == "\"native\"");
  CHECK(rpc::member(request.body, "token_endpoint_auth_method") == "\"none\"");
  CHECK(rpc::member(request.body, "grant_types") == R"(["authorization_code","refresh_token"])");
  CHECK(rpc::member(request.body, "scope") == "\"a b\"");
  request = registration_request(server_with({"client_secret_post"}), callback, {});
  CHECK(rpc::member(request.body, "token_endpoint_auth_method") == "\"client_secret_post\"");
}

TEST_CASE("the answer to a registration decides how the client proves itself") {
  auto server = server_with({"client_secret_basic"});
  auto x = read_registration(R"({"client_id":"i","client_secret":"s","token_endpoint_auth_method":"client_secret_post"})",
                             server, callback);
  REQUIRE(x);
  CHECK(x->auth_method == "client_secret_post");
  CHECK(read_registration(R"({"client_id":"i","client_secret":"s"})", server, callback)->auth_method
        == "client_secret_basic");
  CHECK(read_registration(R"({"client_id":"i"})", server, callback)->auth_method == "none");
  CHECK_FALSE(read_registration(R"({"client_secret":"s"})", server, callback));
  CHECK_FALSE(read_registration("nothing", server, callback));
}
