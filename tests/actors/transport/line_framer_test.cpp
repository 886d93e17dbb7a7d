#include "actors/transport/line_framer.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

using namespace hub;

TEST_SUITE_BEGIN("line_framer");

namespace {

/// Feeds chunks and returns the lines; fails the test if one is refused.
std::vector<std::string> lines_of(const std::vector<std::string>& chunks, size_t limit = 1 << 20) {
  line_framer framer{limit};
  std::vector<json_text> lines;
  for (auto& chunk : chunks)
    REQUIRE(framer.feed(chunk, lines));
  std::vector<std::string> result;
  for (auto& line : lines)
    result.emplace_back(line.view());
  return result;
}

using texts = std::vector<std::string>;

} // namespace

TEST_CASE("a line ends with LF or with CR LF") {
  CHECK(lines_of({"a\nb\r\nc"}) == texts{"a", "b"});
}

TEST_CASE("blank lines are left out") {
  CHECK(lines_of({"\n\r\n  \t\n{}\n \r\n"}) == texts{"{}"});
}

TEST_CASE("blanks around a text belong to it") {
  CHECK(lines_of({" {} \n"}) == texts{" {} "});
}

TEST_CASE("a line may come in many pieces") {
  CHECK(lines_of({"a", "", "b", "c\nd", "\n"}) == texts{"abc", "d"});
}

TEST_CASE("a line end may be cut in two") {
  CHECK(lines_of({"a\r", "\nb\n"}) == texts{"a", "b"});
}

TEST_CASE("the lines do not depend on how the stream is cut") {
  std::mt19937 random{7};
  std::string stream;
  texts expected;
  for (int i = 0; i < 300; ++i) {
    std::string line(1 + random() % 900, static_cast<char>('a' + i % 26));
    expected.push_back(line);
    stream += line + (i % 3 == 0 ? "\r\n" : "\n");
  }
  for (int round = 0; round < 50; ++round) {
    texts chunks;
    for (size_t at = 0; at < stream.size();) {
      auto size = std::min<size_t>(1 + random() % 3000, stream.size() - at);
      chunks.push_back(stream.substr(at, size));
      at += size;
    }
    REQUIRE(lines_of(chunks) == expected);
  }
}

TEST_CASE("small lines of one chunk share one buffer") {
  line_framer framer{100};
  std::vector<json_text> lines;
  REQUIRE(framer.feed("one\ntwo\n", lines));
  REQUIRE(lines.size() == 2);
  CHECK(lines[1].view().data() == lines[0].view().data() + 4);
}

TEST_CASE("a long line in pieces has a buffer of its own") {
  line_framer framer{1 << 20};
  std::vector<json_text> lines;
  REQUIRE(framer.feed(std::string(line_framer::own_buffer_bytes + 1, 'x'), lines));
  REQUIRE(framer.feed("y\nsmall\n", lines));
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].size() == line_framer::own_buffer_bytes + 2);
  auto end_of_long = lines[0].view().data() + lines[0].size();
  CHECK(lines[1].view().data() != end_of_long + 1);
}

TEST_CASE("nothing is kept after a long line") {
  line_framer framer{1 << 20};
  std::vector<json_text> lines;
  REQUIRE(framer.feed(std::string(500'000, 'x'), lines));
  CHECK(framer.pending() == 500'000);
  REQUIRE(framer.feed("\nab", lines));
  CHECK(framer.pending() == 2);
}

TEST_CASE("a line of the limit is taken and one byte more is refused") {
  std::vector<json_text> lines;
  CHECK(line_framer{4}.feed("1234\n", lines));
  CHECK_FALSE(line_framer{4}.feed("12345\n", lines));
  CHECK_FALSE(line_framer{4}.feed("ok\n12345", lines));
}

TEST_CASE("an endless line is refused as soon as it exceeds the limit") {
  line_framer framer{1000};
  std::vector<json_text> lines;
  CHECK(framer.feed(std::string(600, 'x'), lines));
  CHECK_FALSE(framer.feed(std::string(600, 'x'), lines));
  CHECK(framer.pending() <= 1000);
}

TEST_CASE("the end of the stream ends a line") {
  line_framer framer{100};
  std::vector<json_text> lines;
  REQUIRE(framer.feed("last", lines));
  framer.finish(lines);
  framer.finish(lines);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].view() == "last");
}
