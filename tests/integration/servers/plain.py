"""A well-behaved server of the handshake era.

Usage: plain.py [--record FILE] [--pages N] [--name NAME] [--slow-start SECONDS] [--era modern]
It echoes, waits, reports progress, logs, changes its lists, pages them, keeps resources and prompts, crashes when asked.
"""

import argparse
import os
import sys
import time

from basis import META, Fault, Later, Server, later, send, text

options = argparse.ArgumentParser()
options.add_argument("--record")
options.add_argument("--pages", type=int, default=1)
options.add_argument("--name", default="plain")
options.add_argument("--slow-start", type=float, default=0.0)
options.add_argument("--era", choices=["handshake", "modern"], default="handshake")


class Plain(Server):
    instructions = "Speak plainly."
    capabilities = {
        "tools": {"listChanged": True},
        "resources": {"listChanged": True},
        "prompts": {"listChanged": True},
        "logging": {},
        "completions": {},
    }

    def __init__(self, given):
        super().__init__(given.record)
        self.name = given.name
        self.pages = given.pages
        self.modern = given.era == "modern"
        self.timers = {}
        self.pings = 0
        string = {"type": "string"}
        self.tool("echo", self.echo, "Gives back its arguments", {"text": string}, title="Echo", _meta={"example.org/kept": [1]})
        self.tool("wait", self.wait, "Answers after some milliseconds", {"ms": {"type": "integer"}})
        self.tool("burn", self.burn, "Uses processor time, and tells how long that took", {"ms": {"type": "integer"}})
        self.tool("count", self.count, "Counts with progress", {"steps": {"type": "integer"}, "ms": {"type": "integer"}})
        self.tool("blob", lambda a, m: text("x" * int(a["bytes"])), "Makes a long text", {"bytes": {"type": "integer"}})
        self.tool("fail", lambda a, m: text("it failed", isError=True), "A tool that fails")
        self.tool("fault", self.fault, "An error of the protocol")
        self.tool("crash", lambda a, m: self.crash(), "Ends the process at once")
        self.tool("pid", lambda a, m: text(str(os.getpid())), "Tells its process id")
        self.tool("environment", self.environment, "Tells one variable of its environment", {"name": string})
        self.tool("where", lambda a, m: text(os.getcwd()), "Tells its working folder")
        self.tool("add_tool", self.add_tool, "Adds a tool and says so", {"name": string})
        self.tool("ping_me", self.ping_me, "Sends a ping to its client")
        self.tool("log", self.log, "Logs a line of each level")
        self.tool("exact", self.exact, "A result with numbers and members that must survive as they are")
        for i in range(20 if self.pages > 1 else 0):
            self.tool(f"paged_{i:02}", self.echo, f"Tool {i} of many")
        self.handlers |= {
            "tools/list": self.paged("tools", [tool["listed"] for tool in self.tools.values()]),
            "resources/list": self.paged("resources", self.resources()),
            "resources/templates/list": self.paged("resourceTemplates", self.templates()),
            "resources/read": self.read,
            "prompts/list": self.paged("prompts", self.prompts()),
            "prompts/get": self.prompt,
            "completion/complete": self.complete,
            "logging/setLevel": self.set_level,
        }
        if self.modern:
            del self.handlers["initialize"], self.handlers["ping"], self.handlers["logging/setLevel"]
            self.handlers["server/discover"] = self.discover

    # Lists, in pages where asked for; tools added later come on the last page.
    def paged(self, key, items):
        def page(message):
            everything = [tool["listed"] for tool in self.tools.values()] if key == "tools" else items
            size = -(-len(everything) // self.pages)
            cursor = message.get("params", {}).get("cursor")
            try:
                at = int(cursor.removeprefix("page-")) if cursor is not None else 0
            except ValueError:
                raise Fault(-32602, f"bad cursor {cursor}") from None
            result = {key: everything[at * size:(at + 1) * size]}
            if (at + 1) * size < len(everything):
                result["nextCursor"] = f"page-{at + 1}"
            return self.modern_result(result, cached=True)
        return page

    def modern_result(self, result, cached=False):
        if not self.modern:
            return result
        more = {"ttlMs": 0, "cacheScope": "private"} if cached else {}
        return {"resultType": "complete", **result, **more}

    def discover(self, message):
        self.record("server/discover", message.get("params"))
        info = {META + "serverInfo": {"name": self.name, "version": "1.2.3"}}
        return {
            "resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": self.capabilities,
            "instructions": self.instructions, "ttlMs": 0, "cacheScope": "private", "_meta": info,
        }

    def call(self, message):
        self.record("tools/call", message.get("params"))
        return self.modern_result(super().call(message))

    # Tools.
    def echo(self, arguments, message):
        return text(arguments.get("text", ""), structuredContent={"arguments": arguments}, _meta={"example.org/seen": True})

    def wait(self, arguments, message):
        done = lambda: self.answer(message, self.modern_result(text("waited")))
        self.timers[message["id"]] = later(int(arguments["ms"]) / 1000, done)
        raise Later

    def burn(self, arguments, message):
        began, until = time.monotonic(), time.process_time() + int(arguments["ms"]) / 1000
        while time.process_time() < until:
            pass
        return text(str(round((time.monotonic() - began) * 1000)))

    def count(self, arguments, message):
        steps, pause = int(arguments.get("steps", 3)), int(arguments.get("ms", 20)) / 1000
        token = message["params"].get("_meta", {}).get("progressToken")

        def step(i):
            if token is not None:
                params = {"progressToken": token, "progress": i, "total": steps, "message": f"step {i}"}
                send({"jsonrpc": "2.0", "method": "notifications/progress", "params": params})
            if i == steps:
                return self.answer(message, self.modern_result(text(f"counted to {steps}")))
            self.timers[message["id"]] = later(pause, lambda: step(i + 1))
        step(1)
        raise Later

    def fault(self, arguments, message):
        raise Fault(-32055, "a fault of our own", {"detail": ["kept", 1.50, None]})

    def crash(self):
        print("plain: about to crash", file=sys.stderr, flush=True)
        os._exit(7)

    def environment(self, arguments, message):
        return text(os.environ.get(arguments["name"], ""))

    def add_tool(self, arguments, message):
        self.tool(arguments["name"], self.echo, f"Added later: {arguments['name']}")
        send({"jsonrpc": "2.0", "method": "notifications/tools/list_changed"})
        return text("added")

    def ping_me(self, arguments, message):
        self.pings += 1
        send({"jsonrpc": "2.0", "id": f"ping-{self.pings}", "method": "ping"})
        return text("sent")

    def log(self, arguments, message):
        for level in ("debug", "info", "warning", "error"):
            send({"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": level, "logger": "plain", "data": f"a line of {level}"}})
        return text("logged")

    def exact(self, arguments, message):
        return {"content": [], "structuredContent": {"big": 9007199254740993, "unicode": "grün ☃ 𝄞 \u0007"}, "unknown": {"kept": True}}

    def set_level(self, message):
        self.record("logging/setLevel", message["params"])
        return {}

    def on_notification(self, message):
        super().on_notification(message)
        if message["method"] == "notifications/cancelled":
            timer = self.timers.pop(message["params"].get("requestId"), None)
            if timer:
                timer.cancel()

    # Resources, prompts, completion.
    def resources(self):
        note = {"uri": "note://one", "name": "one", "description": "The first note", "mimeType": "text/plain"}
        return [note, {"uri": "file:///etc/plain.conf", "name": "conf", "mimeType": "text/plain"}]

    def templates(self):
        return [{"uriTemplate": "note://by-id/{id}", "name": "by id", "description": "A note by its id"}]

    def read(self, message):
        uri = message["params"]["uri"]
        if not uri.startswith("note://") and uri != "file:///etc/plain.conf":
            raise Fault(-32602 if self.modern else -32002, "Resource not found", {"uri": uri})
        contents = [{"uri": uri, "mimeType": "text/plain", "text": f"{self.name}: {uri}"}]
        return self.modern_result({"contents": contents}, cached=True)

    def prompts(self):
        return [{"name": "greet", "description": "Greets somebody", "arguments": [{"name": "who", "required": True}]}]

    def prompt(self, message):
        params = message["params"]
        if params["name"] != "greet":
            raise Fault(-32602, f"no prompt {params['name']}")
        line = f"Hello, {params.get('arguments', {}).get('who')}!"
        return self.modern_result({"messages": [{"role": "user", "content": {"type": "text", "text": line}}]})

    def complete(self, message):
        value = message["params"]["argument"]["value"]
        names = [name for name in ("anna", "anton", "berta") if name.startswith(value)]
        return self.modern_result({"completion": {"values": names, "total": len(names), "hasMore": False}})


given = options.parse_args()
server = Plain(given)
time.sleep(given.slow_start)
server.run()
