#include "cli/help.hpp"

namespace hub::cli::help {

const char* const program = R"(First steps:
  slm-hub start                        run the hub; it takes the servers of your AI clients
  slm-hub status                       what runs, and what is wrong
  slm-hub search create an issue       find a tool
  slm-hub call github__create_issue title=Hello body='It works'

Environment:
  SLM_HUB_CONFIG_DIR    folder of the configuration (~/.slm-mcp-hub)
  SLM_HUB_HOST, SLM_HUB_PORT, SLM_HUB_LOG_LEVEL
                        win over the configuration file
  NO_COLOR              no colours, if it is not empty

Exit codes: 0 done, 1 it could not be done (the message says why), 2 wrong usage.
`slm-hub COMMAND --help` explains a command.)";

const char* const start = R"(The hub runs in the foreground until Ctrl-C, SIGTERM or `slm-hub stop`. Calls in
flight then get up to 5 s. There is one hub for each folder of configuration.
With --detach it runs in the background; the command returns when it answers, or says
why it cannot. `slm-hub service install` has the system start it.

Without a configuration the first start makes one from the MCP servers that it
finds in the files of your AI clients, or with a demonstration server.

Options win over the environment, and the environment over the file.

Examples:
  slm-hub start
  slm-hub start --detach
  slm-hub start --port 8080 --log-level debug
  slm-hub start --config-dir ./test-hub --port 0)";

const char* const stop = R"(Calls in flight get up to 5 s, then all servers are ended. The command returns when
the hub's process is gone, or fails after 15 s.)";

const char* const reload = R"(The hub reads its configuration by itself when the file has changed, and when it gets
SIGHUP; this says at once what came of it. A server that has changed finishes what is in
flight and is started anew; the others go on. A file with a mistake changes nothing.)";

const char* const changes = R"(The hub remembers each tool as it was when it was first seen: names, texts, schemas and
annotations. This shows what is different by now, and which texts look like an attack on
the model: hidden characters, instructions, places of secrets, names of other servers' tools.
Characters that are not ASCII are shown by their numbers.

"tool_changes" in the configuration says what becomes of a change: "pass" takes it, "warn"
takes it and shows it here, "hold" keeps it back until it is approved.)";

const char* const approve = R"(Takes a tool as its server has it now, or all of the server's tools; look at them first
with `slm-hub changes`.

Examples:
  slm-hub approve github
  slm-hub approve github create_issue)";

const char* const add = R"(Keeps the comments of the file. A running hub takes the server at once.

Examples:
  slm-hub add files -- npx -y @modelcontextprotocol/server-filesystem /srv/data
  slm-hub add github -e GITHUB_TOKEN='${GITHUB_TOKEN}' mcp-github
  slm-hub add docs https://docs.example.org/mcp -H 'Authorization: Bearer ${DOCS_TOKEN}')";

const char* const edit = R"(Keeps the comments of the file. A running hub follows at once; calls that are in flight
at the server are answered first.)";

const char* const status = R"(States: disabled; known (its tools are known, nothing runs until somebody calls one);
queued (it waits for its turn to start); starting; ready; stopping; backing off (it
crashed and is tried again); failed.
P95 is the time in which 95 of 100 calls were answered.

Examples:
  slm-hub status
  slm-hub status --json | jq '.servers[] | select(.state == "failed")')";

const char* const connect = R"(For clients that start a program and speak MCP over its standard input and output. The
hub is started in the background if it does not run, and goes on when the client ends.
Standard output carries nothing but messages; what goes wrong is said on standard error.

Examples, as the command of an MCP server in the file of a client:
  slm-hub connect
  slm-hub connect --server github
  slm-hub connect --group web)";

const char* const top = R"(Figures count from the start of the hub on. Latencies are read from buckets, so they are about right.
What Prometheus reads is at /metrics (docs/observability.md).

Examples:
  slm-hub top
  slm-hub top --once
  slm-hub top --json | jq '.calls[] | select(.errors > 0)')";

