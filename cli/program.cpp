#include "cli/program.hpp"

#include "cli/commands.hpp"
#include "cli/help.hpp"
#include "messages/edit_distance.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <functional>
#include <ostream>

namespace hub::cli {

namespace {

/// The command line as CLI11 reads it. Each command leaves what is to be done
/// in `chosen`, which runs after all of the line is read.
class command_line {
public:
  command_line(console& io, variable_map environment) : context_{io, std::move(environment)} {
    app_.footer(help::program);
    app_.fallthrough();
    app_.get_formatter()->column_width(34);
    app_.get_formatter()->label("SUBCOMMAND", "COMMAND");
    app_.get_formatter()->label("Subcommands", "Commands");
    app_.set_help_flag("-h,--help", "Show this text");
    app_.set_version_flag("-V,--version", "slm-hub " HUB_VERSION, "Show the version");
    app_.add_option("--config-dir", config_dir_, "Folder of the configuration; names the hub that is meant")
      ->type_name("DIR");
    app_.require_subcommand(1);
    add_daemon_commands();
    add_service_commands();
    add_tool_commands();
    add_server_commands();
    add_access_commands();
    add_audit_commands();
    add_mesh_commands();
    add_cache_commands();
    add_plugin_commands();
    add_learn_commands();
    add_config_commands();
  }

  exit_code run(std::vector<std::string> words) {
    // CLI11 takes the words from the end.
    std::reverse(words.begin(), words.end());
    try {
      app_.parse(std::move(words));
    } catch (const CLI::Success& e) {
      app_.exit(e, context_.io.out, context_.io.err);
      return exit_code::ok;
    } catch (const CLI::ParseError& e) {
      context_.io.err << "slm-hub: " << explained(e) << "\nSee slm-hub --help, or slm-hub COMMAND --help.\n";
      return exit_code::usage;
    }
    if (!config_dir_.empty())
      context_.environment["SLM_HUB_CONFIG_DIR"] = config_dir_;
    return chosen_();
  }

private:
  /// The command that may be meant by a word, as a question; empty if none is near.
  static std::string nearest_to(const std::string& word, const CLI::App& parent) {
    constexpr size_t limit = 2;
    auto best = std::min(limit, word.size() / 2) + 1;
    std::string result;
    for (auto* command : parent.get_subcommands([](const CLI::App*) { return true; }))
      if (auto distance = edit_distance(word, command->get_name(), limit); distance < best) {
        best = distance;
        result = "; did you mean '" + command->get_name() + "'?";
      }
    return result;
  }

  /// What is wrong with the line, as CLI11 says it, but for a word that is no
  /// command: for that one it only says that a command is missing.
  std::string explained(const CLI::ParseError& error) const {
    auto* deepest = &app_;
    auto name = std::string{};
    for (auto next = deepest->get_subcommands(); !next.empty(); next = deepest->get_subcommands()) {
      deepest = next.front();
      name += deepest->get_name() + ' ';
    }
    auto unread = app_.remaining(true);
    if (deepest->get_require_subcommand_min() > 0 && !unread.empty() && unread[0][0] != '-')
      return "there is no command '" + name + unread[0] + "'" + nearest_to(unread[0], *deepest);
    return error.what();
  }

  /// A check whose text does not show in the help.
  template <class Check>
  static CLI::Validator quiet(Check check) {
    return check.description("");
  }

  CLI::App* add(CLI::App& parent, const char* name, const char* description, const char* footer,
                std::function<exit_code()> run) {
    auto* result = parent.add_subcommand(name, description);
    result->footer(footer);
    if (run)
      result->callback([this, run = std::move(run)] { chosen_ = run; });
    return result;
  }

  static void add_json(CLI::App* command, bool& json, const char* what = "Print JSON instead of a table") {
    command->add_flag("--json", json, what);
  }

