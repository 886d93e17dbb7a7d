#include "service/daemon/hub_actors.hpp"

#include "actors/access/access_keeper.hpp"
#include "actors/audit/audit.hpp"
#include "actors/auth/web_client.hpp"
#include "actors/cache/cache_shard.hpp"
#include "actors/call/calls.hpp"
#include "actors/catalog/catalog.hpp"
#include "actors/embedding/embedder.hpp"
#include "actors/embedding/embedding_text.hpp"
#include "actors/learning/project_kind.hpp"
#include "actors/ledger/ledger.hpp"
#include "actors/lock/lock_keeper.hpp"
#include "actors/random_token.hpp"
#include "actors/results/result_keeper.hpp"
#include "actors/runtime/asio_coordinator.hpp"
#include "actors/runtime/late.hpp"
#include "actors/secret/secret_fetcher.hpp"
#include "actors/store/catalogue_text.hpp"
#include "actors/store/store.hpp"
#include "actors/supervisor/memory_meter.hpp"
#include "actors/supervisor/resident_memory.hpp"
#include "actors/supervisor/supervisor.hpp"
#include "actors/telemetry/telemetry.hpp"
#include "actors/transport/offspring.hpp"
#include "actors/watch/watches.hpp"
#include "messages/redaction.hpp"
#include "messages/rpc/json_scan.hpp"
#include "service/config/launch.hpp"
#include "service/config/placeholders.hpp"
#include "service/daemon/authorization.hpp"
#include "service/daemon/client_settings.hpp"
#include "service/daemon/configured_servers.hpp"
#include "service/daemon/known_variables.hpp"
#include "service/daemon/memory.hpp"
#include "service/daemon/plugins.hpp"

#include <caf/send.hpp>
#include <caf/spawn_options.hpp>
#include <spdlog/spdlog.h>

#include <optional>
#include <random>
#include <utility>
#include <variant>

