#include "demo/line_loop.hpp"

#include <array>
#include <csignal>
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

using hub::demo::line_loop;

namespace {

/// A loop between two sockets, whose other ends the test holds.
struct looped {
  looped() {
    signal(SIGPIPE, SIG_IGN);
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, input.data()) == 0);
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, output.data()) == 0);
    on.on_line = [this](std::string_view line) { lines.emplace_back(line); };
    on.on_long_line = [this] { ++long_lines; };
    on.on_time = [] {};
    on.next_time = [] { return std::nullopt; };
  }

  ~looped() {
    for (auto fd : {input[0], input[1], output[0], output[1]})
      close(fd);
  }

  void type(const std::string& text) {
    size_t done = 0;
    while (done < text.size())
      done += static_cast<size_t>(write(input[1], text.data() + done, text.size() - done));
  }

  void end_input() {
    shutdown(input[1], SHUT_WR);
  }

  std::array<int, 2> input{};
  std::array<int, 2> output{};
  line_loop loop{0, 1};
  line_loop::callbacks on;
  std::vector<std::string> lines;
  int long_lines = 0;
};

} // namespace

TEST_CASE_FIXTURE(looped, "lines come one by one and blank ones are left out") {
  loop = line_loop{input[0], output[0]};
  type("one\n\n  \r\ntwo\nhalf");
  end_input();
  CHECK(loop.run(on));
  CHECK(lines == std::vector<std::string>{"one", "two"});
}

TEST_CASE_FIXTURE(looped, "an endless line is thrown away and the next one is taken") {
  loop = line_loop{input[0], output[0]};
  std::thread typist{[&] {
    type(std::string(9 * 1024 * 1024, 'x') + "\nnext\n");
    end_input();
  }};
  CHECK(loop.run(on));
  typist.join();
  CHECK(lines == std::vector<std::string>{"next"});
  CHECK(long_lines == 1);
}

TEST_CASE_FIXTURE(looped, "all that is queued is written before the loop ends") {
  loop = line_loop{input[0], output[0]};
  constexpr size_t size = 3 * 1024 * 1024;
  on.on_line = [&](std::string_view) { loop.write(std::string(size, 'y')); };
  type("go\n");
  end_input();
  size_t received = 0;
  std::thread reader{[&] {
    std::vector<char> chunk(1 << 16);
    while (received < size + 1)
      received += static_cast<size_t>(read(output[1], chunk.data(), chunk.size()));
  }};
  CHECK(loop.run(on));
  reader.join();
  CHECK(received == size + 1);
}

TEST_CASE_FIXTURE(looped, "the loop ends when nobody reads what it writes") {
  loop = line_loop{input[0], output[0]};
  on.on_line = [&](std::string_view) { loop.write("answer"); };
  shutdown(output[1], SHUT_RD);
  type("go\n");
  CHECK(!loop.run(on));
}

TEST_CASE_FIXTURE(looped, "the loop wakes when a time has come") {
  loop = line_loop{input[0], output[0]};
  int calls = 0;
  on.on_time = [&] {
    if (++calls == 3)
      end_input();
  };
  on.next_time = [] { return line_loop::clock::now(); };
  CHECK(loop.run(on));
  CHECK(calls >= 3);
}