  void add_daemon_commands() {
    auto* command = add(app_, "start", "Run the hub, in the foreground or not", help::start,
                        [this] { return start(context_, start_); });
    command->add_option("--host", start_.host, "Address to listen on (127.0.0.1)")->type_name("ADDRESS");
    command->add_option("--port", start_.port, "Port to listen on (52414); 0 lets the system choose")
      ->check(quiet(CLI::Range(0, 65535)))
      ->type_name("PORT");
    command->add_option("--log-level", start_.log_level, "How much to log (info)")
      ->check(CLI::IsMember({"trace", "debug", "info", "warning", "error", "critical", "off"}))
      ->type_name("LEVEL");
    command->add_option("--log-format", start_.log_format, "How lines of the log look (auto: sentences on a terminal, else JSON)")
      ->check(CLI::IsMember({"auto", "text", "json"}))
      ->type_name("FORMAT");
    command->add_flag("-d,--detach", start_.detached, "Run it in the background, and return when it answers");
    add(app_, "stop", "Stop the hub and wait until it has ended", help::stop, [this] { return stop(context_); });
    command = add(app_, "reload", "Read the configuration again", help::reload,
                  [this] { return reload(context_, list_.json); });
    add_json(command, list_.json, "Print JSON");
    command = add(app_, "status", "Show the state of the hub, its clients and its servers", help::status,
                  [this] { return status(context_, list_); });
    add_json(command, list_.json);
    command = add(app_, "connect", "Join a client that only speaks stdio to the hub", help::connect,
                  [this] { return connect(context_, connect_); });
    command->add_option("--server", connect_.server, "Only this server, as it is")->type_name("NAME");
    command->add_option("--group", connect_.group, "Only the servers of this group")->type_name("NAME");
    command = add(app_, "version", "Show the version", "", [this] { return version(context_, list_.json); });
    add_json(command, list_.json, "Print JSON, with the version of the hub that runs");
  }

  void add_service_commands() {
    auto* service = add(app_, "service", "Have the system run the hub", help::service, {});
    service->require_subcommand(1);
    auto* command = add(*service, "install", "Write the unit, start it, and start it with each login", "",
                        [this] { return service_install(context_, service_); });
    command->add_option("--writable", service_.writable, "Folder that servers may write besides your home")
      ->type_name("DIR")
      ->allow_extra_args(false);
    add(*service, "uninstall", "End the hub and take the unit away", "", [this] { return service_uninstall(context_); });
    command = add(*service, "status", "Show how the unit and the hub are", "",
                  [this] { return service_status(context_, service_); });
    add_json(command, service_.json, "Print JSON");
  }

  void add_tool_commands() {
    auto* live = add(app_, "top", "Show calls by server and tool, live", help::top, [this] { return top(context_, top_); });
    live->add_flag("--once", top_.once, "Print it once, as into a pipe");
    live->add_option("--interval", top_.interval, "Seconds between two drawings (2)")
      ->check(quiet(CLI::Range(0.1, 3600.0)))
      ->type_name("S");
    add_json(live, top_.json);
    auto* traced = add(app_, "trace", "Show the last calls, or one of them step by step", help::trace,
                       [this] { return trace(context_, trace_); });
    traced->add_option("id", trace_.id, "Id of a trace, or how it begins; the last calls if left out")->type_name("ID");
    traced->add_option("--limit", trace_.limit, "The most calls to list, up to 1000 (20)")
      ->check(quiet(CLI::Range(1, 1000)))
      ->type_name("N");
    add_json(traced, trace_.json);
    auto* command = add(app_, "tools", "List the tools of all servers", help::tools, [this] { return tools(context_, list_); });
    command->add_option("--server", list_.server, "Only the tools of this server")->type_name("NAME");
    add_json(command, list_.json);
    command = add(app_, "search", "Find tools by what they do", help::search, [this] { return search(context_, search_); });
    command->add_option("query", search_.words, "What the tool should do")->required()->type_name("QUERY");
    command->add_option("--limit", search_.limit, "The most tools to show, up to 50 (8)")
      ->check(quiet(CLI::Range(1, 50)))
      ->type_name("N");
    command->add_option("--server", search_.server, "Only tools of this server")->type_name("NAME");
    add_json(command, search_.json, "Print the reply as JSON");
    command = add(app_, "call", "Call a tool", help::call, [this] { return call(context_, call_); });
    command->add_option("tool", call_.tool, "Name of the tool, such as demo__roll_dice")->required()->type_name("TOOL");
    command->add_option("arguments", call_.words, "Arguments, key=value each, or one JSON object")->type_name("ARGUMENT");
    command->add_option("--args", call_.arguments, "Arguments as a JSON object; - reads it from standard input")
      ->type_name("JSON");
    command->add_option_function<double>(
             "--timeout", [this](double seconds) { call_.time_limit = std::chrono::duration<double>{seconds}; },
             "Give up after so many seconds (never)")
      ->check(quiet(CLI::Range(0.001, 86400.0)))
      ->type_name("SECONDS");
    add_json(command, call_.json, "Print the whole result as JSON");
  }

