#include "actors/auth/authorization_flow.hpp"
#include "actors/auth/form_text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>

using namespace hub;

namespace {

constexpr auto server_url = "https://mcp.example/mcp";
constexpr auto resource_place = "https://mcp.example/.well-known/oauth-protected-resource/mcp";
constexpr auto issuer_place = "https://as.example/.well-known/oauth-authorization-server";
constexpr auto callback = "http://127.0.0.1:1/oauth/callback";

/// A world of documents by address; what is not there is 404.
struct world {
  std::map<std::string, web_answer> pages;
  std::vector<web_request> asked;

  void put(const std::string& url, std::string body, int status = 200) {
    pages[url] = {status, "", std::move(body), ""};
  }

  /// Answers requests until there is something else to do.
  flow_step run(authorization_flow& flow, flow_step step) {
    while (auto* request = std::get_if<web_request>(&step)) {
      REQUIRE(asked.size() < 20);
      asked.push_back(*request);
      auto i = pages.find(request->url);
      step = flow.answered(i == pages.end() ? web_answer{404, "", "", ""} : i->second, 1000);
    }
    return step;
  }

  bool was_asked(const std::string& url) const {
    return std::any_of(asked.begin(), asked.end(), [&](auto& x) { return x.url == url; });
  }
};

/// A server as the specification describes it, and its authorization server.
world good_world() {
  world x;
  x.put(resource_place, R"({"resource":"https://mcp.example/mcp","authorization_servers":["https://as.example"],
    "scopes_supported":["basic"]})");
  x.put(issuer_place, R"({"issuer":"https://as.example","authorization_endpoint":"https://as.example/authorize?x=1",
    "token_endpoint":"https://as.example/token","registration_endpoint":"https://as.example/register",
    "code_challenge_methods_supported":["S256"],"token_endpoint_auth_methods_supported":["none"]})");
  x.put("https://as.example/register", R"({"client_id":"registered"})", 201);
  x.put("https://as.example/token", R"({"access_token":"t","token_type":"Bearer","expires_in":60,"refresh_token":"r"})");
  return x;
}

flow_start start_at(std::string challenge = "Bearer") {
  flow_start x;
  x.server = "s";
  x.settings.url = server_url;
  x.redirect_uri = callback;
  x.challenge = read_challenge(challenge);
  return x;
}

form_fields query_of(const flow_step& step) {
  auto* errand = std::get_if<user_errand>(&step);
  REQUIRE_MESSAGE(errand, std::get<flow_failure>(step).cause);
  auto fields = read_form(read_address(errand->address)->query);
  REQUIRE(fields);
  return *fields;
}

std::string cause_of(const flow_step& step) {
  REQUIRE(std::holds_alternative<flow_failure>(step));
  CHECK_FALSE(std::get<flow_failure>(step).fix.empty());
  return std::get<flow_failure>(step).cause;
}

bool mentions(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a login goes from the challenge to a token") {
  auto x = good_world();
  authorization_flow flow{start_at()};
  auto errand = x.run(flow, flow.begin());
  auto query = query_of(errand);
  CHECK(std::get<user_errand>(errand).address.starts_with("https://as.example/authorize?x=1&response_type=code&"));
  CHECK(field_of(query, "client_id") == "registered");
  CHECK(field_of(query, "redirect_uri") == callback);
  CHECK(field_of(query, "resource") == server_url);
  CHECK(field_of(query, "scope") == "basic");
  CHECK(field_of(query, "code_challenge_method") == "S256");
  CHECK(field_of(query, "state") == flow.state());
  auto done = x.run(flow, flow.returned({{"state", flow.state()}, {"code", "c"}}, 1000));
  REQUIRE(std::holds_alternative<grant_given>(done));
  auto& grant = std::get<grant_given>(done).grant;
  CHECK(grant.access_token == "t");
  CHECK(grant.expires_at == 1060);
  CHECK(grant.issuer == "https://as.example");
  CHECK(grant.client.redirect_uri == callback);
  auto form = *read_form(x.asked.back().body);
  CHECK(field_of(form, "grant_type") == "authorization_code");
  CHECK(field_of(form, "code") == "c");
  CHECK(field_of(form, "resource") == server_url);
  CHECK(field_of(form, "redirect_uri") == callback);
  CHECK(field_of(form, "code_verifier").size() == 43);
}