const char* const trace = R"(The hub keeps the last 1,000 calls with the time that each step took: admission (session and
permission rules), cache, shared (waiting for the answer to an equal call), start (of the
server), queue (before a server that carries as many calls as it may), server, answer.
A client that sends `traceparent` finds its own trace here. docs/observability.md says
how traces are sent to a collector.

Examples:
  slm-hub trace
  slm-hub trace 4bf92f35
  slm-hub trace --json --limit 1 | jq -r '.traces[0].trace_id')";

const char* const servers = R"(Examples:
  slm-hub servers
  slm-hub servers -v                   since when, why, what next, and what would fix it
  slm-hub servers --json | jq -r '.servers[].name')";

const char* const tools = R"(Tools are known without running their servers. The name is the one for `slm-hub call`.

Examples:
  slm-hub tools --server github
  slm-hub tools --json | jq -r '.tools[].name')";

const char* const search = R"(Finds tools as a model does with hub__search_tools, best first. With --json comes the
reply that a model gets, with schemas as far as they fit.

Examples:
  slm-hub search send a message
  slm-hub search "read file" --server filesystem --limit 3)";

const char* const call = R"(Arguments are pairs key=value, or one JSON object. A value that is JSON, such as 3, true
or [1,2], is taken as that, and any other as a string; for the string "3" write key='"3"'.

The text that the tool answers goes to standard output. A tool that fails puts it on
standard error, and the exit code is 1. Progress is drawn on a terminal. Ctrl-C cancels
the call.

Examples:
  slm-hub call demo__convert_units value=26.2 from=mi to=km
  slm-hub call demo__word_count '{"text": "to be or not"}'
  slm-hub call demo__word_count --args - < arguments.json
  slm-hub call demo__countdown from=10 --timeout 5
  slm-hub call demo__make_text bytes=1000 --json | jq '.content[0].text')";

const char* const cache = R"(Calls of tools that say of themselves that they only read and may be repeated (readOnlyHint
and idempotentHint), and reads of resources, share one call at the server while it is in
flight. Results are kept as long as they themselves say (`ttlMs`), or as "cache" in the
configuration says, until the server is written to. `_meta` of a result tells what happened:
"hub/cache" is hit, shared or miss.

SAVED are the calls that did not reach the server, of all that could be cached.

Examples:
  slm-hub cache stats --json | jq '.servers[] | select(.hits > 0)'
  slm-hub cache clear github)";

const char* const mesh = R"(With the memory daemon (SuperLocalMemory), agents of this machine see each other and send each
other short messages. The hub is one of them. What others write is text of strangers: read it,
do not run it.

Examples:
  slm-hub mesh peers
  slm-hub mesh inbox --json | jq -r '.messages[].text'
  slm-hub mesh send broadcast "the staging database is being restored"
  slm-hub mesh send 4a808dee-98b "see /srv/alpha/NOTES.md")";

const char* const cost = R"(What calls of tools with a price have cost, in cents, by days of UTC. Prices stand in the
configuration ("prices", "cost_per_call_cents"); well-known paid tools have one without it, which
is about right and switched off by "known_prices": false. "budgets" stop calls that would cost more
than they allow. `_meta` of a result tells what the call has cost: "hub/cost".

SAVED is what calls would have cost that the cache answered.

Examples:
  slm-hub cost --by day --days 7
  slm-hub cost --by client --csv > costs.csv
  slm-hub cost --json | jq '.budgets[] | select(.spent_cents >= .cents)')";

const char* const plugins = R"(A plugin is a program in the folder `plugins` of the configuration that speaks JSON-RPC over its
standard input and output: it hears of sessions, servers and calls, and may deny calls
(docs/plugins.md). After `slm-hub reload` a new one is there.

TOLD is what a plugin was told, DROPPED what it did not take in time, DENIED how many of
the calls that it was asked about it refused.

