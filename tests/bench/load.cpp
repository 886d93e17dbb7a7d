// bench_load: clients that verify what they are answered. `bench_load COMMAND --help` explains; results are lines of
// JSON.

#include "tests/bench/load_commands.hpp"

#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

int main(int argc, char** argv) {
  using namespace hub::bench;
  load_options options;
  CLI::App app{"Load generator for an MCP endpoint on the loopback address."};
  app.require_subcommand(1);
  auto with_url = [&](CLI::App* command) {
    command->add_option("--port", options.port, "Port of the contender")->required();
    command->add_option("--path", options.path, "Path of the endpoint");
    return command;
  };
  auto with_call = [&](CLI::App* command) {
    command->add_option("--tool", options.shape.tool, "Tool to call")->take_last();
    command->add_option("--bytes", options.shape.bytes, "Size of the text that blob answers with");
    command->add_option("--ms", options.shape.ms, "Time that wait and stall take");
    command->add_flag("--stateless", options.shape.stateless, "Call by 2026-07-28, without a session");
    command->add_option("--progress", options.shape.progress, "How many notifications of progress have to come");
    command->add_option("--seconds", options.seconds, "Length of the measured window");
    command->add_option("--warmup", options.warmup_seconds, "Seconds of calls before it that do not count");
    command->add_option("--limit", options.limit_seconds, "Seconds that an answer may take");
    return command;
  };
  auto* call = with_call(with_url(app.add_subcommand("call", "Call a tool in a closed loop")));
  call->add_flag("--meta", options.shape.through_meta_tool, "Call by hub__call_tool");
  call->add_option("--sessions", options.sessions, "How many clients")->check(CLI::Range(1, 2000));
  call->add_option("--calls", options.calls_per_session, "Calls of each client instead of a time");
  call->add_option("--watch", options.watched, "Process whose processor time is counted");
  call->add_option("--beside", options.beside, "Other processes of the measured path, which are no foreign load");
  auto* pipe = with_call(app.add_subcommand("pipe", "Call a tool over the pipes of a command"));
  pipe->add_option("command", options.command, "Command and arguments")->required();
  auto* hold = with_url(app.add_subcommand("hold", "Keep idle sessions until standard input ends"));
  hold->add_option("--sessions", options.sessions, "How many clients")->check(CLI::Range(1, 2000));
  hold->add_flag("--streams", options.streams, "Open the event stream of each session too");
  auto* start = with_url(app.add_subcommand("start", "Time the start of a daemon"));
  start->add_option("command", options.command, "Command and arguments")->required();
  CLI11_PARSE(app, argc, argv);
  try {
    if (*call)
      return run_calls(options);
    if (*pipe)
      return run_pipe(options);
    if (*hold)
      return run_hold(options);
    return run_start(options);
  } catch (const std::exception& e) {
    std::cerr << "bench_load: " << e.what() << '\n';
    return 1;
  }
}
