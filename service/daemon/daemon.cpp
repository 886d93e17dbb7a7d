#include "service/daemon/daemon.hpp"

#include "actors/runtime/asio_coordinator.hpp"
#include "actors/transport/child_record.hpp"
#include "actors/transport/control_group.hpp"
#include "actors/transport/offspring.hpp"
#include "actors/watchdog/watchdog.hpp"
#include "server/http_server.hpp"
#include "server/listener.hpp"
#include "service/config/config_file.hpp"
#include "service/config/config_parser.hpp"
#include "service/daemon/banner.hpp"
#include "service/daemon/configuration_keeper.hpp"
#include "service/daemon/first_run.hpp"
#include "service/daemon/hub_actors.hpp"
#include "service/daemon/memory.hpp"
#include "service/daemon/logging.hpp"
#include "service/daemon/own_certificate.hpp"
#include "service/daemon/reexecution.hpp"
#include "service/daemon/service_notifier.hpp"
#include "service/daemon/signals.hpp"
#include "service/daemon/single_instance.hpp"
#include "service/daemon/start_pages.hpp"
#include "service/daemon/start_words.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <caf/spawn_options.hpp>
#include <spdlog/spdlog.h>

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <future>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>

namespace hub {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// How long servers may take to be ended before the hub goes anyway: their
/// groups are killed with the actors that own them.
constexpr seconds stop_limit{15};

/// How long the audit, or a collector of traces, may take to take the last of them.
constexpr seconds settle_records_limit{2};

/// How long plugins may take to be ended.
constexpr seconds plugin_limit{8};

/// How long what servers left behind may take to die of SIGKILL.
constexpr seconds stray_limit{2};

/// How long the first summary of servers is waited for.
constexpr seconds settle_limit{120};

/// How long the first clients are answered before the pages of the start go.
constexpr milliseconds start_pages_delay{250};

/// Memory of large results goes back to the system when they are sent, and not
/// into a heap that only grows. Results of a megabyte reuse theirs: new pages for
/// each would cost half of the throughput.
void tune_memory() {
  mallopt(M_MMAP_THRESHOLD, 4 * 1024 * 1024);
  mallopt(M_TRIM_THRESHOLD, 4 * 1024 * 1024);
  mallopt(M_ARENA_MAX, 2);
}

int fail(const std::string& text) {
  std::cerr << cannot_start << text << '\n';
  return 1;
}

/// Asks an actor from outside the actor world.
template <class Answer, class Handle, class Question>
std::future<std::optional<Answer>> ask(caf::actor_system& system, const Handle& whom, Question x) {
  auto promise = std::make_shared<std::promise<std::optional<Answer>>>();
  auto result = promise->get_future();
  system.spawn<caf::hidden>([=](caf::event_based_actor* self) {
    self->request(whom, caf::infinite, x)
      .then([promise](Answer& answer) { promise->set_value(std::move(answer)); },
            [promise](const caf::error&) { promise->set_value(std::nullopt); });
  });
  return result;
}

/// Waits for an answer and for signals; calls `hurry` at each signal.
/// Returns false if the answer did not come in time.
template <class Answer, class Hurry>
bool await(std::future<Answer>& answer, end_signals& signals, seconds limit, Hurry hurry) {
  auto deadline = std::chrono::steady_clock::now() + limit;
  while (answer.wait_for(milliseconds{20}) != std::future_status::ready) {
    if (signals.wait(milliseconds{0}) != 0)
      hurry();
    if (std::chrono::steady_clock::now() >= deadline)
      return false;
  }
  return true;
}

/// What the hub starts with, and how it is to end.
struct prepared {
  std::optional<hub_config> config;
  std::filesystem::path folder;
  std::filesystem::path file;
  variable_map environment;
  std::shared_ptr<const service_notifier> notifier;

  /// Set when the hub was told to begin anew: the port that its clients know.
  std::optional<uint16_t> next_port;
};

/// Command line over environment over file.
void apply_options(prepared& x, const daemon_options& options) {
  auto set = [&x](const char* name, const std::string& value) { x.environment[name] = value; };
  if (!options.config_dir.empty())
    set("SLM_HUB_CONFIG_DIR", options.config_dir);
  if (options.host)
    set("SLM_HUB_HOST", *options.host);
  if (options.port)
    set("SLM_HUB_PORT", std::to_string(*options.port));
  if (options.log_level)
    set("SLM_HUB_LOG_LEVEL", *options.log_level);
  if (options.log_format)
    set("SLM_HUB_LOG_FORMAT", *options.log_format);
}

std::filesystem::path demo_program() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "slm-hub-demo";
}