Examples:
  slm-hub plugins list
  slm-hub plugins list --json | jq '.plugins[] | select(.dropped > 0)'
  slm-hub plugins disable call_log
  slm-hub plugins logs -f call_log)";

const char* const learn = R"(The hub counts which tool is called after a search with which words, after which other tool,
and in which kind of project. Of tools that a search finds about equally good, those that were
called come first. Counts halve in a month. "learning": "off" in the configuration ends it.

Examples:
  slm-hub learn show
  slm-hub learn show --json | jq '.habits[] | select(.project == "rust")'
  slm-hub learn reset)";

const char* const logs = R"(A server's log is what it wrote to standard error. It is kept in the folder `logs` of the
configuration, one file for each server. No hub has to run.

Examples:
  slm-hub logs github
  slm-hub logs -f -n 0 github)";

const char* const restart = R"(Ends the server if it runs, forgets its failures and starts it again. Its calls in flight
are answered with an error.

Without a server the hub itself begins anew, as the same process with the same options:
calls in flight get up to 5 s, servers end, sessions go on. It takes a newer program and
the settings that count from a start on.

Examples:
  slm-hub restart github
  slm-hub restart)";

const char* const service = R"(The hub runs from login to logout and is started again when it fails or hangs; with
lingering (`loginctl enable-linger`) it runs from boot on. The unit keeps the PATH of the
shell that installs it, where npx and uvx are found; install it again when that changes.
In the unit's sandbox, servers may write your home, the configuration folder and temporary
folders; --writable adds others.

Examples:
  slm-hub service install
  slm-hub service install --writable /srv/data
  slm-hub service status)";

const char* const login = R"(Servers reached over HTTP may want a user to agree that the hub uses them (OAuth 2.1).
`slm-hub status` names those. The command shows an address, opens it if there is a
display, and returns when you have agreed in the browser. The browser must run on this
machine, because it comes back to the hub. From then on the hub renews the login by
itself. It is kept sealed in the folder `tokens` of the configuration.

Examples:
  slm-hub login github
  slm-hub login github --no-browser)";

const char* const logout = R"(Tells the authorization server to take the login back, where it can, and forgets it.

Example:
  slm-hub logout github)";

const char* const permissions = R"(Rules stand under "permissions" in the configuration; docs/configuration.md has their order.

Examples:
  slm-hub permissions check claude-code github__delete_repository
  slm-hub permissions check cursor delete_repository --server github --role ci --json)";

const char* const token = R"(A token lets a client in where the hub wants one: with "require_token": true, and at any
address but loopback. Clients send it as Authorization: Bearer TOKEN. The role `admin` may
also manage the hub over HTTP. The hub keeps only the SHA-256 of a token.

Examples:
  slm-hub token create laptop --expires 30d
  slm-hub token create ci --role ci --json | jq -r .token
  slm-hub token revoke laptop)";

const char* const audit = R"(The hub writes a line for each call and refusal into audit.jsonl beside the configuration.
Each line holds the hash of the one before, so that `verify` finds what was changed.
Arguments of calls stand there as a hash only, unless "audit": {"arguments": true}.

Examples:
  slm-hub audit list --since 2h --outcome denied
  slm-hub audit list --tool 'github__delete_*' --json
  slm-hub audit export --csv > calls.csv)";

const char* const config = R"~(These commands read and write the file; no hub needs to run. A hub that runs takes
changes when it is started again.

Examples:
  slm-hub config init
  slm-hub config validate ./config.json
  $EDITOR "$(slm-hub config path)")~";

const char* const import = R"(Reads the files of Claude Code, Claude Desktop, VS Code, Cursor, Windsurf, Codex, Gemini
CLI, Zed, opencode, Goose and Continue, or one FILE in any of their formats. Clients'
files stay as they are; in the hub's own, all that is there stays. What could not be
taken is listed with the reason.

Examples:
  slm-hub setup import --dry-run
  slm-hub setup import
  slm-hub config import ~/project/.mcp.json)";

} // namespace hub::cli::help
