#include "actors/runtime/printer.hpp"

#include "tests/support/live_system.hpp"
#include "tests/support/stage.hpp"

#include <caf/actor_ostream.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <iostream>

using namespace hub;
using namespace hub::test;

TEST_SUITE_BEGIN("printer");

namespace {

/// Collects what the process writes to stdout while it lives.
class captured_stdout {
public:
  captured_stdout() : file_(tmpfile()), before_(dup(STDOUT_FILENO)) {
    flush();
    dup2(fileno(file_), STDOUT_FILENO);
  }

  captured_stdout(const captured_stdout&) = delete;
  captured_stdout& operator=(const captured_stdout&) = delete;

  ~captured_stdout() {
    flush();
    dup2(before_, STDOUT_FILENO);
    close(before_);
    fclose(file_);
  }

  /// How many bytes were written so far.
  off_t size() {
    flush();
    return lseek(fileno(file_), 0, SEEK_END);
  }

private:
  static void flush() {
    std::cout.flush();
    fflush(stdout);
  }

  FILE* file_;
  int before_;
};

} // namespace

TEST_CASE("what CAF says about a message that nobody handles goes to the log, not to stdout") {
  captured_stdout out;
  live_system live;
  {
    caf::scoped_actor self{live.system, true};
    auto deaf = live.system.spawn([](caf::event_based_actor* me) -> caf::behavior {
      me->set_default_handler(caf::print_and_drop);
      return {[](int) {}};
    });
    self->request(deaf, patience, std::string{"who are you?"})
      .receive([](int) { FAIL("it should not understand"); },
               [](caf::error& x) { CHECK(x == caf::sec::unexpected_message); });
  }
  // The line went to the printer before the error went to the asker, and the
  // printer's turn comes before this handler's.
  on(shard_of(live.system), [] {});
  CHECK(out.size() == 0);
  auto lines = live.printed.all();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("who are you?") != std::string::npos);
}

TEST_CASE_FIXTURE(stage, "a line is printed when it is whole, when it is flushed or when its actor ends") {
  std::vector<std::string> lines;
  auto who = system.spawn(printer, [&](std::string_view x) { lines.emplace_back(x); });
  auto write = [&](caf::actor_id id, std::string text) {
    self->send(who, caf::add_atom::value, id, std::move(text));
    settle();
  };
  write(1, "one ");
  write(2, "two\nthr");
  CHECK(lines == std::vector<std::string>{"two"});
  write(1, "line\n");
  CHECK(lines == std::vector<std::string>{"two", "one line"});
  write(2, "ee");
  self->send(who, caf::flush_atom::value, caf::actor_id{2});
  settle();
  CHECK(lines.back() == "three");
  write(1, "last words");
  self->send(who, caf::delete_atom::value, caf::actor_id{1});
  settle();
  CHECK(lines.back() == "last words");
  CHECK(lines.size() == 4);
  write(1, std::string(printed_line_size_max * 2 + 1, 'x'));
  CHECK(lines.size() == 6);
  CHECK(lines.back().size() == printed_line_size_max);
}

TEST_CASE("what actors print as the system stops is not lost") {
  printed_lines printed;
  {
    caf::actor_system_config config;
    load_runtime(config, 1, [&](std::string_view x) { printed.add(x); });
    caf::actor_system system{config};
    system.spawn([](caf::event_based_actor* self) { caf::aout(self) << "goodbye" << std::endl; });
  }
  CHECK(printed.all() == std::vector<std::string>{"goodbye"});
}
