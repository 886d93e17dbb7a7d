// slm-hub: the command line of the hub.

#include "cli/program.hpp"

#include <iostream>

int main(int argc, char** argv) {
  auto io = hub::cli::process_console();
  auto result = hub::cli::run({argv + 1, argv + argc}, io, hub::process_environment());
  std::cout.flush();
  return static_cast<int>(result);
}
