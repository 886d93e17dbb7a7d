#include "actors/embedding/embedding_text.hpp"

#include "messages/rpc/json_scan.hpp"

#include <doctest/doctest.h>

using namespace hub;

TEST_SUITE_BEGIN("embedding_text");

TEST_CASE("a tool is told in words") {
  CHECK(text_to_embed("git-hub", R"({"name":"create_issueNow","title":"Issue","description":"Opens one"})")
        == "create issue now, Issue (git hub): Opens one");
  CHECK(text_to_embed("a", R"({"name":"b","description":")" + std::string(5'000, 'x') + "\"}").size() <= 800);
}

TEST_CASE("a request is JSON whatever the texts are") {
  auto body = embedding_request("m\"", {"a\n", "b"});
  CHECK_FALSE(rpc::check_json(body));
  CHECK(rpc::member(body, "input") == R"(["a\n","b"])");
}

TEST_CASE("vectors are read in the order of their texts") {
  using vectors = std::vector<std::vector<float>>;
  CHECK(read_embeddings(R"({"data":[{"index":1,"embedding":[3,4e0]},{"index":0,"embedding":[-1.5,2]}]})", 2)
        == vectors{{-1.5f, 2}, {3, 4}});
  CHECK(read_embeddings(R"({"data":[{"embedding":[1]},{"embedding":[2]}]})", 2) == vectors{{1}, {2}});
}

TEST_CASE("what is no answer for all texts is none") {
  for (auto* body : {"", "{}", "no", R"({"data":[]})", R"({"data":[{"index":0,"embedding":[1,2]}]})",
                     R"({"data":[{"index":0,"embedding":[1,2]},{"index":7,"embedding":[1,2]}]})",
                     R"({"data":[{"index":0,"embedding":[1,2]},{"index":1,"embedding":[1]}]})",
                     R"({"data":[{"index":0,"embedding":"AAAA"},{"index":1,"embedding":"AAAA"}]})"})
    CHECK(read_embeddings(body, 2).empty());
}

TEST_CASE("an address is completed") {
  CHECK(embeddings_url("http://a:1") == "http://a:1/v1/embeddings");
  CHECK(embeddings_url("http://a:1/") == "http://a:1/v1/embeddings");
  CHECK(embeddings_url("http://a:1/v1") == "http://a:1/v1/embeddings");
  CHECK(embeddings_url("http://a:1/api/embeddings") == "http://a:1/api/embeddings");
}

TEST_SUITE_END();
