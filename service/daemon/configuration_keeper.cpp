#include "service/daemon/configuration_keeper.hpp"

#include "messages/reply.hpp"
#include "service/config/config_file.hpp"
#include "service/config/config_parser.hpp"
#include "service/daemon/access.hpp"
#include "service/daemon/configured_servers.hpp"
#include "service/daemon/own_certificate.hpp"
#include "service/daemon/plugins.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

namespace hub {

namespace {

using pointer = configuration_actor::stateful_pointer<configuration_keeper_state>;

constexpr std::chrono::seconds watch_interval{1};

/// Whether two entries say the same, wherever they stand.
bool alike(server_config a, server_config b) {
  a.origin.clear();
  b.origin.clear();
  return a == b;
}

void compare_servers(const hub_config& before, const hub_config& after, configuration_reloaded& result) {
  auto find = [](const hub_config& config, const std::string& name) {
    auto i = std::ranges::find(config.servers, name, &server_config::name);
    return i == config.servers.end() ? nullptr : &*i;
  };
  for (auto& x : before.servers)
    if (!find(after, x.name))
      result.removed.push_back(x.name);
  for (auto& x : after.servers) {
    auto* old = find(before, x.name);
    if (!old)
      result.added.push_back(x.name);
    else if (!alike(*old, x))
      result.changed.push_back(x.name);
  }
}

/// What is read once, when the hub starts.
void compare_settings(const hub_config& before, const hub_config& after, configuration_reloaded& result) {
  auto compare = [&](auto member, const char* name) {
    if (before.*member != after.*member)
      result.at_next_start.emplace_back(name);
  };
  compare(&hub_config::host, "host");
  compare(&hub_config::port, "port");
  compare(&hub_config::session_timeout, "session_timeout_seconds");
  compare(&hub_config::max_sessions, "max_sessions");
  compare(&hub_config::max_connections, "max_connections");
  compare(&hub_config::idle_shutdown, "idle_shutdown_seconds");
  compare(&hub_config::cors_origins, "cors_origins");
  compare(&hub_config::learn_unknown, "learn_unknown");
  compare(&hub_config::warm_up, "warm_up");
  compare(&hub_config::tls, "tls");
  compare(&hub_config::rate_limit, "rate_limit");
  compare(&hub_config::allow_plain_http, "allow_plain_http");
  compare(&hub_config::secret_commands, "secret_commands");
  compare(&hub_config::learning, "learning");
  compare(&hub_config::locks, "locks");
  compare(&hub_config::log_format, "log_format");
  compare(&hub_config::telemetry, "telemetry");
  compare(&hub_config::otlp, "otlp");
  compare(&hub_config::max_concurrent_starts, "max_concurrent_starts");
  compare(&hub_config::start_timeout, "start_timeout_seconds");
  compare(&hub_config::request_timeout, "request_timeout_seconds");
  compare(&hub_config::shutdown_grace, "shutdown_grace_seconds");
  compare(&hub_config::search_token_budget, "search_token_budget");
  compare(&hub_config::embeddings, "search.embeddings");
  compare(&hub_config::federated_tools, "federated_tools");
  compare(&hub_config::shards, "shards");
  compare(&hub_config::cache_max_entries, "cache_max_entries");
  compare(&hub_config::cache_max_bytes, "cache_max_bytes");
  compare(&hub_config::max_message_bytes, "max_message_bytes");
  compare(&hub_config::max_body_bytes, "max_body_bytes");
}

/// Tells the service manager that a reading is over, when it goes out of scope.
class told_reading {
public:
  explicit told_reading(std::shared_ptr<const service_notifier> x) : notifier_(std::move(x)) {
    if (notifier_)
      notifier_->reloading();
  }

  told_reading(const told_reading&) = delete;
  told_reading& operator=(const told_reading&) = delete;

