#include "actors/results/result_keeper.hpp"
#include "actors/results/result_text.hpp"
#include "messages/rpc/json_scan.hpp"

#include "tests/support/stage.hpp"

#include <string>

using namespace hub;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("results");

namespace {

json_text result_with(const std::string& text, const std::string& more = "") {
  return json_text{R"({"content":[{"type":"text","text":)" + rpc::quote(text) + "}" + more + R"(],"_meta":{"a":1}})"};
}

/// The texts of a result, joined.
std::string texts_of(std::string_view result) {
  return take_apart(json_text{std::string{result}}, 0).text;
}

std::string lines(int count) {
  std::string result;
  for (int i = 0; i < count; ++i)
    result += "line " + std::to_string(i) + "\n";
  return result;
}

std::string token_in(const json_text& result) {
  return rpc::unquote(rpc::member(rpc::member(rpc::member(result.view(), "_meta"), "hub/result"), "result")).value_or("");
}

} // namespace

TEST_CASE("a piece ends behind a line, and never inside of a character") {
  CHECK(end_of_piece("aaa\nbbb\nccc", 0, 9) == 8);
  CHECK(end_of_piece("a\nbbbbbbbbbbbb", 0, 10) == 10);
  CHECK(end_of_piece("\xC3\xA4\xC3\xB6\xC3\xBC", 0, 3) == 2);
  CHECK(end_of_piece("\xC3\xA4", 0, 1) > 0);
  CHECK(end_of_piece("abc", 5, 2) == 3);
}

TEST_CASE("the pieces of a text are the text") {
  std::string text;
  for (int i = 0; i < 3000; ++i)
    text += i % 7 == 0 ? "\xE2\x82\xAC" : i % 31 == 0 ? "\n" : "x";
  for (size_t length : {1u, 2u, 3u, 100u, 4096u}) {
    std::string all;
    for (size_t at = 0; at < text.size();) {
      auto end = end_of_piece(text, at, length);
      REQUIRE(end > at);
      all += text.substr(at, end - at);
      at = end;
    }
    CHECK(all == text);
  }
}

TEST_CASE("what is not text goes along if it is small") {
  auto image = [](size_t size) { return R"(,{"type":"image","data":")" + std::string(size, 'A') + R"("})"; };
  auto parts = take_apart(result_with("a", image(10) + image(1000) + R"(,{"type":"text","text":"b"})"), 100);
  CHECK(parts.text == "a\nb");
  CHECK(parts.others == image(10));
  CHECK(parts.left_out == 1);
  CHECK(take_apart(json_text{std::string{R"({"content":[],"structuredContent":{"x":1}})"}}, 10).text == R"({"x":1})");
}

TEST_CASE("a search shows lines with their offsets, in any case, and goes on") {
  auto text = lines(100);
  read_result x{"", "T", 0, 0, "LINE 9"};
  auto found = texts_of(matches_in(text, x));
  CHECK(found.find("63: line 9\n") != std::string::npos);
  CHECK(found.find(": line 99\n") != std::string::npos);
  CHECK(found.find("all lines with this text") != std::string::npos);
  x.search = "line";
  found = texts_of(matches_in(text, x));
  CHECK(found.find("the first 20 lines") != std::string::npos);
  x.search = "nowhere";
  CHECK(texts_of(matches_in(text, x)).find("nothing in") != std::string::npos);
  // A match at the very beginning and one in a line without end.
  x.search = "aaa";
  CHECK(texts_of(matches_in("aaa" + std::string(5000, 'b') + "aaa", x)).find("0: aaabbb") != std::string::npos);
}

TEST_CASE("texts are for their owners, for a while, and within bounds") {
  kept_texts::clock::time_point now{};
  kept_texts texts{{2, 10, 30min}};
  CHECK(texts.add("a", "me", "12345", now));
  CHECK(*texts.find("a", "me", now) == "12345");
  CHECK_FALSE(texts.find("a", "you", now));
  CHECK_FALSE(texts.find("b", "me", now));
  CHECK_FALSE(texts.add("large", "me", std::string(11, 'x'), now));
  CHECK(texts.add("b", "me", "123", now));
  CHECK(texts.find("a", "me", now));
  // The one that was read longest ago makes room.
  CHECK(texts.add("c", "me", "1", now));
  CHECK(texts.find("a", "me", now));
  CHECK_FALSE(texts.find("b", "me", now));
  CHECK(texts.bytes() == 6);
  CHECK(texts.find("a", "me", now + 29min));
  CHECK_FALSE(texts.find("c", "me", now + 31min));
  CHECK(texts.find("a", "me", now + 58min));
  CHECK_FALSE(texts.find("a", "me", now + 120min));
  CHECK(texts.bytes() == 0);
}

TEST_CASE_FIXTURE(test::stage, "a large result is cut, and read on with its token") {
  auto keeper = system.spawn(result_keeper, kept_texts::limits{});
  auto whole = lines(1000);
  auto cut = ask<result_cut>(keeper, cut_result{"me", result_with(whole), {4000, 1000}}).result;
  CHECK(rpc::member(rpc::member(cut.view(), "_meta"), "a") == "1");
  auto token = token_in(cut);
  REQUIRE_FALSE(token.empty());
  auto head = texts_of(cut.view());
  CHECK(head.starts_with("line 0\nline 1\n"));
  CHECK(head.size() < 1500);
  CHECK(head.find(token) != std::string::npos);
  std::string all;
  for (size_t at = 0; at < whole.size();) {
    auto answer = ask<rpc_answer>(keeper, read_result{"me", token, at, 1500, ""});
    auto place = rpc::member(rpc::member(answer.body.view(), "_meta"), "hub/result");
    auto end = static_cast<size_t>(*rpc::to_integer(rpc::member(place, "end")));
    REQUIRE(end > at);
    all += texts_of(answer.body.view()).substr(0, end - at);
    at = end;
  }
  CHECK(all == whole);
  auto others = ask<rpc_answer>(keeper, read_result{"you", token, 0, 1500, ""});
  CHECK(rpc::member(others.body.view(), "isError") == "true");
  anon_send_exit(keeper, caf::exit_reason::user_shutdown);
}

TEST_CASE_FIXTURE(test::stage, "a result whose structure the client checks stays whole, and one without text does") {
  auto keeper = system.spawn(result_keeper, kept_texts::limits{});
  auto structured = json_text{R"({"content":[{"type":"text","text":")" + std::string(9000, 'x') + R"("}],"structuredContent":{"x":1}})"};
  CHECK(ask<result_cut>(keeper, cut_result{"me", structured, {4000, 1000}, true}).result.view() == structured.view());
  auto cut = ask<result_cut>(keeper, cut_result{"me", structured, {4000, 1000}, false}).result;
  CHECK(cut.size() < 2500);
  CHECK(rpc::member(cut.view(), "structuredContent").empty());
  auto image = json_text{R"({"content":[{"type":"image","data":")" + std::string(9000, 'A') + R"("}]})"};
  CHECK(ask<result_cut>(keeper, cut_result{"me", image, {4000, 1000}}).result.view() == image.view());
  anon_send_exit(keeper, caf::exit_reason::user_shutdown);
}

TEST_SUITE_END();
