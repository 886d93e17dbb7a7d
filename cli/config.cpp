#include "cli/commands.hpp"
#include "cli/quantity.hpp"
#include "service/config/config_file.hpp"
#include "service/config/config_parser.hpp"
#include "service/config/display.hpp"

#include <ostream>

namespace hub::cli {

exit_code config_init(const command_context& context) {
  auto file = context.config_file();
  if (auto wrong = init_config(file))
    fail({*wrong});
  context.io.out << "Wrote " << file.string() << "\nAdd servers to it, or take those of your AI clients with: "
                 << "slm-hub setup import\n";
  return exit_code::ok;
}

exit_code config_show(const command_context& context) {
  auto loaded = load_config(context.config_file());
  if (!loaded)
    fail(loaded.errors());
  auto config = apply_environment(std::move(*loaded), context.environment);
  if (!config)
    fail(config.errors());
  warn(context.io, config->warnings);
  context.io.out << render_config_for_display(*config) << '\n';
  return exit_code::ok;
}

exit_code config_validate(const command_context& context, const std::string& path) {
  auto file = path.empty() ? context.config_file() : std::filesystem::path{path};
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored))
    throw command_error{"there is no file " + file.string()
                        + (path.empty() ? "; make one with: slm-hub config init" : "; check the path")};
  auto config = load_config(file);
  if (!config)
    fail(config.errors());
  warn(context.io, config->warnings);
  auto servers = counted(static_cast<int64_t>(config->servers.size()), "server");
  context.io.out << file.string() << " is valid: " << servers << '\n';
  return exit_code::ok;
}

exit_code config_path(const command_context& context) {
  context.io.out << context.config_file().string() << '\n';
  return exit_code::ok;
}

} // namespace hub::cli