  void add_server_commands() {
    auto* command = add(app_, "servers", "List the configured servers", help::servers,
                        [this] { return servers(context_, list_); });
    command->add_flag("-v,--verbose", list_.verbose, "Say why each is in its state, and what comes next");
    add_json(command, list_.json);
    command = add(app_, "logs", "Show what a server wrote to its log", help::logs, [this] { return logs(context_, logs_); });
    command->add_option("server", logs_.server, "Name of the server")->required()->type_name("SERVER");
    command->add_flag("-f,--follow", logs_.follow, "Go on with what is written from now on");
    command->add_option("-n,--lines", logs_.lines, "How many of the last lines (50)")
      ->check(quiet(CLI::Range(0, 1'000'000)))
      ->type_name("N");
    command = add(app_, "restart", "Start a server, or the hub itself, again", help::restart, [this] { return restart(context_, server_); });
    command->add_option("server", server_, "Name of the server; the hub itself if left out")->type_name("SERVER");
    command = add(app_, "changes", "Show tools that have changed or look suspicious", help::changes,
                  [this] { return changes(context_, list_); });
    command->add_option("server", list_.server, "Only the tools of this server")->type_name("SERVER");
    add_json(command, list_.json);
    command = add(app_, "approve", "Take changed tools of a server as they are now", help::approve,
                  [this] { return approve(context_, server_, tool_); });
    command->add_option("server", server_, "Name of the server")->required()->type_name("SERVER");
    command->add_option("tool", tool_, "Only this tool")->type_name("TOOL");
    command = add(app_, "add", "Add a server to the configuration", help::add, [this] { return add_server(context_, add_); });
    command->add_option("name", add_.name, "Name of the server")->required()->type_name("NAME");
    command->add_option("command", add_.words, "Program and arguments, or an address; behind -- if they start with -")
      ->required()
      ->type_name("COMMAND");
    command->add_option("-e,--env", add_.env, "Variable for its process, NAME=value")->type_name("VARIABLE")->allow_extra_args(false);
    command->add_option("-H,--header", add_.headers, "Header for requests to its address, 'Name: value'")
      ->type_name("HEADER")
      ->allow_extra_args(false);
    command->add_option("--type", add_.type, "What it speaks at its address (found out)")
      ->check(CLI::IsMember({"http", "sse"}))
      ->type_name("TYPE");
    auto one_server = [this](CLI::App* x) {
      x->add_option("server", server_, "Name of the server")->required()->type_name("SERVER");
    };
    one_server(add(app_, "remove", "Take a server out of the configuration", help::edit,
                   [this] { return remove_server(context_, server_); }));
    one_server(add(app_, "enable", "Switch a server on in the configuration", help::edit,
                   [this] { return switch_server(context_, server_, true); }));
    one_server(add(app_, "disable", "Switch a server off in the configuration", help::edit,
                   [this] { return switch_server(context_, server_, false); }));
    command = add(app_, "login", "Log in at a server that wants it", help::login, [this] { return login(context_, login_); });
    command->add_option("server", login_.server, "Name of the server")->required()->type_name("SERVER");
    command->add_flag_callback("--no-browser", [this] { login_.browser = false; }, "Only show the address");
    command->add_option_function<int>(
             "--timeout", [this](int seconds) { login_.time_limit = std::chrono::seconds{seconds}; },
             "Wait for so many seconds (600)")
      ->check(quiet(CLI::Range(1, 3600)))
      ->type_name("SECONDS");
    command = add(app_, "logout", "Take a login at a server back", help::logout, [this] { return logout(context_, server_); });
    command->add_option("server", server_, "Name of the server")->required()->type_name("SERVER");
  }

  void add_access_commands() {
    auto* permissions = add(app_, "permissions", "Explain the permission rules", help::permissions, {});
    permissions->require_subcommand(1);
    auto* command = add(*permissions, "check", "Show whether a client may call a tool, and which rule decides", help::permissions,
                        [this] { return permissions_check(context_, check_); });
    command->add_option("client", check_.client, "Name that the client gives itself")->required()->type_name("CLIENT");
    command->add_option("tool", check_.tool, "Name of the tool, such as github__create_issue")->required()->type_name("TOOL");
    command->add_option("--server", check_.server, "Server of the tool, which then has its own name")->type_name("NAME");
    command->add_option("--role", check_.role, "Role of the client's token")->type_name("ROLE");
    command->add_option("--project", check_.project, "Folder that the client works in")->type_name("DIR");
    add_json(command, check_.json, "Print JSON");
    auto* token = add(app_, "token", "Make, list and revoke tokens of clients", help::token, {});
    token->require_subcommand(1);
    command = add(*token, "create", "Make a token; it is shown once", help::token, [this] { return token_create(context_, token_); });
    command->add_option("name", token_.name, "Name of the token")->required()->type_name("NAME");
    command->add_option("--role", token_.role, "user, admin, or a word for permission rules (user)")->type_name("ROLE");
    command->add_option("--expires", token_.expires, "How long it counts, such as 30d, 12h or 90m (for ever)")->type_name("TIME");
    add_json(command, token_.json, "Print JSON");
    command = add(*token, "list", "List the tokens, without themselves", help::token, [this] { return token_list(context_, token_.json); });
    add_json(command, token_.json);
    command = add(*token, "revoke", "Take a token back at once", help::token, [this] { return token_revoke(context_, token_.name); });
    command->add_option("name", token_.name, "Name of the token")->required()->type_name("NAME");
  }

