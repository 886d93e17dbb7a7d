#include "actors/catalog/text_analysis.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace hub;

TEST_SUITE_BEGIN("text analysis");

namespace {

using words = std::vector<std::string>;

bool holds(const words& terms, std::string_view term) {
  return std::find(terms.begin(), terms.end(), term) != terms.end();
}

} // namespace

TEST_CASE("identifiers are split at case, punctuation and digits") {
  CHECK(terms_of("getUserById", stop_words::keep) == words{"get", "user", "by", "id"});
  CHECK(terms_of("get_user-list") == words{"get", "user", "list"});
  CHECK(terms_of("HTTPServer")[0] == "http");
  CHECK(holds(terms_of("base64_encode"), "bas"));
  CHECK(holds(terms_of("base64_encode"), "64"));
  CHECK(holds(terms_of("base64_encode"), "base64"));
  CHECK(terms_of("k8s") == words{"k8s"});
}

TEST_CASE("a name of two parts is also one word") {
  CHECK(holds(terms_of("GitHub"), "github"));
  CHECK(holds(terms_of("GitHub"), "git"));
  CHECK_FALSE(holds(terms_of("getUser"), "getuser"));
}

TEST_CASE("inflections of a word have one stem") {
  for (auto word : {"create", "creates", "created", "creating", "creation"})
    CHECK(stem(word) == "creat");
  for (auto word : {"calculate", "calculates", "calculating", "calculator", "calculation"})
    CHECK(stem(word) == stem("calculate"));
  for (auto word : {"repositories", "repository"})
    CHECK(stem(word) == "repository");
  for (auto word : {"summary", "summaries", "summarize", "summarizing"})
    CHECK(stem(word) == "summary");
  CHECK(stem("searches") == stem("search"));
  CHECK(stem("running") == "run");
  CHECK(stem("documentation") == stem("document"));
  CHECK(stem("analysis") == stem("analyze"));
  CHECK(stem("formatting") == stem("format"));
}

TEST_CASE("words that only look inflected stay") {
  for (auto word : {"string", "news", "process", "status", "get", "add"})
    CHECK(stem(word) == word);
  CHECK(stem("station") != stem("stat"));
}

TEST_CASE("stop words are dropped only where they are to be") {
  CHECK(terms_of("what can you do for me").empty());
  CHECK(terms_of("to do", stop_words::keep) == words{"to", "do"});
}

TEST_CASE("letters lose case and accents in Latin, Greek and Cyrillic") {
  CHECK(terms_of("CAFÉ") == terms_of("cafe"));
  CHECK(terms_of("Łódź") == words{"lodz"});
  CHECK(terms_of("ΌΡΟΣ") == terms_of("όρος"));
  CHECK(terms_of("ПОИСК Ёлка") == words{"поиск", "ёлка"});
  CHECK(terms_of("cafe\u0301") == terms_of("cafe"));
  CHECK(terms_of("ＡＢＣ１２") == terms_of("abc12"));
}

TEST_CASE("scripts without spaces become pairs of characters") {
  CHECK(terms_of("搜索关键词") == words{"搜索", "索关", "关键", "键词"});
  CHECK(terms_of("图") == words{"图"});
  CHECK(terms_of("使用bing搜索") == words{"使用", "bing", "搜索"});
  CHECK(terms_of("東京タワー").size() == 4);
}

TEST_CASE("words of other scripts stay whole") {
  CHECK(terms_of("مرحبا بالعالم").size() == 2);
  CHECK(terms_of("मौसम पूर्वानुमान").size() == 2);
}

TEST_CASE("bytes that are not UTF-8 separate words") {
  CHECK(terms_of("alpha\xff\xfe\x80gamma") == words{"alpha", "gamma"});
  CHECK(terms_of("\xe6\x90") == words{});
  CHECK(terms_of("\xed\xa0\x80") == words{});
  CHECK(terms_of("\xc0\xaf") == words{});
}

TEST_CASE("lower case leaves everything else alone") {
  CHECK(to_lower("Straße ÀÉ 123 ΣΟΦΙΑ Жук 東京") == "straße àé 123 σοφια жук 東京");
  CHECK(to_lower("A\xff"
                 "B")
        == "a\xff"
           "b");
}

TEST_CASE("spellings of one identifier have one key") {
  for (auto spelling : {"git_hub__create_issue", "git-hub.Create_Issue", "git hub/create issue", "__git_hub create-issue:"})
    CHECK(identifier_key(spelling) == "git_hub_create_issue");
  CHECK(identifier_key("  --  ") == "");
  CHECK(identifier_key("搜索 Tool") == "搜索_tool");
}

TEST_CASE("a prefix never cuts a character") {
  CHECK(utf8_prefix("aé", 2) == "a");
  CHECK(utf8_prefix("aé", 3) == "aé");
  CHECK(utf8_prefix("東京", 5) == "東");
}
