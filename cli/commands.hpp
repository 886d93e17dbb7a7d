#pragma once

#include "cli/command_context.hpp"
#include "cli/exit_code.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The commands, each in a file of its own name. They print to the console of the
// context and throw `command_error` for what the user has to hear.
namespace hub::cli {

struct start_options {
  /// Empty ones are left to the configuration.
  std::string host;
  std::optional<unsigned> port;
  std::string log_level;
  std::string log_format;

  /// In the background; the log goes to its files only.
  bool detached = false;
};

/// Becomes the daemon `slm-hubd` that lies beside this program, and then returns only by
/// throwing; or, if `detached`, starts it and waits up to a minute until it answers.
exit_code start(const command_context& context, const start_options& options);

/// The daemon's path and arguments, for `start`.
std::vector<std::string> daemon_command(const command_context& context, const start_options& options);

/// Asks the hub to stop and waits, up to 15 s, until its process has ended.
exit_code stop(const command_context& context);

struct list_options {
  /// Print the hub's JSON instead of a table.
  bool json = false;

  /// Only of this server, if not empty.
  std::string server;

  /// Why each server is in its state, and what comes next.
  bool verbose = false;
};

struct top_options {
  bool json = false;

  /// Print it once and end.
  bool once = false;

  /// How often it is drawn anew, in seconds.
  double interval = 2;
};

struct trace_options {
  /// The id of a trace, or how it begins; empty for a list of the last calls.
  std::string id;

  /// The most calls in the list.
  size_t limit = 20;

  bool json = false;
};

/// The last calls, or one of them step by step.
exit_code trace(const command_context& context, const trace_options& options);

/// Calls by server and tool, drawn anew until the user ends it.
exit_code top(const command_context& context, const top_options& options);

exit_code status(const command_context& context, const list_options& options);
exit_code servers(const command_context& context, const list_options& options);
exit_code tools(const command_context& context, const list_options& options);

struct search_options {
  std::vector<std::string> words;
  std::string server;

  /// 0 is the hub's default.
  int limit = 0;

  bool json = false;
};

exit_code search(const command_context& context, const search_options& options);

struct connect_options {
  /// The server behind the bridge; empty for all.
  std::string server;

  /// The group behind the bridge; empty for none.
  std::string group;
};

/// Joins a client that speaks MCP over standard input and output to the hub, which is
/// started if it does not run. Standard output carries nothing but messages.
exit_code connect(const command_context& context, const connect_options& options);

struct call_options {
  std::string tool;

  /// See `tool_arguments`.
  std::vector<std::string> words;

  /// A JSON object, or `-` for standard input; empty if not given.
  std::string arguments;

  /// Zero is as long as the tool likes.
  std::chrono::duration<double> time_limit{0};

  bool json = false;
};

exit_code call(const command_context& context, const call_options& options);

struct logs_options {
  std::string server;
  size_t lines = 50;
  bool follow = false;
};

exit_code logs(const command_context& context, const logs_options& options);

struct login_options {
  std::string server;

  /// Open the user's browser if there is a display.
  bool browser = true;

  std::chrono::seconds time_limit{600};
};

/// Logs the user in at a server that wants it: shows the address, and waits until
/// the browser has come back to the hub.
exit_code login(const command_context& context, const login_options& options);

/// Takes the hub's login at a server back.
exit_code logout(const command_context& context, const std::string& server);

/// Shows the tools that are other than they were pinned, line by line, and those that look
/// suspicious.
exit_code changes(const command_context& context, const list_options& options);

/// Tells, for people, what the member `tool_changes` of an answer counts.
void print_reviews(console& io, std::string_view answer);

/// Pins a tool of a server as it is now, or all if `tool` is empty.
exit_code approve(const command_context& context, const std::string& server, const std::string& tool);

struct permission_check_options {
  /// The name that the client gives itself.
  std::string client;

  /// As its server calls it with a server, else as clients of `/mcp` call it.
  std::string tool;
  std::string server;
  std::string role;
  std::string project;
  bool json = false;
};

/// Tells what the permission rules of the configuration decide, and which rule did.
exit_code permissions_check(const command_context& context, const permission_check_options& options);

struct token_options {
  std::string name;
  std::string role = "user";

  /// Such as `30d`; empty for never.
  std::string expires;

