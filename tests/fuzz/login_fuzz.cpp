// What servers and authorization servers say in a login: challenges, documents, answers, and the way back from the browser.
#include "actors/auth/authorization_server.hpp"
#include "actors/auth/bearer_challenge.hpp"
#include "actors/auth/client_registration.hpp"
#include "actors/auth/credentials.hpp"
#include "actors/auth/form_text.hpp"
#include "actors/auth/protected_resource.hpp"
#include "actors/auth/token_request.hpp"
#include "actors/auth/web_address.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace hub;
using hub::fuzz::require;

namespace {

void read_as_address(std::string_view text) {
  auto address = read_address(text);
  if (!address)
    return;
  require(address->scheme == "http" || address->scheme == "https", "only the web is asked");
  auto again = read_address(address->text());
  require(again && again->text() == address->text(), "an address that was written is read as the same");
  require(std::none_of(address->host.begin(), address->host.end(), [](unsigned char c) { return c <= 0x20 || c == '@' || c == '/'; }),
          "a host is one word");
  // A server elsewhere cannot send us into this machine.
  if (is_loopback(address->host) || is_private(address->host))
    require(why_forbidden(*read_address("https://example.org/mcp"), address->text()).has_value(), "what is inside is not asked for what is outside");
  (void)is_inside(address->host);
  for (auto& place : resource_metadata_addresses(*address, ""))
    require(read_address(place).has_value(), "where metadata may lie is an address");
  (void)covers(canonical_resource(*address), *address);
}

void read_as_documents(std::string_view text) {
  if (auto server = read_authorization_server(text)) {
    require(!server->token_endpoint.empty(), "an authorization server gives tokens");
    (void)server_metadata_addresses(server->issuer);
    (void)read_registration(text, *server, "http://127.0.0.1/oauth/callback", {"a"});
    (void)choose_auth_method(server->token_auth_methods, true, false);
  }
  if (auto resource = read_protected_resource(text))
    require(!resource->authorization_servers.empty(), "a protected resource names who protects it");
  credentials held;
  auto refusal = read_tokens({200, "", std::string{text}, ""}, 1'000'000, held);
  require(refusal.has_value() == held.access_token.empty(), "there is a token, or a reason");
  (void)held.stale_from();
  auto kept = read_credentials(to_document(held));
  require(kept && kept->access_token == held.access_token && kept->refresh_token == held.refresh_token, "what is kept is read as it was");
  (void)read_credentials(text);
  read_tokens({400, "", std::string{text}, ""}, 1'000'000, held);
}

void read_as_form(std::string_view text) {
  auto fields = read_form(text);
  if (!fields)
    return;
  require(fields->size() <= 64, "a form has an end");
  std::string again;
  for (auto& [name, value] : *fields)
    append_field(again, name, value);
  auto read_again = read_form(again);
  require(read_again && *read_again == *fields, "a form that was written is read as the same");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text{reinterpret_cast<const char*>(data), size};
  if (auto challenge = read_challenge(text))
    for (auto* part : {&challenge->resource_metadata, &challenge->scope, &challenge->error})
      require(part->size() <= text.size(), "a challenge says no more than stands there");
  read_as_address(text);
  read_as_documents(text);
  read_as_form(text);
  return 0;
}