/// Reads the configuration, and makes one if there is none.
std::optional<std::string> read_config(prepared& x) {
  x.file = config_file_in(x.folder);
  std::error_code ignored;
  if (!std::filesystem::exists(x.file, ignored)) {
    auto defaults = apply_environment(hub_config{}, x.environment);
    if (!defaults)
      return to_string(defaults.errors());
    auto made = make_first_config(x.file, x.environment, defaults->port, demo_program());
    if (!made)
      return to_string(made.errors());
    std::cout << "Made a first configuration with " << made->servers
              << (made->servers == 1 ? " server: " : " servers: ") << x.file.string() << '\n';
    for (auto& line : made->lines)
      std::cout << "  " << line << '\n';
  }
  auto loaded = load_config(x.file);
  if (!loaded)
    return to_string(loaded.errors());
  auto applied = apply_environment(std::move(*loaded), x.environment);
  if (!applied)
    return to_string(applied.errors());
  x.config = std::move(*applied);
  return std::nullopt;
}

server_settings doors_of(const prepared& x, const hub_access& access, std::shared_ptr<const tls_cell> tls) {
  server_settings result;
  result.tls = std::move(tls);
  result.rate = {x.config->rate_limit.per_second, x.config->rate_limit.burst};
  result.access = access.tokens;
  result.token_required = access.token_required;
  result.permissions = access.permissions;
  result.audit = access.audit;
  result.store = access.store;
  result.host = x.config->host;
  result.port = x.config->port;
  result.socket_path = (x.folder / "hub.sock").string();
  result.cors_origins = x.config->cors_origins;
  result.connections_limit = x.config->max_connections;
  result.body_limit = x.config->max_body_bytes;
  result.version = HUB_VERSION;
  result.config_file = x.file.string();
  result.config_dir = x.folder.string();
  result.on_stop = &end_signals::raise;
  result.on_restart = &end_signals::raise_restart;
  result.run = std::to_string(std::chrono::system_clock::now().time_since_epoch().count());
  return result;
}

/// Prints how the servers are as soon as all have been tried. Returns early
/// with the signal if one comes.
int await_settled(caf::actor_system& system, const hub_actors& actors, end_signals& signals) {
  auto deadline = std::chrono::steady_clock::now() + settle_limit;
  while (std::chrono::steady_clock::now() < deadline) {
    if (auto number = signals.wait(milliseconds{250}))
      return number;
    auto status = ask<hub_status>(system, actors.supervisor, get_status{}).get();
    if (!status)
      return 0;
    if (!is_settling(*status)) {
      std::cout << "Servers: " << server_summary(*status) << std::flush;
      return 0;
    }
  }
  return 0;
}

/// Keeps the service manager told that the shards work, if it wants to hear that.
watchdog_actor start_watchdog(caf::actor_system& system, size_t shards,
                              const std::shared_ptr<const service_notifier>& notifier) {
  if (!notifier->active() || notifier->watchdog().count() <= 0)
    return {};
  // Three chances in each period.
  return spawn_pinned<watchdog>(system, shard_of(system), shards, notifier->watchdog() / 3,
                                [notifier] { notifier->alive(); });
}

/// Ends in good order: calls first, then servers, then doors.
void shut_down_hub(caf::actor_system& system, http_server& doors, hub_actors& actors,
                   end_signals& signals, seconds grace) {
  spdlog::info("slm-hub stops: new calls are refused, those in flight get up to {} s",
               grace.count());
  actors.ending->store(true);
  doors.drain();
  tell_plugins(actors.plugin_port, plugin_event::hub_stopping{});
  auto supervisor = actors.supervisor;
  auto calls = actors.calls;
  auto hurry = [&] {
    spdlog::warn("slm-hub hurries: calls in flight are given up, servers are killed");
    caf::anon_send(calls, drain_calls{milliseconds{0}});
    caf::anon_send_exit(supervisor, caf::exit_reason::kill);
  };
  auto drained = ask<calls_drained>(system, calls, drain_calls{grace});
  await(drained, signals, grace + seconds{2}, hurry);
  auto stopped = ask<shut_down_done>(system, supervisor, shut_down{});
  if (!await(stopped, signals, stop_limit, hurry))
    spdlog::error("not all servers ended within {} s; they are killed", stop_limit.count());
  // What was noted of the last calls is written and sent.
  for (auto& observer : *actors.observers) {
    auto settled = ask<records_settled>(system, observer.to, settle_records{});
    await(settled, signals, settle_records_limit, hurry);
  }
  auto noted = ask<records_settled>(system, actors.ledger, settle_records{});
  await(noted, signals, settle_records_limit, hurry);
  doors.stop();
  auto told = ask<sessions_ended>(system, actors.sessions, end_sessions{});
  await(told, signals, plugin_limit, hurry);
  auto unplugged = ask<plugins_stopped>(system, actors.plugins, stop_plugins{});
  if (!await(unplugged, signals, plugin_limit, hurry))
    spdlog::error("not all plugins ended within {} s; they are killed", plugin_limit.count());
  end_hub(actors);
  // What the servers had left behind dies one generation after the other.
  for (auto until = std::chrono::steady_clock::now() + stray_limit;
       (offspring::of_this_process().end_strays() > 0 || offspring::of_this_process().is_starting())
       && std::chrono::steady_clock::now() < until;)
    signals.wait(milliseconds{10});
}

