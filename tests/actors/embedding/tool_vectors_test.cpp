#include "actors/embedding/tool_vectors.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

using namespace hub;

TEST_SUITE_BEGIN("tool_vectors");

namespace {

using vector = std::vector<float>;

std::vector<std::optional<uint32_t>> rows(const tool_vectors& x, const std::vector<uint64_t>& keys) {
  std::vector<std::optional<uint32_t>> result;
  for (auto key : keys)
    result.push_back(x.row_of(key));
  return result;
}

} // namespace

TEST_CASE("the nearest come first, and tools without a vector are left out") {
  tool_vectors x;
  x.add(10, vector{1, 0, 0});
  x.add(20, vector{1, 1, 0});
  x.add(30, vector{-1, 0, 0});
  auto near = x.nearest(vector{2, 0, 0}, rows(x, {30, 40, 20, 10}), 5, 0.2f);
  REQUIRE(near.size() == 2);
  CHECK(near[0].place == 3);
  CHECK(near[0].similarity == doctest::Approx(1).epsilon(.001));
  CHECK(near[1].place == 2);
  CHECK(near[1].similarity == doctest::Approx(std::sqrt(.5)).epsilon(.01));
  CHECK(x.nearest(vector{2, 0, 0}, rows(x, {10, 20}), 1, 0.2f).size() == 1);
}

TEST_CASE("a byte a number tells angles within a hundredth") {
  std::mt19937 random{1};
  std::normal_distribution<float> normal;
  auto draw = [&] {
    vector result(384);
    for (auto& x : result)
      x = normal(random);
    return result;
  };
  for (int i = 0; i < 50; ++i) {
    auto a = draw();
    auto b = draw();
    double product = 0, aa = 0, bb = 0;
    for (size_t k = 0; k < a.size(); ++k) {
      b[k] += a[k];
      product += a[k] * b[k];
      aa += a[k] * a[k];
      bb += b[k] * b[k];
    }
    tool_vectors x;
    x.add(1, a);
    auto near = x.nearest(b, rows(x, {1}), 1, -1);
    REQUIRE(near.size() == 1);
    CHECK(std::abs(near[0].similarity - product / std::sqrt(aa * bb)) < 0.01);
  }
}

TEST_CASE("another length is another model, and what is no vector is ignored") {
  tool_vectors x;
  x.add(1, vector{1, 0});
  x.add(2, vector{});
  x.add(3, vector{0, 0});
  x.add(4, vector{std::numeric_limits<float>::quiet_NaN(), 1});
  x.add(5, vector(tool_vectors::longest + 1, 1.0f));
  CHECK(x.size() == 1);
  CHECK(x.nearest(vector{1, 0, 0}, rows(x, {1}), 1, 0).empty());
  x.add(6, vector{1, 0, 0});
  CHECK(x.size() == 1);
  CHECK(x.has(6));
}

TEST_CASE("they survive as bytes of the same model, and other bytes are none") {
  tool_vectors x;
  x.add(10, vector{1, 2, 3});
  x.add(20, vector{-1, 0, 5});
  auto bytes = x.write("m");
  auto read = tool_vectors::read(bytes, "m");
  CHECK(read.size() == 2);
  CHECK(read.write("m") == bytes);
  CHECK(tool_vectors::read(bytes, "n").size() == 0);
  for (size_t length = 0; length < bytes.size(); ++length)
    CHECK(tool_vectors::read(std::string_view{bytes}.substr(0, length), "m").size() == 0);
  CHECK(tool_vectors::read(bytes + "x", "m").size() == 0);
  CHECK(tool_vectors::read("slm-hub vectors 1\nm\n99999999999999999999\n5\n", "m").size() == 0);
}

TEST_CASE("what nobody wants any more is forgotten") {
  tool_vectors x;
  x.add(10, vector{1, 0});
  x.add(20, vector{0, 1});
  x.keep_only({{20, true}});
  CHECK(x.size() == 1);
  auto near = x.nearest(vector{0, 1}, rows(x, {10, 20}), 5, 0.2f);
  REQUIRE(near.size() == 1);
  CHECK(near[0].place == 1);
}

TEST_SUITE_END();