  ~told_reading() {
    if (notifier_)
      notifier_->ready();
  }

private:
  std::shared_ptr<const service_notifier> notifier_;
};

configuration_reloaded refused(const std::vector<config_error>& errors) {
  configuration_reloaded result;
  for (auto& error : errors) {
    spdlog::error("the changed configuration is not taken: {}", to_string(error));
    result.errors.push_back(to_string(error));
  }
  return result;
}

void report(const configuration_reloaded& x) {
  spdlog::info("the configuration was read again: {} servers added, {} changed, {} removed", x.added.size(),
               x.changed.size(), x.removed.size());
  for (auto& setting : x.at_next_start)
    spdlog::warn("{} counts from the next start of the hub on", setting);
}

/// The files of the port's certificate as they are now.
file_stamp certificate_stamp(const keeper_settings& settings) {
  return settings.tls ? file_stamp{certificate_files(settings.config, settings.folders.config, settings.environment).cert}
                      : file_stamp{};
}

/// A certificate that was renewed counts for connections from now on; one that cannot be used leaves
/// the one before in force.
void renew_certificate(const keeper_settings& settings) {
  if (!settings.tls)
    return;
  auto opened = open_tls(settings.config, settings.folders.config, settings.environment);
  if (!opened) {
    spdlog::error("the certificate stays as it was: {}", to_string(opened.errors()));
    return;
  }
  auto before = settings.tls->exchange(*opened);
  if (before && *opened && before->fingerprint() != (*opened)->fingerprint())
    spdlog::info("the hub proves itself by another certificate: SHA-256 {}", (*opened)->fingerprint());
}

caf::result<configuration_reloaded> reload(pointer self) {
  auto& settings = self->state.settings;
  auto told = std::make_shared<told_reading>(settings.notifier);
  // Before it is read: what is written meanwhile is seen the next time.
  self->state.read = file_stamp{settings.file};
  // A file that is gone says nothing; at a start it would mean a hub without servers.
  if (self->state.read == file_stamp{})
    return refused({config_error{settings.file.string(), "there is no such file any more",
                                 "put it back, or end the hub with: slm-hub stop"}});
  auto loaded = load_config(settings.file);
  if (!loaded)
    return refused(loaded.errors());
  auto applied = apply_environment(std::move(*loaded), settings.environment);
  if (!applied)
    return refused(applied.errors());
  auto& after = *applied;
  configuration_reloaded result;
  for (auto& warning : after.warnings) {
    result.warnings.push_back(to_string(warning));
    spdlog::warn("{}", result.warnings.back());
  }
  result.ok = true;
  auto& now = settings.config;
  compare_servers(now, after, result);
  compare_settings(now, after, result);
  if (now.log_level != after.log_level)
    spdlog::set_level(spdlog::level::from_str(after.log_level));
  now.log_level = after.log_level;
  now.servers = std::move(after.servers);
  now.groups = std::move(after.groups);
  now.tool_changes = after.tool_changes;
  now.require_token = after.require_token;
  settings.token_required->store(needs_tokens(now));
  renew_certificate(settings);
  if (now.audit != after.audit) {
    now.audit = after.audit;
    self->send(settings.audit, configure_audit{now.audit.enabled, now.audit.arguments, now.audit.max_bytes, now.audit.files});
  }
  now.plugins = std::move(after.plugins);
  now.plugins_enabled = std::move(after.plugins_enabled);
  // The folder is looked through each time: a program may be new, or another one.
  self->send(settings.plugins, find_plugins(now, settings.folders, compiled_in_plugins));
  auto other_rules = now.permissions != after.permissions;
  now.permissions = std::move(after.permissions);
  if (other_rules)
    settings.permissions->store(permission_table_of(now));
  settings.directory->set(now.servers);
  now.cascades = std::move(after.cascades);
  now.budgets = std::move(after.budgets);
  settings.saved->set_programs(programs_of(now));
  settings.budgets->store(std::make_shared<const budget_list>(now.budgets));
  auto servers = configure(now, {}, {}, settings.folders);
  auto promise = self->make_response_promise<configuration_reloaded>();
  auto asker = std::make_shared<reply<configuration_reloaded>>(promise);
  report(result);
  auto lost = [asker, told](const caf::error&) {
    configuration_reloaded ending;
    ending.errors.emplace_back("the hub is shutting down; start it again");
    asker->deliver(std::move(ending));
  };
  configure_catalog offered{std::make_shared<const std::vector<known_server>>(std::move(servers.known)), now.groups};
  // First the lives of the servers, then what is offered of them: who sees a tool can
  // call it. Whoever hears of the change can use it.
  self
    ->request(settings.supervisor, caf::infinite,
              configure_servers{std::make_shared<const std::vector<server_entry_facts>>(std::move(servers.facts))})
    .then(
      [=](servers_configured) {
        auto& settings = self->state.settings;
        self->request(settings.catalog, caf::infinite, offered)
          .then(
            [=](const catalog_published&) {
              if (!other_rules)
                return asker->deliver(result);
              auto& settings = self->state.settings;
              self->request(settings.sessions, caf::infinite, permissions_changed{settings.permissions->load()})
                .then([asker, told, result](permissions_taken) { asker->deliver(result); }, lost);
            },
            lost);
      },
      lost);
  return promise;
}

} // namespace

file_stamp::file_stamp(const std::filesystem::path& file) {
  if (::stat(file.c_str(), &facts_) != 0)
    facts_ = {};
}

bool file_stamp::operator==(const file_stamp& other) const noexcept {
  auto& a = facts_;
  auto& b = other.facts_;
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size
         && a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

configuration_actor::behavior_type configuration_keeper(pointer self, keeper_settings settings) {
  auto& st = self->state;
  st.settings = std::move(settings);
  st.read = st.seen = file_stamp{st.settings.file};
  st.certificate = certificate_stamp(st.settings);
  if (st.settings.watch)
    self->delayed_send(self, watch_interval, check_configuration{});
  return {
    [self](reload_configuration) { return reload(self); },
    [self](check_configuration) {
      auto& st = self->state;
      self->delayed_send(self, watch_interval, check_configuration{});
      // Read one look after it was written, so that the key is there, too.
      if (std::exchange(st.certificate_is_new, false))
        renew_certificate(st.settings);
      auto certificate = certificate_stamp(st.settings);
      st.certificate_is_new = certificate != std::exchange(st.certificate, certificate);
      auto now = file_stamp{st.settings.file};
      auto at_rest = now == std::exchange(st.seen, now);
      if (now == st.read || !at_rest)
        return;
      self->request(caf::actor_cast<configuration_actor>(self), caf::infinite, reload_configuration{})
        .then([](const configuration_reloaded&) {}, [](const caf::error&) {
          // The hub ends.
        });
    },
  };
}

} // namespace hub