TEST_CASE("without a challenge the server is asked for one") {
  auto x = good_world();
  x.pages[server_url] = {401, R"(Bearer resource_metadata="https://mcp.example/told", scope="a b")", "", ""};
  x.pages["https://mcp.example/told"] = x.pages[resource_place];
  auto start = start_at();
  start.challenge.reset();
  authorization_flow flow{start};
  auto query = query_of(x.run(flow, flow.begin()));
  CHECK(field_of(query, "scope") == "a b");
  CHECK(x.was_asked("https://mcp.example/told"));
  CHECK_FALSE(x.was_asked(resource_place));
}

TEST_CASE("metadata for another resource ends the login before anybody is asked for a token") {
  auto x = good_world();
  x.put(resource_place, R"({"resource":"https://evil.example/mcp","authorization_servers":["https://as.example"]})");
  authorization_flow flow{start_at()};
  CHECK(mentions(cause_of(x.run(flow, flow.begin())), "another resource"));
  CHECK_FALSE(x.was_asked(issuer_place));
}

TEST_CASE("metadata of another issuer is not used") {
  auto x = good_world();
  x.put(issuer_place, R"({"issuer":"https://evil.example","authorization_endpoint":"https://evil.example/a",
    "token_endpoint":"https://evil.example/t","code_challenge_methods_supported":["S256"]})");
  authorization_flow flow{start_at()};
  CHECK(mentions(cause_of(x.run(flow, flow.begin())), "another issuer"));
}

TEST_CASE("no code challenge, no login") {
  auto x = good_world();
  x.put(issuer_place, R"({"issuer":"https://as.example","authorization_endpoint":"https://as.example/a",
    "token_endpoint":"https://as.example/t"})");
  authorization_flow flow{start_at()};
  CHECK(mentions(cause_of(x.run(flow, flow.begin())), "PKCE"));
}

TEST_CASE("addresses that a server must not name are not asked") {
  auto told = start_at(R"(Bearer resource_metadata="http://169.254.169.254/x")");
  world x;
  authorization_flow flow{told};
  CHECK(mentions(cause_of(x.run(flow, flow.begin())), "private network"));
  CHECK(x.asked.empty());
  x = good_world();
  x.put(issuer_place, R"({"issuer":"https://as.example","authorization_endpoint":"javascript:alert",
    "token_endpoint":"https://as.example/t","code_challenge_methods_supported":["S256"]})");
  authorization_flow second{start_at()};
  CHECK(mentions(cause_of(x.run(second, second.begin())), "no http"));
}

TEST_CASE("only a server in a private network may lead into one by a name") {
  auto x = good_world();
  authorization_flow far{start_at()};
  query_of(x.run(far, far.begin()));
  for (auto& request : x.asked)
    CHECK(request.public_only == !request.url.starts_with("https://mcp.example/"));
  x.asked.clear();
  auto start = start_at();
  start.settings.private_network = true;
  authorization_flow told{start};
  query_of(x.run(told, told.begin()));
  for (auto& request : x.asked)
    CHECK_FALSE(request.public_only);
}

TEST_CASE("a server without any metadata is one of 2025-03-26") {
  world x;
  x.put("https://mcp.example/register", R"({"client_id":"i","client_secret":"s"})", 201);
  authorization_flow flow{start_at()};
  auto errand = x.run(flow, flow.begin());
  query_of(errand);
  CHECK(std::get<user_errand>(errand).address.starts_with("https://mcp.example/authorize?"));
  CHECK(x.was_asked("https://mcp.example/.well-known/oauth-authorization-server"));
}

