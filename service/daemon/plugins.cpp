#include "service/daemon/plugins.hpp"

#include "actors/plugin/plugin_process.hpp"
#include "actors/runtime/asio_coordinator.hpp"
#include "actors/transport/stdio_transport.hpp"
#include "service/config/launch.hpp"
#include "service/config/log_paths.hpp"
#include "service/daemon/known_variables.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <random>
#include <system_error>
#include <utility>

namespace hub {

namespace {

/// The longest message that a plugin may send, and how much may wait for it at the very most,
/// in bytes. What it is told is dropped long before.
constexpr size_t line_limit = 1 << 20;
constexpr size_t queue_limit = 8 << 20;

/// The most plugins; further ones are left out.
constexpr size_t plugins_limit = 64;

/// Whether a file is a program that this user may run.
bool is_program(const struct stat& facts, const std::filesystem::path& file) {
  return S_ISREG(facts.st_mode) && ::access(file.c_str(), X_OK) == 0;
}

/// A plugin runs with all that the hub may do, so nobody else may write it, or put one into the folder.
bool is_of_others(const struct stat& facts) {
  return (facts.st_uid != ::geteuid() && facts.st_uid != 0) || (facts.st_mode & S_IWOTH) != 0;
}

/// What decides whether a program is another one.
std::string stamp_of(const struct stat& facts) {
  return std::to_string(facts.st_dev) + ":" + std::to_string(facts.st_ino) + ":" + std::to_string(facts.st_size) + ":"
         + std::to_string(facts.st_mtim.tv_sec) + "." + std::to_string(facts.st_mtim.tv_nsec);
}

/// A name that can be the name of a log file and a word of a command.
bool is_name(const std::string& x) {
  return !x.empty() && x.size() <= 64 && std::ranges::all_of(x, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
  });
}

std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> result;
  std::error_code wrong;
  for (std::filesystem::directory_iterator i{folder, wrong}, end; !wrong && i != end; i.increment(wrong))
    result.push_back(i->path());
  std::ranges::sort(result);
  return result;
}

plugin_description* find(configure_plugins& all, const std::string& name) {
  auto i = std::ranges::find(all.plugins, name, &plugin_description::name);
  return i == all.plugins.end() ? nullptr : &*i;
}

void add_programs(configure_plugins& all, const backend_folders& folders) {
  struct stat place{};
  if (::stat(all.folder.c_str(), &place) == 0 && is_of_others(place)) {
    spdlog::warn("no program in {} is taken as a plugin, since others may write there: chmod o-w {}", all.folder, all.folder);
    return;
  }
  for (auto& file : files_in(all.folder)) {
    struct stat facts{};
    auto name = file.stem().string();
    if (name.starts_with('.') || ::stat(file.c_str(), &facts) != 0 || !is_program(facts, file) || !is_name(name))
      continue;
    if (find(all, name)) {
      spdlog::warn("{} is not taken as a plugin: there is another one named {}", file.string(), name);
      continue;
    }
    if (all.plugins.size() >= plugins_limit) {
      spdlog::warn("{} is not taken as a plugin: there are {} already", file.string(), plugins_limit);
      break;
    }
    plugin_description x;
    x.name = std::move(name);
    x.program = file.string();
    x.program_stamp = stamp_of(facts);
    x.log = plugin_log(folders.config, x.name).string();
    if (is_of_others(facts)) {
      x.problem = "is not started: others may write its file " + x.program;
      x.fix = "Make it yours alone: chmod o-w " + x.program;
    }
    all.plugins.push_back(std::move(x));
  }
}

void apply(configure_plugins& all, const hub_config& config) {
  auto& listed = config.plugins_enabled;
  for (auto& x : all.plugins)
    x.enabled = listed.empty() || std::ranges::find(listed, x.name) != listed.end();
  for (auto& entry : config.plugins) {
    auto* x = find(all, entry.name);
    if (!x) {
      all.plugins.emplace_back();
      x = &all.plugins.back();
      x->name = entry.name;
      x->problem = "cannot be started: there is no executable of that name in " + all.folder;
      x->fix = "Put it there (chmod +x), then run slm-hub reload; or take it out of \"plugins\" in the configuration.";
    }
    x->enabled = entry.enabled.value_or(x->enabled);
    x->settings = json_text{entry.settings};
    x->env = entry.env;
    x->time_limit = entry.time_limit;
    x->denies_without_verdict = entry.denies_on_failure;
  }
}

struct launch_context {
  backend_folders folders;
  variable_map environment;
};

