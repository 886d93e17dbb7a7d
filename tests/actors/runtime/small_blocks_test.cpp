#include "actors/runtime/small_blocks.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

using hub::small_blocks;

namespace {

/// Makes and drops objects of all sizes in turns, each filled, and tells whether one
/// was written over by another.
bool blocks_are_apart() {
  struct block {
    std::unique_ptr<std::string> text;
    char letter;
  };
  std::vector<block> held;
  for (size_t round = 0; round < 2000; ++round) {
    auto letter = static_cast<char>('a' + round % 26);
    held.push_back({std::make_unique<std::string>(round % 1400, letter), letter});
    if (round % 3 == 2)
      held.erase(held.begin() + static_cast<std::ptrdiff_t>(round % held.size()));
  }
  return std::all_of(held.begin(), held.end(), [](const block& x) {
    return std::all_of(x.text->begin(), x.text->end(), [&x](char c) { return c == x.letter; });
  });
}

} // namespace

TEST_CASE("objects of a thread that keeps small blocks do not overlap") {
  auto apart = false;
  std::thread{[&apart] {
    small_blocks::keep();
    apart = blocks_are_apart() && blocks_are_apart();
    small_blocks::release();
    apart = apart && blocks_are_apart();
  }}.join();
  CHECK(apart);
}

TEST_CASE("what one thread has made another may drop, whoever of them keeps blocks") {
  std::vector<std::unique_ptr<std::string>> made;
  std::thread{[&made] {
    small_blocks::keep();
    for (size_t i = 0; i < 1000; ++i)
      made.push_back(std::make_unique<std::string>(i % 1200, 'x'));
    small_blocks::release();
  }}.join();
  std::thread{[&made] {
    small_blocks::keep();
    made.resize(500);
    small_blocks::release();
  }}.join();
  CHECK(made.size() == 500);
  CHECK(*made[499] == std::string(499, 'x'));
}

TEST_CASE("an allocation of nothing, and one that cannot be had, behave as ever") {
  std::thread{[] {
    small_blocks::keep();
    // Called by name: what `new` expressions ask for may be left out by the compiler.
    ::operator delete(::operator new(0), size_t{0});
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    // The sanitizers' own `new` ends the process.
    CHECK_THROWS_AS(::operator delete(::operator new(PTRDIFF_MAX / 2)), std::bad_alloc);
#endif
    small_blocks::release();
  }}.join();
}