namespace hub {

namespace {

/// The resident memory of a child, of its descendants, and of those that left it, in bytes.
int64_t memory_of(int64_t child) {
  auto family = offspring::of_this_process().orphans_of(static_cast<pid_t>(child));
  family.insert(family.begin(), static_cast<pid_t>(child));
  return resident_memory(std::move(family));
}

catalogue_map load_catalogues(database* disk) {
  catalogue_map result;
  if (!disk)
    return result;
  auto loaded = disk->load_catalogues();
  if (auto* wrong = std::get_if<database_error>(&loaded)) {
    spdlog::error("{}", wrong->message);
    return result;
  }
  for (auto& row : std::get<std::vector<catalogue_row>>(loaded))
    if (auto catalogue = read_catalogue(json_text{std::move(row.payload)}))
      result.emplace(row.server, std::make_shared<server_catalogue>(std::move(*catalogue)));
  return result;
}

pin_book load_pins(database* disk) {
  pin_book result;
  if (!disk)
    return result;
  auto loaded = disk->load_pins();
  if (auto* wrong = std::get_if<database_error>(&loaded)) {
    spdlog::error("{}", wrong->message);
    return result;
  }
  for (auto& row : std::get<std::vector<pins_row>>(loaded))
    result.emplace(row.server, server_pins::read(json_text{std::move(row.payload)}));
  return result;
}

/// Keeps by what the mesh knows this hub.
constexpr auto mesh_note = "mesh";

/// What an earlier hub noted under a name; empty if it noted nothing.
std::string load_note(database* disk, const std::string& name) {
  if (!disk)
    return {};
  auto loaded = disk->load_note(name);
  if (auto* wrong = std::get_if<database_error>(&loaded)) {
    spdlog::error("{}", wrong->message);
    return {};
  }
  return std::get<std::string>(std::move(loaded));
}

/// By what the mesh knows this hub. A new one is on disk before anybody hears of it, so that a hub that
/// is killed in its first moment comes back as the same peer.
std::string session_in_mesh(database* disk) {
  auto result = load_note(disk, mesh_note);
  if (!result.empty())
    return result;
  result = random_token();
  database_change change = note_row{mesh_note, result};
  if (auto wrong = disk ? disk->apply({&change, 1}) : std::nullopt)
    spdlog::error("{}", wrong->message);
  return result;
}

/// What calls have cost in runs before.
database::kept_costs load_costs(database* disk) {
  if (!disk)
    return {};
  auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()).time_since_epoch().count();
  auto loaded = disk->load_costs(today - ledger_book::days_kept, ledger_book::most_rows);
  if (auto* wrong = std::get_if<database_error>(&loaded)) {
    spdlog::error("{}", wrong->message);
    return {};
  }
  return std::get<database::kept_costs>(std::move(loaded));
}

/// Sessions of the hub before this one that may go on.
std::vector<kept_session> load_sessions(database* disk, const hub_config& config) {
  std::vector<kept_session> result;
  if (!disk)
    return result;
  auto now = std::chrono::system_clock::now().time_since_epoch();
  auto oldest = std::chrono::duration_cast<std::chrono::seconds>(now) - config.session_timeout;
  auto loaded = disk->load_sessions(oldest.count(), config.max_sessions);
  if (auto* wrong = std::get_if<database_error>(&loaded)) {
    spdlog::error("{}", wrong->message);
    return result;
  }
  for (auto& row : std::get<std::vector<session_row>>(loaded)) {
    auto client = std::make_shared<client_context>();
    client->protocol_version = std::move(row.protocol_version);
    client->name = rpc::unquote(rpc::member(row.info, "name")).value_or("");
    client->version = rpc::unquote(rpc::member(row.info, "version")).value_or("");
    client->info = json_text{std::move(row.info)};
    client->capabilities = json_text{std::move(row.capabilities)};
    client->project = std::move(row.project);
    result.push_back({std::move(row.id), door{std::move(row.server), std::move(row.group), std::move(row.principal)},
                      std::move(client), static_cast<log_level>(row.logs), row.used_at});
  }
  return result;
}

/// Where traces go, by the proxy that the environment names; nothing, and a line in the log, if a header has no
/// value.
std::optional<collector> collector_of(caf::actor_system& system, const hub_config& config,
                                      const backend_folders& folders, const variable_map& environment) {
  auto& otlp = config.otlp;
  if (!config.telemetry || otlp.url.empty())
    return std::nullopt;
  collector result{otlp.url, {}, otlp.service, {}};
  auto known = known_variables(environment, folders.config);
  for (auto& [name, text] : otlp.headers) {
    auto value = resolve(text, known);
    if (auto* wrong = std::get_if<unresolved_placeholder>(&value)) {
      spdlog::error("no traces are sent: otlp.headers.{} {}; {}", name, wrong->cause, wrong->fix);
      return std::nullopt;
    }
    process_redaction().add(std::get<std::string>(value));
    result.headers.emplace_back(name, std::get<std::string>(std::move(value)));
  }
  auto reached = [environment](const std::string&) { return client_settings_of(endpoint_spec{}, environment); };
  result.web = spawn_web_client(system, shard_of(system), reached);
  return result;
}

} // namespace

namespace {

std::string database_in(const std::filesystem::path& folder) {
  return (folder / "hub.db").string();
}

} // namespace

std::shared_ptr<database> open_database(const std::filesystem::path& folder, store_trouble& trouble) {
  auto opened = database::open(database_in(folder));
  if (auto* wrong = std::get_if<database_error>(&opened)) {
    spdlog::error("nothing is kept for the next start: {}", wrong->message);
    trouble.store(std::make_shared<const std::string>(wrong->message + "; it is tried again each half minute"));
    return nullptr;
  }
  std::shared_ptr<database> result{std::move(std::get<std::unique_ptr<database>>(opened))};
  if (auto notice = result->take_notice(); !notice.empty())
    spdlog::warn("{}", notice);
  return result;
}