/// What the port needs.
struct port_files {
  hub_access access;

  /// Null without TLS.
  tls_door_ptr certificate;
};

config_result<port_files> open_port_files(const prepared& x) {
  auto& config = *x.config;
  auto access = open_access(config, x.folder);
  if (!access)
    return access.errors();
  auto certificate = open_tls(config, x.folder, x.environment);
  if (!certificate)
    return certificate.errors();
  if (!is_loopback_host(config.host) && !config.tls.enabled && !config.allow_plain_http)
    return config_error{"host", "the hub would listen on " + config.host + " without TLS, where tokens and calls can be read on the way",
                        "set \"tls\": true in the configuration, or \"allow_plain_http\": true if a tunnel or proxy in front of it "
                        "sees to that"};
  return port_files{std::move(*access), std::move(*certificate)};
}

int serve(prepared& x, end_signals& signals, single_instance& instance) {
  auto& config = *x.config;
  backend_folders folders{x.folder};
  auto opened = open_port_files(x);
  if (!opened)
    return fail(to_string(opened.errors()));
  auto& [access, certificate] = *opened;
  auto tls = config.tls.enabled ? std::make_shared<tls_cell>(certificate) : nullptr;
  if (!is_loopback_host(config.host) && !tls)
    spdlog::warn("the hub listens on {} without TLS: tokens and calls can be read on the way", config.host);
  offspring::of_this_process().adopt_orphans();
  control_groups::of_this_process().take_over();
  if (auto killed = reap_leftovers(folders.records()))
    spdlog::warn("ended {} servers that a killed hub had left", killed);
  auto disk = open_database(x.folder, *access.store);
  caf::actor_system_config settings;
  load_runtime(settings, config.shards,
               [](std::string_view line) { spdlog::warn("{}", line); });
  caf::actor_system system{settings};
  system.await_actors_before_shutdown(false);
  http_server doors{system, doors_of(x, access, tls)};
  auto actors = spawn_hub(system, config, folders, x.environment, std::move(disk), access);
  auto keeper = system.spawn<caf::detached>(
    configuration_keeper, keeper_settings{x.file, x.environment, config, folders, actors.directory,
                                          actors.supervisor, actors.catalog,
                                          caf::actor_cast<permission_reader>(actors.sessions), actors.audit, actors.plugins,
                                          access.token_required, access.permissions, actors.budgets, actors.saved, tls, x.notifier});
  // Once the plugin host has answered, the call path knows which plugins have to agree to calls.
  if (std::ranges::any_of(config.plugins, &plugin_config::denies_on_failure))
    ask<report>(system, actors.plugins, get_report{"plugins", {}}).get();
  doors.start({caf::actor_cast<session_registry_actor>(actors.sessions), actors.supervisor,
               actors.calls, caf::actor_cast<tool_lister_actor>(actors.sessions),
               caf::actor_cast<login_actor>(actors.grants), keeper,
               caf::actor_cast<tool_review_actor>(actors.catalog), actors.access, actors.locks, actors.observers, actors.reports});
  // Also if there is no plugin: one may come later.
  caf::anon_send(actors.plugins, plugin_news{std::make_shared<const plugin_event>(
                                   plugin_event{std::chrono::system_clock::now(), plugin_event::hub_started{}})});
  instance.describe("pid " + std::to_string(::getpid()) + " at " + doors.endpoint() + "\n");
  auto status = ask<hub_status>(system, actors.supervisor, get_status{}).get();
  std::cout << ready_banner(doors.endpoint(), x.file.string(), config.groups,
                            status.value_or(hub_status{}), needs_tokens(config),
                            certificate ? certificate->fingerprint() : "",
                            certificate && config.tls.cert.empty()
                              ? certificate_files(config, x.folder, x.environment).cert.string()
                              : "",
                            memory_line(system, actors.plugins))
            << std::flush;
  auto guard = start_watchdog(system, config.shards, x.notifier);
  x.notifier->ready(doors.endpoint() + ", " + server_summary(status.value_or(hub_status{})));
  auto number = status && is_settling(*status) ? await_settled(system, actors, signals) : 0;
  // Without a terminal, a hangup is the usual word for "read your configuration again".
  auto reloads = [at_terminal = ::isatty(STDIN_FILENO) == 1](int signal) { return signal == SIGHUP && !at_terminal; };
  if (number == 0)
    number = signals.wait(start_pages_delay);
  if (number == 0 || reloads(number))
    give_back_start_pages();
  for (; number == 0 || reloads(number); number = signals.wait())
    if (number != 0)
      caf::anon_send(keeper, reload_configuration{});
  caf::anon_send_exit(keeper, caf::exit_reason::user_shutdown);
  if (number == SIGUSR2) {
    x.next_port = doors.port();
    x.notifier->reloading();
  } else {
    x.notifier->stopping();
  }
  shut_down_hub(system, doors, actors, signals, config.shutdown_grace);
  if (guard)
    caf::anon_send_exit(guard, caf::exit_reason::user_shutdown);
  spdlog::info("slm-hub has stopped");
  return 0;
}

} // namespace

