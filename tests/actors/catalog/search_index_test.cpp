#include "actors/catalog/search_index.hpp"
#include "messages/glob.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace hub;

TEST_SUITE_BEGIN("search index");

namespace {

/// A few servers as people have them.
struct few_servers {
  std::vector<server_document> servers{
    {"github", {}}, {"file.system", {}}, {"mail", {}}, {"bing-cn", {}}, {"weather", "Meteorology office"}};

  std::vector<tool_document> tools{
    {0, "create_issue", "github__create_issue", "", "Create a new issue in a repository.", {"owner", "repo", "title"}},
    {0, "list_commits", "github__list_commits", "", "List the commits of a branch.", {"owner", "repo", "sha"}},
    {0, "search_repositories", "github__search_repositories", "", "Search for repositories.", {"query"}},
    {1, "read_file", "file_system__read_file", "", "Read the complete contents of a file.", {"path"}},
    {1, "write_file", "file_system__write_file", "", "Create a file or overwrite it with new content.", {"path"}},
    {1, "search", "file_system__search", "", "Recursively find files that match a pattern.", {"pattern"}},
    {2, "send_email", "mail__send_email", "Send", "Send a message to somebody.", {"to", "subject", "body"}},
    {2, "search", "mail__search", "", "Find messages in the inbox.", {"query"}},
    {3, "bing_search", "bing_cn__bing_search", "", "使用必应搜索指定的关键词，并返回搜索结果列表", {"query"}},
    {4, "get_forecast", "weather__get_forecast", "", "Weather forecast for a place in the coming days.", {"latitude"}},
  };

  search_index index{servers, tools};

  search_result find(std::string_view request, std::string_view server = {}, size_t limit = 8) const {
    return index.search(request, {limit, server});
  }

  /// The exposed name of the best hit.
  std::string best(std::string_view request, std::string_view server = {}) const {
    auto result = find(request, server);
    return result.hits.empty() ? "" : std::string{tools[result.hits[0].tool].exposed_name};
  }
};

} // namespace

TEST_CASE_FIXTURE(few_servers, "a request in plain words finds its tool") {
  CHECK(best("open a new issue in my repository") == "github__create_issue");
  CHECK(best("please read the contents of this file") == "file_system__read_file");
  CHECK(best("what will the weather be in the next days") == "weather__get_forecast");
  CHECK(find("read a file").rung == search_rung::words);
}

TEST_CASE_FIXTURE(few_servers, "the title of a server finds its tools") {
  CHECK(best("meteorology") == "weather__get_forecast");
}

TEST_CASE_FIXTURE(few_servers, "a request finds a tool that is described in another language, and the other way round") {
  CHECK(best("列出 提交 分支 commits") == "github__list_commits");
  CHECK(best("天气预报") == "weather__get_forecast");
  for (auto* request : {"прочитай файл", "파일 읽기", "ファイルを読む", "ler um arquivo", "leggere il file"})
    CHECK_MESSAGE(best(request) == "file_system__read_file", request);
  CHECK(best("погода на завтра") == "weather__get_forecast");
  CHECK(best("отправить письмо") == "mail__send_email");
  CHECK(best("Datei lesen") == "file_system__read_file");
  CHECK(best("enviar un mensaje") == "mail__send_email");
  auto found = find("query for keywords with results").hits;
  CHECK(std::any_of(found.begin(), found.end(),
                    [&](const search_hit& x) { return tools[x.tool].exposed_name == "bing_cn__bing_search"; }));
}

TEST_CASE_FIXTURE(few_servers, "a tool that says a word itself stands before one that says it in another language") {
  std::vector<server_document> two{{"a", {}}, {"b", {}}};
  std::vector<tool_document> both{{0, "fetch", "a__fetch", "", "天气", {}}, {1, "fetch", "b__fetch", "", "weather", {}}};
  search_index index{two, both};
  auto result = index.search("weather", {8, {}});
  REQUIRE(result.hits.size() == 2);
  CHECK(result.hits[0].tool == 1);
}

TEST_CASE_FIXTURE(few_servers, "synonyms find what other words ask for") {
  CHECK(best("make a ticket for this bug") == "github__create_issue");
  CHECK(best("retrieve the temperature") == "weather__get_forecast");
}

TEST_CASE_FIXTURE(few_servers, "the exact name of a tool comes first in any spelling") {
  for (auto request : {"create_issue", "github__create_issue", "github create_issue", "GitHub.Create_Issue",
                       "create issue", "use github__create_issue to report it"}) {
    CAPTURE(request);
    auto result = find(request);
    CHECK(result.rung == search_rung::exact);
    CHECK(tools[result.hits.at(0).tool].exposed_name == "github__create_issue");
  }
  CHECK(best("file.system__search") == "file_system__search");
}

TEST_CASE_FIXTURE(few_servers, "tools with one name all come before the rest") {
  auto result = find("search");
  REQUIRE(result.hits.size() > 2);
  CHECK(tools[result.hits[0].tool].name == "search");
  CHECK(tools[result.hits[1].tool].name == "search");
  CHECK(result.total > 2);
}

TEST_CASE_FIXTURE(few_servers, "typing errors are forgiven") {
  CHECK(best("serach repositries") == "github__search_repositories");
  CHECK(best("forcast") == "weather__get_forecast");
  CHECK(find("forcast").rung == search_rung::spelling);
}