namespace {

/// Starts who learns which tool is called when; without learning it only answers that it does not.
/// @return The way to it and to what it knows.
learning_outlet spawn_learner(caf::actor_system& system, const hub_config& config, hub_actors& result, std::string habits,
                              std::shared_ptr<habit_cell> cell) {
  learner_settings learning;
  learning.enabled = config.learning;
  learning.gauge = std::make_shared<observer_gauge>();
  learning.habits = std::move(cell);
  learning.notes = caf::actor_cast<note_store_actor>(result.store);
  learning.kept = std::move(habits);
  learning.kind_of = [](const std::string& folder) { return project_kind(folder); };
  learning_outlet learnt{{}, learning.gauge, learning.habits};
  result.learner = config.learning ? system.spawn<caf::detached>(learner, std::move(learning))
                                   : system.spawn(learner, std::move(learning));
  learnt.to = result.learner;
  result.reports.emplace("learn", caf::actor_cast<report_actor>(result.learner));
  result.reports.emplace("learn/reset", caf::actor_cast<report_actor>(result.learner));
  return learnt;
}

/// Starts who writes down what calls cost, and what it shares with the call path.
void spawn_ledger(caf::actor_system& system, const hub_config& config, hub_actors& result, database::kept_costs& costs,
                  std::string saved_before) {
  result.budgets = std::make_shared<budget_cell>(std::make_shared<const budget_list>(config.budgets));
  result.saved = std::make_shared<savings_counter>();
  result.saved->set_programs(programs_of(config));
  ledger_settings books{caf::actor_cast<cost_store_actor>(result.store), result.budgets, std::move(costs.rows), costs.spent};
  books.saved = result.saved;
  books.saved_before = std::move(saved_before);
  books.notes = caf::actor_cast<note_store_actor>(result.store);
  books.supervisor = result.supervisor;
  result.ledger = system.spawn<caf::detached>(ledger, std::move(books));
  result.reports.emplace("cost", caf::actor_cast<report_actor>(result.ledger));
}

/// Starts who finds tools by meaning. The configuration names an endpoint for it.
void spawn_embedder(caf::actor_system& system, const hub_config& config, const variable_map& environment,
                    hub_actors& result, std::string vectors) {
  result.embeddings = spawn_web_client(system, shard_of(system), [environment](const std::string&) {
    return client_settings_of(endpoint_spec{}, environment);
  });
  result.embedder = system.spawn<caf::detached>(
    embedder, embedder_settings{embeddings_url(config.embeddings.url), config.embeddings.model, result.embeddings,
                                caf::actor_cast<note_store_actor>(result.store), std::move(vectors)});
  result.reports.emplace("embeddings", caf::actor_cast<report_actor>(result.embedder));
  caf::anon_send(result.catalog, subscribe_catalog{caf::actor_cast<catalog_reader>(result.embedder)});
}

} // namespace

