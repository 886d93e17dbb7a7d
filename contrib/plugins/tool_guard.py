#!/usr/bin/env python3
"""A plugin of slm-hub: writes calls to a file, and denies those that match a pattern.

Copy it into ~/.slm-mcp-hub/plugins, make it executable, run `slm-hub reload`. Its settings, in the configuration:

    "plugins": {"tool_guard": {"settings": {"deny": ["github/delete_*"], "log": "/tmp/calls.jsonl"}}}
"""

import fnmatch
import json
import sys

SCHEMA = {
    "type": "object",
    "properties": {
        "deny": {"type": "array", "description": "Patterns of SERVER/TOOL that may not be called"},
        "log": {"type": "string", "description": "A file that gets a line for each call"},
    },
    "additionalProperties": False,
}

settings = {}


def send(message: dict):
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)


def initialize(params: dict) -> dict:
    settings.update(params["settings"])
    hooks = ["hub_started", "hub_stopping"]
    if settings.get("deny"):
        hooks.append("before_call")
    if settings.get("log"):
        hooks += ["after_call", "session_started", "session_ended"]
    return {"protocol": 1, "name": "tool_guard", "version": "1.0", "hooks": hooks, "settings_schema": SCHEMA}


def before_call(call: dict) -> dict:
    name = f"{call['server']}/{call.get('tool', '')}"
    for pattern in settings["deny"]:
        if fnmatch.fnmatchcase(name, pattern):
            return {"deny": f"{name} matches {pattern}"}
    return {}


def note(method: str, params: dict):
    if settings.get("log"):
        with open(settings["log"], "a") as log:
            log.write(json.dumps({"event": method, **params}) + "\n")
    # Standard error is the log of the plugin: slm-hub plugins logs tool_guard
    print(method, file=sys.stderr, flush=True)


# The hub closes standard input when the plugin is to end.
for line in sys.stdin:
    message = json.loads(line)
    if message.get("method") == "initialize":
        send({"id": message["id"], "result": initialize(message["params"])})
    elif message.get("method") == "before_call":
        send({"id": message["id"], "result": before_call(message["params"])})
    elif "method" in message and "id" not in message:
        note(message["method"], message["params"])