  void add_cache_commands() {
    auto* cache = add(app_, "cache", "Show and clear the results that are kept", help::cache, {});
    cache->require_subcommand(1);
    auto* costs = add(app_, "cost", "Show what calls have cost, and the budgets", help::cost, [this] { return cost(context_, cost_); });
    costs->add_option("--by", cost_.by, "tool, server, client or day (tool)")
      ->check(quiet(CLI::IsMember({"tool", "server", "client", "day"})))
      ->type_name("WHAT");
    costs->add_option("--days", cost_.days, "Today and the days before it (30)")
      ->check(quiet(CLI::Range(1, 400)))
      ->type_name("N");
    auto* as_json = costs->add_flag("--json", cost_.json, "Print JSON instead of a table");
    auto* as_csv = costs->add_flag("--csv", cost_.csv, "Print a table for spreadsheets")->excludes(as_json);
    costs->add_flag("--prices", cost_.prices, "Show what tools cost, as the configuration says")->excludes(as_json)->excludes(as_csv);
    auto* command = add(*cache, "stats", "Show what is kept and what it saved", help::cache,
                        [this] { return cache_stats(context_, list_.json); });
    add_json(command, list_.json);
    command = add(*cache, "clear", "Forget what is kept", help::cache, [this] { return cache_clear(context_, server_); });
    command->add_option("server", server_, "Only the results of this server")->type_name("SERVER");
  }

  void add_mesh_commands() {
    auto* mesh = add(app_, "mesh", "See and tell other agents", help::mesh, {});
    mesh->require_subcommand(1);
    auto* command = add(*mesh, "peers", "Show who is in the mesh", help::mesh, [this] { return mesh_peers(context_, list_.json); });
    add_json(command, list_.json);
    command = add(*mesh, "inbox", "Show the messages that have come", help::mesh, [this] { return mesh_inbox(context_, list_.json); });
    add_json(command, list_.json);
    command = add(*mesh, "send", "Send a message", help::mesh, [this] { return mesh_send(context_, mesh_to_, mesh_text_); });
    command->add_option("to", mesh_to_, "A peer, broadcast, or project:FOLDER")->required()->type_name("TO");
    command->add_option("text", mesh_text_, "The message, at most 4096 bytes")->required()->type_name("TEXT");
  }

  void add_plugin_commands() {
    auto* plugins = add(app_, "plugins", "List, switch and read the plugins of the hub", help::plugins, {});
    plugins->require_subcommand(1);
    auto* command = add(*plugins, "list", "Show the plugins and how they are", help::plugins,
                        [this] { return plugins_list(context_, list_.json); });
    add_json(command, list_.json);
    command = add(*plugins, "enable", "Switch a plugin on in the configuration", help::plugins,
                  [this] { return switch_plugin(context_, server_, true); });
    command->add_option("name", server_, "Name of the plugin")->required()->type_name("NAME");
    command = add(*plugins, "disable", "Switch a plugin off in the configuration", help::plugins,
                  [this] { return switch_plugin(context_, server_, false); });
    command->add_option("name", server_, "Name of the plugin")->required()->type_name("NAME");
    command = add(*plugins, "logs", "Show what a plugin wrote to its log", help::plugins,
                  [this] { return plugin_logs(context_, logs_); });
    command->add_option("name", logs_.server, "Name of the plugin")->required()->type_name("NAME");
    command->add_flag("-f,--follow", logs_.follow, "Go on with what is written from now on");
    command->add_option("-n,--lines", logs_.lines, "How many of the last lines (50)")
      ->check(quiet(CLI::Range(0, 1'000'000)))
      ->type_name("N");
  }

  void add_learn_commands() {
    auto* learn = add(app_, "learn", "Show and forget what searches have learnt", help::learn, {});
    learn->require_subcommand(1);
    auto* command = add(*learn, "show", "Show which tool is called when", help::learn,
                        [this] { return learn_show(context_, list_.json); });
    add_json(command, list_.json);
    add(*learn, "reset", "Forget all of it", help::learn, [this] { return learn_reset(context_); });
  }