hub_actors spawn_hub(caf::actor_system& system, const hub_config& config,
                     const backend_folders& folders, const variable_map& environment,
                     std::shared_ptr<database> disk, const hub_access& access) {
  hub_actors result;
  auto pins = load_pins(disk.get());
  auto servers = configure(config, load_catalogues(disk.get()), pins, folders);
  auto kept = load_sessions(disk.get(), config);
  auto uses = load_note(disk.get(), "uses");
  auto costs = load_costs(disk.get());
  auto saved_before = load_note(disk.get(), "savings");

  auto memory = spawn_memory(system, config, environment, session_in_mesh(disk.get()));
  result.memory = memory.daemon;
  result.memory_desk = memory.desk;
  for (auto* name : {"mesh", "mesh/send"})
    result.reports.emplace(name, caf::actor_cast<report_actor>(memory.desk));
  auto plugins = spawn_plugins(system, config, folders, environment, std::move(memory.plugins));
  result.plugins = plugins.host;
  result.plugin_port = plugins.port;
  auto habits = load_note(disk.get(), "habits");
  auto vectors = config.embeddings.url.empty() ? std::string{} : load_note(disk.get(), "vectors");
  database_opener open;
  if (!disk)
    open = [file = database_in(folders.config)] { return database::open(file); };
  result.store = system.spawn<caf::detached>(store, std::move(disk), access.store, std::move(open));
  result.catalog = system.spawn<caf::detached>(catalog, servers.known, config.groups,
                                               caf::actor_cast<store_actor>(result.store), std::move(pins),
                                               caf::actor_cast<pin_store_actor>(result.store), result.plugin_port);

  supervisor_settings supervision;
  supervision.servers = std::move(servers.facts);
  // The supervisor makes backends, which tell the watches, which ask the supervisor.
  result.watches = system.spawn(watches);
  secret_fetcher_settings secrets;
  secrets.commands = config.secret_commands;
  secrets.ending = result.ending;
  result.directory = std::make_shared<server_directory>(config.servers);
  auto authorization = make_authorization(system, result.directory, folders.config, environment);
  result.grants = authorization.grants;
  supervision.make_backend
    = make_backend_factory(config, folders, environment, std::move(authorization), result.catalog,
                           result.watches, secrets);
  supervision.learn_unknown = config.learn_unknown;
  supervision.concurrent_starts = config.max_concurrent_starts;
  supervision.start_limit = config.start_timeout;
  supervision.idle_limit = config.idle_shutdown;
  supervision.warm_up = config.warm_up;
  supervision.uses = use_model::read(uses);
  auto cell = std::make_shared<habit_cell>();
  supervision.kind_of = [cell](const std::string& folder) {
    auto habits = cell->load();
    return habits ? std::string{habits->kind_of(folder)} : std::string{};
  };
  supervision.notes = caf::actor_cast<note_store_actor>(result.store);
  supervision.memory = spawn_late<memory_meter_actor>(
    system, [](caf::actor_system& sys) { return sys.spawn<caf::detached>(memory_meter, memory_of); });
  supervision.seed = std::random_device{}();
  supervision.plugins = result.plugin_port;
  auto supervisor = spawn_supervisor(system, std::move(supervision));
  result.supervisor = supervisor;
  if (config.warm_up != warm_up_mode::off) {
    memory.port->behaviour_wanted = true;
    caf::anon_send(memory.desk, watch_behaviour{supervisor});
  }
  caf::anon_send(result.grants, watch_grants{supervisor});

  caf::anon_send(result.watches, meet_supervisor{result.supervisor});

  std::vector<observer_outlet> observers;
  audit_log_settings log{folders.config / "audit.jsonl", config.audit.max_bytes, config.audit.files};
  result.audit = system.spawn<caf::detached>(audit, audit_settings{std::move(log), config.audit.arguments, access.audit});
  observers.push_back({caf::actor_cast<call_observer_actor>(result.audit), access.audit});

  // It counts what the call path tells it, and asks the call path how many are in flight.
  telemetry_settings figures;
  figures.gauge = std::make_shared<observer_gauge>();
  figures.supervisor = result.supervisor;
  figures.plugins = result.plugin_port;
  figures.gauge->wanted = config.telemetry;
  figures.to = collector_of(system, config, folders, environment);
  auto sends_traces = figures.to.has_value();
  if (sends_traces)
    result.collector = figures.to->web;
  auto gauge = figures.gauge;
  auto counter = system.spawn<caf::detached>(telemetry, std::move(figures));
  observers.push_back({caf::actor_cast<call_observer_actor>(counter), gauge});
  observers.push_back({caf::actor_cast<call_observer_actor>(result.plugins), plugins.gauge});
  result.reports.emplace("plugins", caf::actor_cast<report_actor>(result.plugins));

  auto learnt = spawn_learner(system, config, result, std::move(habits), std::move(cell));
  if (config.learning)
    observers.push_back({caf::actor_cast<call_observer_actor>(result.learner), learnt.gauge});
  result.observers = std::make_shared<const std::vector<observer_outlet>>(std::move(observers));
  for (auto* name : {"metrics", "calls", "traces"})
    result.reports.emplace(name, caf::actor_cast<report_actor>(counter));

  spawn_ledger(system, config, result, costs, std::move(saved_before));
  if (!config.embeddings.url.empty())
    spawn_embedder(system, config, environment, result, std::move(vectors));

  call_settings call_path;
  call_path.ledger = caf::actor_cast<ledger_actor>(result.ledger);
  call_path.saved = result.saved;
  call_path.budgets = result.budgets;
  call_path.spent = std::move(costs.spent);
  call_path.observers = result.observers;
  if (config.result_limit > 0)
    call_path.results = spawn_late<result_keeper_actor>(system, [](caf::actor_system& sys) {
      return sys.spawn<caf::detached>(result_keeper, kept_texts::limits{});
    });
  call_path.result_head = config.result_piece;
  auto results = call_path.results;
  call_path.begins_traces = sends_traces;
  call_path.sampled_share = config.otlp.sample;
  call_path.supervisor = result.supervisor;
  call_path.time_limit = config.request_timeout;
  call_path.answer_limit = config.answer_timeout;
  // Each shard of the hub has one of the cache.
  kept_limits kept_by_each{config.cache_max_entries / config.shards, config.cache_max_bytes / config.shards};
  for (size_t i = 0; i < config.shards; ++i)
    call_path.cache.push_back(system.spawn(cache_shard, kept_by_each));
  call_path.kept_result_limit = config.cache_max_bytes / 8;
  result.cache = call_path.cache;
  auto path = system.spawn(calls, std::move(call_path));
  caf::anon_send(result.plugins, meet_guarded{caf::actor_cast<guarded_actor>(path)});
  result.calls = path;
  caf::anon_send(counter, meet_calls{result.calls});

  if (config.locks)
    result.locks = system.spawn(lock_keeper, lock_settings{0, {}, caf::actor_cast<mesh_lock_actor>(memory.desk), memory.port});

  registry_settings registry;
  registry.max_sessions = config.max_sessions;
  registry.idle_limit = config.session_timeout;
  registry.federation.search_token_budget = config.search_token_budget;
  registry.federation.tools = config.federated_tools;
  registry.calls = result.calls;
  registry.supervisor = result.supervisor;
  registry.watches = result.watches;
  registry.catalog = result.catalog;
  registry.locks = result.locks;
  registry.federation.locks = config.locks;
  registry.federation.memory = memory.port;
  registry.snapshot = std::move(servers.snapshot);
  registry.store = caf::actor_cast<session_store_actor>(result.store);
  registry.kept = std::move(kept);
  registry.permissions = access.permissions->load();
  registry.observers = result.observers;
  registry.saved = result.saved;
  registry.results = results;
  registry.cuts_transparent = config.cut_transparent_results;
  registry.federation.result_limit = config.result_limit;
  registry.federation.result_piece = config.result_piece;
  registry.plugins = result.plugin_port;
  if (result.embedder)
    registry.meaning = std::make_shared<const meaning_outlet>(meaning_outlet{result.embedder, config.embeddings.timeout});
  if (config.learning)
    registry.learning = std::make_shared<const learning_outlet>(std::move(learnt));
  result.sessions = system.spawn(session_registry, std::move(registry));
  result.access = system.spawn(access_keeper, access_keeper_settings{access.tokens, access.read});
  caf::anon_send(result.access, watch_access{caf::actor_cast<access_reader>(result.sessions)});
  caf::anon_send(result.catalog,
                 subscribe_catalog{caf::actor_cast<catalog_reader>(result.sessions)});
  return result;
}

void end_hub(hub_actors& x) {
  auto end = [](const auto& actor) {
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  };
  end(x.access);
  end(x.sessions);
  end(x.watches);
  if (x.locks)
    end(x.locks);
  end(x.calls);
  end(x.ledger);
  for (auto& shard : x.cache)
    end(shard);
  end(x.supervisor);
  end(x.memory_desk);
  end(x.memory);
  end(x.grants);
  end(x.catalog);
  end(x.learner);
  if (x.embedder) {
    end(x.embedder);
    end(x.embeddings);
  }
  end(x.store);
  // It owes the telemetry an answer that may never come, and each would keep the other.
  if (x.collector)
    end(x.collector);
  if (x.observers)
    for (auto& observer : *x.observers)
      end(observer.to);
  x = {};
}

} // namespace hub
