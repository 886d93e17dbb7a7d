"""A server whose tools are what a file says, as a list of MCP tool objects, each time they are listed; it also tells how it was started."""

import json
import os
import socket
import sys

from basis import Server, text


def facts() -> dict:
    """What this process has of the system: variables, descriptors, group."""
    return {
        "env": dict(os.environ),
        "descriptors": sorted(int(name) for name in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{name}")),
        "group": os.getpgid(0),
        "pid": os.getpid(),
    }


def tried(act) -> str:
    try:
        act()
    except OSError as wrong:
        return type(wrong).__name__ if wrong.errno is None else os.strerror(wrong.errno)
    return "done"


def write_to(path: str):
    with open(path, "w") as file:
        file.write("x")


class Shifting(Server):
    name = "shifting"

    def __init__(self, definitions: str):
        super().__init__()
        self.definitions = definitions
        self.handlers["tools/list"] = self.list_tools
        self.handlers["tools/call"] = self.run_tool

    def list_tools(self, message) -> dict:
        with open(self.definitions) as file:
            return {"tools": json.load(file)}

    def run_tool(self, message) -> dict:
        name, arguments = message["params"]["name"], message["params"].get("arguments", {})
        if name == "facts":
            return text(json.dumps(facts()))
        if name == "write":
            return text(tried(lambda: write_to(arguments["path"])))
        if name == "connect":
            return text(tried(lambda: socket.create_connection(("127.0.0.1", arguments["port"]), 5).close()))
        return text("ran " + name)


Shifting(sys.argv[1]).run()
