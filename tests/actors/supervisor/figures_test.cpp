#include "actors/supervisor/call_figures.hpp"
#include "actors/supervisor/resident_memory.hpp"

#include <doctest/doctest.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace hub;

TEST_SUITE_BEGIN("figures of a server");

TEST_CASE("without calls there are no figures") {
  call_figures figures;
  CHECK(figures.p95_ms() == 0);
  CHECK(figures.calls() == 0);
}

TEST_CASE("the percentile is that of the calls there were") {
  call_figures figures;
  for (int i = 1; i <= 100; ++i)
    figures.add(i * 1000, i % 10 == 0);
  CHECK(figures.p95_ms() == doctest::Approx(95));
  CHECK(figures.calls() == 100);
  CHECK(figures.errors() == 10);
}

TEST_CASE("one call is its own percentile") {
  call_figures figures;
  figures.add(1500, false);
  CHECK(figures.p95_ms() == doctest::Approx(1.5));
}

TEST_CASE("only the last calls count for the percentile") {
  call_figures figures;
  for (int i = 0; i < 1000; ++i)
    figures.add(9'000'000, true);
  for (size_t i = 0; i < call_figures::window; ++i)
    figures.add(1000, false);
  CHECK(figures.p95_ms() == doctest::Approx(1));
  CHECK(figures.errors() == 1000);
}

TEST_CASE("a duration out of all reason does no harm") {
  call_figures figures;
  figures.add(-5, false);
  CHECK(figures.p95_ms() == 0);
  figures.add(INT64_MAX, false);
  CHECK(figures.p95_ms() == doctest::Approx(3'600'000));
}

TEST_CASE("the memory of a process includes that of its children") {
  auto alone = resident_memory({::getpid()});
  CHECK(alone > 1'000'000);
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    char c = 0;
    // Lives until the parent closes its end.
    ::close(pipe[1]);
    static_cast<void>(::read(pipe[0], &c, 1) + 0);
    ::_exit(0);
  }
  CHECK(resident_memory({child}) > 0);
  CHECK(resident_memory({::getpid()}) > alone);
  ::close(pipe[0]);
  ::close(pipe[1]);
  ::waitpid(child, nullptr, 0);
}

TEST_CASE("who does not run has no memory") {
  CHECK(resident_memory({}) == 0);
  CHECK(resident_memory({-1}) == 0);
}
