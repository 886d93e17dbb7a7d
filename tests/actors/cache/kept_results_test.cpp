#include "actors/cache/kept_results.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace hub;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("kept_results");

namespace {

const kept_results::time_point start{1000s};

/// A key for what `name` is about, of one principal.
cache_key key_of(const std::string& name, const std::string& principal = "") {
  auto common = sha256_of(name);
  return {common, sha256_of(name + '/' + principal)};
}

read_ended result_of(const std::string& name, std::string text, std::string server = "s") {
  read_ended x{key_of(name), std::move(server), rpc_answer{}, 60s, false, 0};
  x.keep->body = json_text{std::move(text)};
  return x;
}

/// What is kept under a key; empty if nothing is.
std::string find(kept_results& all, const cache_key& key, kept_results::time_point now = start) {
  auto found = all.find({key, "s"}, now);
  return found.answer ? std::string{found.answer->body.view()} : "";
}

} // namespace

TEST_CASE("a result is found until its time is up") {
  kept_results all;
  all.end_read(result_of("a", "1"), start);
  CHECK(find(all, key_of("a"), start + 59s) == "1");
  CHECK(all.find({key_of("a"), "s"}, start + 59s).left == 1s);
  CHECK(find(all, key_of("a"), start + 60s).empty());
  CHECK(all.entries() == 0);
  CHECK(all.bytes() == 0);
}

TEST_CASE("the result that was not asked for the longest makes place") {
  kept_results all{{2, 1 << 20}};
  all.end_read(result_of("a", "1"), start);
  all.end_read(result_of("b", "2"), start);
  CHECK(find(all, key_of("a")) == "1");
  all.end_read(result_of("c", "3"), start);
  CHECK(find(all, key_of("b")).empty());
  CHECK(find(all, key_of("a")) == "1");
  CHECK(find(all, key_of("c")) == "3");
  CHECK(all.figures().servers.at(0).evicted == 1);
}

TEST_CASE("results take no more bytes than they may, and one that is larger is not kept") {
  kept_results all{{100, 10'000}};
  for (auto* name : {"a", "b", "c"})
    all.end_read(result_of(name, std::string(4000, 'x')), start);
  CHECK(all.entries() == 2);
  CHECK(all.bytes() <= 10'000);
  CHECK(find(all, key_of("a")).empty());
  all.end_read(result_of("d", std::string(10'001, 'x')), start);
  CHECK(find(all, key_of("d")).empty());
  CHECK(all.entries() == 2);
}

TEST_CASE("a newer result takes the place of an older one") {
  kept_results all;
  all.end_read(result_of("a", "1"), start);
  all.end_read(result_of("a", "2"), start);
  CHECK(find(all, key_of("a")) == "2");
  CHECK(all.entries() == 1);
}

TEST_CASE("what is private is found by its principal alone, what is public by all") {
  kept_results all;
  auto own = result_of("a", "mine");
  own.key = key_of("a", "ann");
  all.end_read(own, start);
  CHECK(find(all, key_of("a", "ann")) == "mine");
  CHECK(find(all, key_of("a", "bob")).empty());
  CHECK(find(all, key_of("a")).empty());
  auto common = result_of("b", "ours");
  common.key = key_of("b", "ann");
  common.is_public = true;
  all.end_read(common, start);
  CHECK(find(all, key_of("b", "bob")) == "ours");
  CHECK(find(all, key_of("b")) == "ours");
}

TEST_CASE("the results of one server are dropped, or all") {
  kept_results all;
  all.end_read(result_of("a", "1", "s"), start);
  all.end_read(result_of("b", "2", "s"), start);
  all.end_read(result_of("c", "3", "t"), start);
  auto dropped = all.drop("s");
  CHECK(dropped.entries == 2);
  CHECK(find(all, key_of("a")).empty());
  CHECK(find(all, key_of("c")) == "3");
  CHECK(all.drop("").entries == 1);
  CHECK(all.bytes() == 0);
}

TEST_CASE("figures tell what happened to each server") {
  kept_results all;
  auto x = result_of("a", "1");
  x.shared = 4;
  all.end_read(x, start);
  all.end_read({key_of("b"), "t", std::nullopt, 0s, false, 0}, start);
  find(all, key_of("a"));
  auto figures = all.figures().servers;
  REQUIRE(figures.size() == 2);
  CHECK(figures[0].server == "s");
  CHECK(figures[0].entries == 1);
  CHECK(figures[0].bytes == all.bytes());
  CHECK(figures[0].hits == 1);
  CHECK(figures[0].misses == 1);
  CHECK(figures[0].shared == 4);
  CHECK(figures[1].misses == 1);
  CHECK(figures[1].entries == 0);
}

TEST_CASE("with no place nothing is kept") {
  kept_results all{{0, 1 << 20}};
  all.end_read(result_of("a", "1"), start);
  CHECK(find(all, key_of("a")).empty());
}