TEST_CASE_FIXTURE(few_servers, "a slip in a long word weighs nearly as the word itself, also in a long question") {
  auto score = [&](std::string_view request) {
    auto result = find(request);
    REQUIRE(result.hits.size() > 0);
    CHECK(tools[result.hits[0].tool].name == "get_forecast");
    return result.hits[0].score;
  };
  CHECK(score("forcast of a place") > 0.7 * score("forecast of a place"));
  CHECK(score("show the forcast of a place in the coming days") > 0.7 * score("show the forecast of a place in the coming days"));
}

TEST_CASE_FIXTURE(few_servers, "the last word may be unfinished") {
  CHECK(best("search repos") == "github__search_repositories");
  CHECK(best("forec") == "weather__get_forecast");
  CHECK(best("overwr") == "file_system__write_file");
}

TEST_CASE_FIXTURE(few_servers, "Chinese requests find Chinese descriptions") {
  CHECK(best("搜索关键词") == "bing_cn__bing_search");
  CHECK(best("关键") == "bing_cn__bing_search");
}

TEST_CASE_FIXTURE(few_servers, "a server narrows the search by name, prefix or pattern") {
  CHECK(best("search", "mail") == "mail__search");
  CHECK(best("search", "file.system") == "file_system__search");
  CHECK(best("search", "file_system") == "file_system__search");
  CHECK(best("search", "FILE*") == "file_system__search");
  for (auto& hit : find("search files", "*i?h*").hits)
    CHECK(tools[hit.tool].server == 0);
}

TEST_CASE_FIXTURE(few_servers, "an unknown server is answered with the nearest ones") {
  auto result = find("create issue", "githbu");
  CHECK(result.hits.empty());
  CHECK(result.total == 0);
  REQUIRE_FALSE(result.nearest_servers.empty());
  CHECK(result.nearest_servers[0] == 0);
}

TEST_CASE_FIXTURE(few_servers, "an empty request lists everything in order") {
  auto result = find(" ", {}, 3);
  CHECK(result.rung == search_rung::everything);
  CHECK(result.total == tools.size());
  REQUIRE(result.hits.size() == 3);
  CHECK(result.hits[2].tool == 2);
  CHECK(find("", "mail").total == 2);
}

TEST_CASE_FIXTURE(few_servers, "what resembles nothing finds nothing") {
  auto result = find("zzqx vvkj");
  CHECK(result.rung == search_rung::nothing);
  CHECK(result.hits.empty());
}

TEST_CASE_FIXTURE(few_servers, "the total counts what the limit leaves out") {
  auto result = find("search", {}, 1);
  CHECK(result.hits.size() == 1);
  CHECK(result.total > 1);
  CHECK(find("search", {}, 0).hits.empty());
}

TEST_CASE_FIXTURE(few_servers, "a request of stop words alone is still searched") {
  CHECK_NOTHROW(find("to"));
  CHECK(find("to").rung != search_rung::everything);
}

TEST_CASE_FIXTURE(few_servers, "foreign bytes and very long requests are harmless") {
  CHECK_NOTHROW(find("\xff\xfe\x80 file \xc3"));
  std::string longest;
  for (int i = 0; i < 200'000; ++i)
    longest += "wrd" + std::to_string(i % 977) + ' ';
  CHECK_NOTHROW(find(longest));
  CHECK_NOTHROW(find(std::string(1'000'000, 'x')));
}

TEST_CASE("an index of nothing finds nothing") {
  search_index none;
  CHECK(none.search("anything", {}).total == 0);
  search_index empty{{}, {}};
  CHECK(empty.search("anything", {}).rung == search_rung::nothing);
  CHECK(empty.search("", {}).rung == search_rung::nothing);
}

TEST_CASE("equal tools keep their order") {
  std::vector<server_document> servers{{"a", {}}};
  std::vector<tool_document> tools(5, {0, "same", "a__same", "", "The same words.", {}});
  search_index index{servers, tools};
  auto result = index.search("same words", {});
  REQUIRE(result.hits.size() == 5);
  for (uint32_t i = 0; i < 5; ++i)
    CHECK(result.hits[i].tool == i);
}

TEST_CASE("the index of four thousand tools stays below two megabytes") {
  std::vector<server_document> servers;
  std::vector<std::string> texts;
  std::vector<tool_document> tools;
  std::vector<std::string> server_names;
  for (int i = 0; i < 200; ++i)
    server_names.push_back("server-" + std::to_string(i));
  for (auto& name : server_names)
    servers.push_back({name, {}});
  for (int i = 0; i < 4000; ++i) {
    std::string text;
    for (int j = 0; j < 40; ++j)
      text += "word" + std::string(1, static_cast<char>('a' + (i * 7 + j * j) % 26))
              + std::string(1, static_cast<char>('a' + (i + j * 3) % 26)) + ' ';
    texts.push_back(text);
  }
  for (uint32_t i = 0; i < 4000; ++i)
    tools.push_back({i / 20, std::string_view{texts[i]}.substr(0, 13), std::string_view{texts[i]}.substr(0, 20), "",
                     texts[i], {"path", "query"}});
  search_index index{servers, tools};
  CHECK(index.tool_count() == 4000);
  CHECK(index.memory() < 2'000'000);
}

TEST_CASE("patterns match as in a shell") {
  CHECK(matches_pattern("github", "*"));
  CHECK(matches_pattern("github", "git*"));
  CHECK(matches_pattern("github", "*h?b"));
  CHECK(matches_pattern("", "**"));
  CHECK_FALSE(matches_pattern("github", "git"));
  CHECK_FALSE(matches_pattern("github", "?"));
  CHECK_FALSE(matches_pattern("", "?"));
}