std::variant<transport_actor, plugin_stopped>
open_program(caf::actor_system& system, const transport_owner& owner, const launch_context& context,
             const plugin_description& plugin, std::shared_ptr<std::atomic<size_t>> unwritten) {
  server_config wanted;
  wanted.name = plugin.name;
  wanted.command = plugin.program;
  wanted.env = plugin.env;
  wanted.cwd = std::filesystem::path{plugin.program}.parent_path().string();
  auto program = resolve_launch(wanted, known_variables(context.environment, context.folders.config));
  if (!program) {
    auto& first = program.errors().front();
    return plugin_stopped{{}, 0, "could not be started: " + first.where + ": " + first.cause, first.fix, {}, true};
  }
  stdio_settings settings{plugin.name, std::move(*program), plugin.log, context.folders.records(),
                          stdio_limits{line_limit, queue_limit}, std::move(unwritten)};
  auto& home = shard_of(system, std::hash<std::string>{}(plugin.name));
  return spawn_stdio_transport(system, home, owner, std::move(settings));
}

/// A run that ends at once, since there is something to fix first.
plugin_actor unable(caf::actor_system& system, const plugin_order& x, plugin_stopped why) {
  plugin_process_settings run{x.plugin, x.run, x.owner, x.gauge, {}};
  run.open = [why = std::move(why)](auto&, auto&, auto) { return why; };
  return caf::actor_cast<plugin_actor>(system.spawn(plugin_process, std::move(run)));
}

/// Makes plugins whose settings have their placeholders resolved, anew for each run.
plugin_maker with_settings(std::shared_ptr<const launch_context> context, plugin_maker make) {
  return [context = std::move(context), make = std::move(make)](caf::actor_system& system, const plugin_order& x) {
    // Most have none, and need no look at the secrets.
    if (x.plugin.settings.view().find("${") == std::string_view::npos)
      return make(system, x);
    auto text = resolve_settings(std::string{x.plugin.settings.view()}, known_variables(context->environment, context->folders.config));
    if (auto* wrong = std::get_if<unresolved_placeholder>(&text))
      return unable(system, x, {{}, 0, "could not be started: " + wrong->cause, wrong->fix, {}, true});
    auto resolved = x.plugin;
    resolved.settings = json_text{std::get<std::string>(std::move(text))};
    return make(system, plugin_order{resolved, x.run, x.owner, x.gauge});
  };
}

} // namespace

configure_plugins find_plugins(const hub_config& config, const backend_folders& folders,
                               const std::vector<std::string>& compiled_in) {
  configure_plugins result;
  result.folder = (folders.config / "plugins").string();
  for (auto& name : compiled_in) {
    result.plugins.emplace_back();
    result.plugins.back().name = name;
  }
  add_programs(result, folders);
  apply(result, config);
  return result;
}

wired_plugins spawn_plugins(caf::actor_system& system, const hub_config& config, const backend_folders& folders,
                            const variable_map& environment, std::map<std::string, plugin_maker> compiled_in) {
  wired_plugins result;
  result.gauge = std::make_shared<observer_gauge>();
  result.port = std::make_shared<plugin_port>();
  auto context = std::make_shared<const launch_context>(launch_context{folders, environment});
  plugin_host_settings settings;
  settings.gauge = result.gauge;
  settings.port = result.port;
  settings.seed = std::random_device{}();
  for (auto& [name, make] : compiled_in)
    settings.compiled_in[name] = with_settings(context, std::move(make));
  settings.make_program = with_settings(context, [context](caf::actor_system& system, const plugin_order& x) {
    plugin_process_settings run{x.plugin, x.run, x.owner, x.gauge, {}};
    run.open = [context, plugin = x.plugin](caf::actor_system& system, const transport_owner& owner,
                                            std::shared_ptr<std::atomic<size_t>> unwritten) {
      return open_program(system, owner, *context, plugin, std::move(unwritten));
    };
    return caf::actor_cast<plugin_actor>(system.spawn(plugin_process, std::move(run)));
  });
  result.host = system.spawn(plugin_host, std::move(settings));
  result.port->to = caf::actor_cast<plugin_news_actor>(result.host);
  auto found = find_plugins(config, folders, compiled_in_plugins);
  // What happens before the host has read this is not lost on them.
  result.port->wanted = std::ranges::any_of(found.plugins, &plugin_description::can_run);
  caf::anon_send(result.host, std::move(found));
  return result;
}

} // namespace hub