  void add_audit_commands() {
    auto* audit = add(app_, "audit", "Show, check and export what clients did", help::audit, {});
    audit->require_subcommand(1);
    auto* command = add(*audit, "list", "Show the last calls", help::audit, [this] { return audit_list(context_, audit_); });
    add_audit_filters(command);
    command->add_option("--limit", audit_.limit, "The most lines (50)")->check(quiet(CLI::Range(1, 1'000'000)))->type_name("N");
    add_json(command, audit_.json);
    command = add(*audit, "verify", "Check that no line was changed, added or removed", help::audit,
                  [this] { return audit_verify(context_, audit_.json); });
    add_json(command, audit_.json, "Print JSON");
    command = add(*audit, "export", "Write all lines to standard output", help::audit, [this] { return audit_export(context_, audit_); });
    add_audit_filters(command);
    auto* json = command->add_flag("--json", audit_.json, "As they are, an object a line (the default)");
    command->add_flag("--csv", audit_.csv, "As a table for spreadsheets")->excludes(json);
  }

  void add_audit_filters(CLI::App* command) {
    command->add_option("--since", audit_.since, "Only from then on: 30m, 2h, 7d, or a date")->type_name("TIME");
    command->add_option("--tool", audit_.tool, "Only this tool; * and ? match")->type_name("TOOL");
    command->add_option("--client", audit_.client, "Only this client; * and ? match")->type_name("NAME");
    command->add_option("--outcome", audit_.outcome, "ok, tool_error, error, failed, cancelled or denied")
      ->check(quiet(CLI::IsMember({"ok", "tool_error", "error", "failed", "cancelled", "denied"})))
      ->type_name("WORD");
  }

  void add_config_commands() {
    auto* config = add(app_, "config", "Make, check and show the configuration", help::config, {});
    config->require_subcommand(1);
    add(*config, "init", "Write a first configuration file with comments", "", [this] { return config_init(context_); });
    add(*config, "show", "Show the configuration as it counts, without secrets", "", [this] { return config_show(context_); });
    auto* command = add(*config, "validate", "Check the configuration, or a file", "",
                        [this] { return config_validate(context_, path_); });
    command->add_option("file", path_, "File to check instead of the hub's own")->type_name("FILE");
    add(*config, "path", "Show where the configuration file is", "", [this] { return config_path(context_); });
    auto import = [this] { return import_servers(context_, import_); };
    command = add(*config, "import", "Take the MCP servers of another file", help::import, import);
    command->add_option("file", import_.file, "File of an AI client")->required()->type_name("FILE");
    add_import_flags(command);
    auto* setup = add(app_, "setup", "Take over the servers of AI clients", "", {});
    setup->require_subcommand(1);
    command = add(*setup, "import", "Take the MCP servers of all AI clients found, or of a file", help::import, import);
    command->add_option("file", import_.file, "File of an AI client; all that are found if left out")->type_name("FILE");
    command->add_option("--project", import_.project, "Take the files of this project folder too")->type_name("DIR");
    add_import_flags(command);
  }

  void add_import_flags(CLI::App* command) {
    command->add_flag("--dry-run", import_.dry_run, "Only show what would be taken");
    add_json(command, import_.json, "Print JSON");
  }

  command_context context_;
  CLI::App app_{"One MCP hub for all your AI clients: every server, started when needed, behind one address.", "slm-hub"};
  std::function<exit_code()> chosen_;
  std::string config_dir_;
  std::string server_;
  std::string mesh_to_;
  std::string mesh_text_;
  std::string tool_;
  std::string path_;
  add_options add_;
  start_options start_;
  service_options service_;
  top_options top_;
  trace_options trace_;
  list_options list_;
  search_options search_;
  call_options call_;
  connect_options connect_;
  logs_options logs_;
  login_options login_;
  import_options import_;
  permission_check_options check_;
  token_options token_;
  audit_options audit_;
  cost_options cost_;
};

} // namespace

exit_code run(const std::vector<std::string>& words, console& io, variable_map environment) {
  try {
    return command_line{io, std::move(environment)}.run(words);
  } catch (const command_error& e) {
    io.err << "slm-hub: " << printable_text(e.what()) << '\n';
    return e.code();
  } catch (const std::exception& e) {
    io.err << "slm-hub: unexpected error: " << printable_text(e.what()) << "; please report it\n";
    return exit_code::error;
  }
}

} // namespace hub::cli
