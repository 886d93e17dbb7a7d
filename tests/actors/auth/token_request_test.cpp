#include "actors/auth/client_assertion.hpp"
#include "actors/auth/form_text.hpp"
#include "actors/auth/token_request.hpp"

#include <doctest/doctest.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <string>

using namespace hub;

namespace {

std::string header_of(const web_request& x, std::string_view name) {
  auto i = std::find_if(x.headers.begin(), x.headers.end(), [&](auto& h) { return h.first == name; });
  return i == x.headers.end() ? "" : i->second;
}

oauth_client client_with(std::string method) {
  oauth_client result;
  result.id = "an id";
  result.secret = "a:b";
  result.auth_method = std::move(method);
  return result;
}

std::string pem_of(EVP_PKEY* key) {
  auto* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PKCS8PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  char* text = nullptr;
  auto size = BIO_get_mem_data(bio, &text);
  std::string result{text, static_cast<size_t>(size)};
  BIO_free(bio);
  return result;
}

std::string decoded(std::string_view text) {
  std::string result(text);
  std::replace(result.begin(), result.end(), '-', '+');
  std::replace(result.begin(), result.end(), '_', '/');
  auto size = text.size() * 3 / 4;
  result.resize((result.size() + 3) / 4 * 4, '=');
  std::string out(result.size(), '\0');
  EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<unsigned char*>(result.data()),
                  static_cast<int>(result.size()));
  out.resize(size);
  return out;
}

} // namespace

TEST_CASE("a client proves itself as it was agreed on, and in no second way") {
  auto basic = token_request("https://as/t", {{"grant_type", "x"}}, client_with("client_secret_basic"), {}, "", 0);
  REQUIRE(basic);
  CHECK(header_of(*basic, "Authorization") == "Basic YW4lMjBpZDphJTNBYg==");
  CHECK(basic->body == "grant_type=x");
  auto post = token_request("https://as/t", {{"grant_type", "x"}}, client_with("client_secret_post"), {}, "", 0);
  CHECK(header_of(*post, "Authorization").empty());
  CHECK(field_of(*read_form(post->body), "client_secret") == "a:b");
  auto none = token_request("https://as/t", {{"grant_type", "x"}}, client_with("none"), {}, "", 0);
  CHECK(none->body == "grant_type=x&client_id=an%20id");
}

TEST_CASE("an assertion is signed with the kind of key that is configured, and verifies") {
  for (auto* kind : {"EC", "RSA", "ED25519"}) {
    CAPTURE(kind);
    auto* key = std::string_view{kind} == "EC"    ? EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")
                : std::string_view{kind} == "RSA" ? EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", size_t{2048})
                                                  : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    REQUIRE(key);
    auto jwt = client_assertion(pem_of(key), "me", "https://as.example", 1000);
    REQUIRE(jwt);
    auto dot = jwt->rfind('.');
    auto text = jwt->substr(0, dot);
    auto claims = decoded(text.substr(text.find('.') + 1));
    CHECK(claims.find(R"("iss":"me","sub":"me","aud":"https://as.example","iat":1000,"exp":1300)") != std::string::npos);
    auto signature = decoded(jwt->substr(dot + 1));
    if (std::string_view{kind} == "EC") {
      CHECK(signature.size() == 64);
    } else {
      auto* context = EVP_MD_CTX_new();
      auto* digest = std::string_view{kind} == "RSA" ? EVP_sha256() : nullptr;
      REQUIRE(EVP_DigestVerifyInit(context, nullptr, digest, nullptr, key) == 1);
      CHECK(EVP_DigestVerify(context, reinterpret_cast<unsigned char*>(signature.data()), signature.size(),
                             reinterpret_cast<const unsigned char*>(text.data()), text.size())
            == 1);
      EVP_MD_CTX_free(context);
    }
    EVP_PKEY_free(key);
  }
  CHECK_FALSE(client_assertion("no key", "me", "a", 0));
}

TEST_CASE("tokens are taken from a good answer, and the old refresh token stays if none comes") {
  credentials x;
  x.refresh_token = "old";
  x.scopes = {"asked"};
  web_answer answer{200, "", R"({"access_token":"t","token_type":"bearer","expires_in":60})", ""};
  CHECK_FALSE(read_tokens(answer, 1000, x));
  CHECK(x.access_token == "t");
  CHECK(x.refresh_token == "old");
  CHECK(x.expires_at == 1060);
  CHECK(x.scopes == std::vector<std::string>{"asked"});
  answer.body = R"({"access_token":"u","token_type":"Bearer","refresh_token":"new","scope":"a b"})";
  CHECK_FALSE(read_tokens(answer, 1000, x));
  CHECK(x.refresh_token == "new");
  CHECK(x.expires_at == 0);
  CHECK(x.scopes.size() == 2);
}

TEST_CASE("a refusal is told in the server's words, safe to print") {
  credentials x;
  auto why = read_tokens({400, "", R"({"error":"invalid_grant","error_description":"gone\u001b[31m"})", ""}, 0, x);
  REQUIRE(why);
  CHECK(why->code == "invalid_grant");
  CHECK(why->cause == "gone [31m");
  CHECK(read_tokens({0, "", "", "connection refused"}, 0, x)->cause == "connection refused");
  CHECK(read_tokens({502, "", "<html>", ""}, 0, x)->cause == "status 502");
  CHECK(read_tokens({200, "", R"({"access_token":"a\r\nb","token_type":"Bearer"})", ""}, 0, x));
  CHECK(read_tokens({200, "", R"({"access_token":"a","token_type":"mac"})", ""}, 0, x));
  CHECK(x.access_token.empty());
}

TEST_CASE("a grant is read as it was written, without the secret of a configured client") {
  credentials x;
  x.access_token = "a";
  x.refresh_token = "r";
  x.expires_at = 5;
  x.scopes = {"s", "t"};
  x.issuer = "i";
  x.client = client_with("client_secret_basic");
  auto again = read_credentials(to_document(x));
  REQUIRE(again);
  CHECK(again->client.secret == "a:b");
  CHECK(again->scopes == x.scopes);
  CHECK(again->expires_at == 5);
  x.client.configured = true;
  CHECK(to_document(x).find("a:b") == std::string::npos);
  CHECK_FALSE(read_credentials("{}"));
}
