// slm-hub-demo: a small MCP server over stdio, to see the hub at work before any other server is configured.

#include "demo/demo_server.hpp"
#include "demo/line_loop.hpp"

#include <csignal>
#include <cstdio>
#include <cstring>
#include <unistd.h>

namespace {

constexpr const char* usage = R"(slm-hub-demo: a demonstration MCP server over stdio

It reads JSON-RPC messages from standard input, one a line, and answers on
standard output until the input ends. Clients start it; to try it by hand:

  echo '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' | slm-hub-demo

Options:
  --help     Show this text
  --version  Show the version
)";

} // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "--version") == 0) {
    std::puts("slm-hub-demo " HUB_VERSION);
    return 0;
  }
  if (argc > 1) {
    auto asked = std::strcmp(argv[1], "--help") == 0;
    std::fputs(usage, asked ? stdout : stderr);
    return asked ? 0 : 2;
  }
  // A client that goes away shows as an error of write, not as a death.
  std::signal(SIGPIPE, SIG_IGN);
  using hub::demo::line_loop;
  line_loop loop{STDIN_FILENO, STDOUT_FILENO};
  hub::demo::demo_server server{[&](std::string_view message) { loop.write(message); }};
  line_loop::callbacks on;
  on.on_line = [&](std::string_view line) { server.receive(line, line_loop::clock::now()); };
  on.on_long_line = [&] { server.receive("", line_loop::clock::now()); };
  on.on_time = [&] { server.tick(line_loop::clock::now()); };
  on.next_time = [&] { return server.next_tick(); };
  std::fputs("slm-hub-demo " HUB_VERSION " is ready\n", stderr);
  return loop.run(on) ? 0 : 1;
}