TEST_CASE("a server that is down does not count as one without metadata") {
  auto x = good_world();
  x.put(resource_place, "", 503);
  authorization_flow flow{start_at()};
  CHECK(mentions(cause_of(x.run(flow, flow.begin())), "status 503"));
}

TEST_CASE("the answer to a login must carry its state and its issuer") {
  auto x = good_world();
  auto begun = [&x](authorization_flow& flow) { query_of(x.run(flow, flow.begin())); };
  authorization_flow state{start_at()};
  begun(state);
  CHECK(mentions(cause_of(state.returned({{"state", "other"}, {"code", "c"}}, 0)), "another state"));
  authorization_flow wrong{start_at()};
  begun(wrong);
  form_fields fields{{"state", wrong.state()}, {"code", "c"}, {"iss", "https://as.example/"}};
  CHECK(mentions(cause_of(wrong.returned(fields, 0)), "another authorization server"));
  auto& body = x.pages[issuer_place].body;
  body.insert(1, R"("authorization_response_iss_parameter_supported":true,)");
  authorization_flow missing{start_at()};
  begun(missing);
  CHECK(mentions(cause_of(missing.returned({{"state", missing.state()}, {"code", "c"}}, 0)), "does not say"));
  authorization_flow refused{start_at()};
  begun(refused);
  fields = {{"state", refused.state()}, {"iss", "https://as.example"}, {"error", "access_denied"}};
  CHECK(mentions(cause_of(refused.returned(fields, 0)), "access_denied"));
}

TEST_CASE("more rights are asked for together with those of before") {
  auto x = good_world();
  auto start = start_at(R"(Bearer error="insufficient_scope", scope="write")");
  start.known.emplace();
  start.known->scopes = {"basic"};
  authorization_flow flow{start};
  CHECK(field_of(query_of(x.run(flow, flow.begin())), "scope") == "basic write");
}

TEST_CASE("offline_access is asked for where the authorization server knows it") {
  auto x = good_world();
  x.pages[issuer_place].body.insert(1, R"("scopes_supported":["offline_access"],)");
  authorization_flow flow{start_at()};
  auto query = query_of(x.run(flow, flow.begin()));
  CHECK(field_of(query, "scope") == "basic offline_access");
  CHECK(field_of(query, "prompt") == "consent");
}

TEST_CASE("a configured client is for its issuer alone") {
  auto x = good_world();
  auto start = start_at();
  start.settings.client_id = "mine";
  start.settings.issuer = "https://other.example";
  authorization_flow flow{start};
  CHECK(mentions(cause_of(x.run(flow, flow.begin())), "configured issuer"));
}

TEST_CASE("without a user the client's own grant is asked for") {
  auto x = good_world();
  x.pages[issuer_place].body = R"({"issuer":"https://as.example","token_endpoint":"https://as.example/token"})";
  auto start = start_at();
  start.redirect_uri.clear();
  start.settings.without_user = true;
  authorization_flow poor{start};
  CHECK(mentions(cause_of(x.run(poor, poor.begin())), "needs a client"));
  start.settings.client_id = "mine";
  start.settings.client_secret = "s";
  authorization_flow flow{start};
  REQUIRE(std::holds_alternative<grant_given>(x.run(flow, flow.begin())));
  CHECK(x.asked.back().body == "grant_type=client_credentials&scope=basic&resource=https%3A%2F%2Fmcp.example%2Fmcp");
}

TEST_CASE("a server that is not https gets no token, but on this machine") {
  auto start = start_at();
  start.settings.url = "http://mcp.example/mcp";
  authorization_flow flow{start};
  CHECK(mentions(cause_of(flow.begin()), "not https"));
  start.settings.url = "http://127.0.0.1:2/mcp";
  authorization_flow here{start};
  CHECK(std::holds_alternative<web_request>(here.begin()));
}