  bool json = false;
};

/// Makes a token for a client, shows it once, and has a hub that runs take it.
exit_code token_create(const command_context& context, const token_options& options);
exit_code token_list(const command_context& context, bool json);

/// Takes a token back, and with it the sessions that it opened.
exit_code token_revoke(const command_context& context, const std::string& name);

struct audit_options {
  /// A length of time such as `2h`, or a date; empty for all.
  std::string since;

  /// Patterns with `*` and `?`; empty for all.
  std::string tool;
  std::string client;

  /// One of `call_outcome`, as it is written; empty for all.
  std::string outcome;

  /// The most lines, the last ones.
  size_t limit = 50;

  bool json = false;
  bool csv = false;
};

/// Shows what the audit says of calls; no hub has to run.
exit_code audit_list(const command_context& context, const audit_options& options);

/// Checks the chain of the audit and names the first line that breaks it.
exit_code audit_verify(const command_context& context, bool json);

/// Writes the lines of the audit to standard output.
exit_code audit_export(const command_context& context, const audit_options& options);

/// Starts a server again, or the hub itself if `server` is empty. The hub begins anew as
/// the same process; a configuration with a mistake stops that before it begins.
exit_code restart(const command_context& context, const std::string& server);

struct service_options {
  /// Print JSON.
  bool json = false;

  /// Folders that servers may write besides the home, the configuration and temporary files.
  std::vector<std::string> writable;
};

/// These write, take away and explain the unit by which the user's service manager runs
/// the hub: systemd's, or launchd's on a Mac.

exit_code service_install(const command_context& context, const service_options& options);
exit_code service_uninstall(const command_context& context);
exit_code service_status(const command_context& context, const service_options& options);

/// Has the running hub read its configuration again.
exit_code reload(const command_context& context, bool json);

/// What the cache did for each server.
exit_code cache_stats(const command_context& context, bool json);

/// Has results forgotten: of one server, or all if the name is empty.
exit_code cache_clear(const command_context& context, const std::string& server);

/// The agents of the mesh, the messages of them, and a message to one or all.
exit_code mesh_peers(const command_context& context, bool json);
exit_code mesh_inbox(const command_context& context, bool json);

/// @param to A peer, `broadcast`, or `project:` and a folder.
exit_code mesh_send(const command_context& context, const std::string& to, const std::string& text);

struct cost_options {
  /// `tool`, `server`, `client` or `day`.
  std::string by = "tool";

  /// Today and the days before it.
  int days = 30;

  bool json = false;
  bool csv = false;

  /// Show what tools cost by the configuration instead; no hub has to run.
  bool prices = false;
};

/// What calls have cost, and what is left of the budgets.
exit_code cost(const command_context& context, const cost_options& options);

/// The plugins, how they are, and what became of what they were told.
exit_code plugins_list(const command_context& context, bool json);

/// Switches a plugin on or off in the configuration, and has a running hub follow.
exit_code switch_plugin(const command_context& context, const std::string& name, bool on);

/// What the program of a plugin wrote to standard error. `options.server` names the plugin.
exit_code plugin_logs(const command_context& context, const logs_options& options);

/// What is known of which tool is called when.
exit_code learn_show(const command_context& context, bool json);

/// Has all of that forgotten.
exit_code learn_reset(const command_context& context);

struct add_options {
  std::string name;

  /// The program and its arguments, or an address alone.
  std::vector<std::string> words;

  /// Each `NAME=value`.
  std::vector<std::string> env;

  /// Each `Name: value`.
  std::vector<std::string> headers;

  /// Of a server with an address: `http` or `sse`; empty to find out.
  std::string type;
};

// These change the configuration file, keep its comments, and have a running hub read it.

exit_code add_server(const command_context& context, const add_options& options);
exit_code remove_server(const command_context& context, const std::string& name);
exit_code switch_server(const command_context& context, const std::string& name, bool on);

exit_code version(const command_context& context, bool json);

exit_code config_init(const command_context& context);
exit_code config_show(const command_context& context);

/// Checks the file `path`, or the hub's own if it is empty.
exit_code config_validate(const command_context& context, const std::string& path);

exit_code config_path(const command_context& context);

struct import_options {
  /// A client's file; empty is all that are found.
  std::string file;

  /// A folder whose own files count too, such as its `.mcp.json`; empty is none.
  std::string project;

  /// Only tell what would be taken.
  bool dry_run = false;

  bool json = false;
};

/// Takes the MCP servers of AI clients into the hub's configuration.
exit_code import_servers(const command_context& context, const import_options& options);

} // namespace hub::cli
