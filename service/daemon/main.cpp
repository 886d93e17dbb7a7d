#include "service/daemon/daemon.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

int main(int argc, char** argv) {
  hub::daemon_options options;
  CLI::App app{"The daemon of slm-hub. People start it by `slm-hub start`.", "slm-hubd"};
  app.set_version_flag("--version", HUB_VERSION);
  app.add_option("--config-dir", options.config_dir,
                 "The folder of config.json (default: $SLM_HUB_CONFIG_DIR or ~/.slm-mcp-hub)");
  app.add_option("--host", options.host, "The loopback address to listen on");
  app.add_option("--port", options.port, "The port to listen on; 0 takes a free one");
  app.add_option("--log-level", options.log_level,
                 "trace, debug, info, warning, error, critical or off");
  app.add_option("--log-format", options.log_format, "auto, text or json");
  app.add_flag("--detached", options.detached, "Write the log to its files only");
  app.add_flag("--check", options.check, "Only say whether the hub could start by its files");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& x) {
    return app.exit(x) == 0 ? 0 : 2;
  }
  try {
    return options.check ? hub::check_daemon(options) : hub::run_daemon(options);
  } catch (const std::exception& x) {
    std::fprintf(stderr, "slm-hubd: %s\n", x.what());
    return 1;
  }
}