int check_daemon(const daemon_options& options) {
  auto say = [](const std::string& text) {
    std::cerr << text << '\n';
    return 1;
  };
  prepared x;
  x.environment = process_environment();
  apply_options(x, options);
  auto folder = config_folder(x.environment);
  if (!folder)
    return say(to_string(folder.errors()));
  x.folder = std::move(*folder);
  auto loaded = load_config(config_file_in(x.folder));
  if (!loaded)
    return say(to_string(loaded.errors()));
  auto applied = apply_environment(std::move(*loaded), x.environment);
  if (!applied)
    return say(to_string(applied.errors()));
  x.config = std::move(*applied);
  auto opened = open_port_files(x);
  return opened ? 0 : say(to_string(opened.errors()));
}

int run_daemon(const daemon_options& options) {
  tune_memory();
  end_signals signals;
  prepared x;
  x.environment = process_environment();
  x.notifier = std::make_shared<const service_notifier>(x.environment);
  apply_options(x, options);
  auto folder = config_folder(x.environment);
  if (!folder)
    return fail(to_string(folder.errors()));
  x.folder = std::move(*folder);
  std::error_code wrong;
  if (std::filesystem::create_directories(x.folder, wrong))
    std::filesystem::permissions(x.folder, std::filesystem::perms::owner_all, wrong);
  if (wrong)
    return fail("the folder " + x.folder.string() + " cannot be made: " + wrong.message());
  single_instance instance{x.folder};
  if (!instance.failure().empty())
    return fail(instance.failure() + "; give yourself the right to write in " + x.folder.string()
                + ", or choose another folder with --config-dir or SLM_HUB_CONFIG_DIR");
  if (!instance.held())
    return fail(std::string{folder_taken} + x.folder.string() + " (" + instance.holder()
                + "). See it with `slm-hub status`, end it with `slm-hub stop`, or give this one "
                  "its own folder by --config-dir and its own --port.");
  if (auto cause = read_config(x))
    return fail("the configuration is wrong:\n" + *cause);
  start_logging(x.folder / "logs", x.config->log_level, log_format_of(x.config->log_format), !options.detached);
  for (auto& warning : x.config->warnings)
    spdlog::warn("{}", to_string(warning));
  auto result = 1;
  try {
    result = serve(x, signals, instance);
  } catch (const listen_error& error) {
    result = fail(error.what());
  }
  if (x.next_port)
    spdlog::info("slm-hub begins anew");
  stop_logging();
  if (!x.next_port)
    return result;
  auto again = options;
  again.config_dir = x.folder.string();
  // Clients come back to the port that they know, if nobody has chosen one.
  if (x.config->port == 0)
    again.port = x.next_port;
  x.notifier->give_back();
  return fail(execute_again(again));
}

} // namespace hub
