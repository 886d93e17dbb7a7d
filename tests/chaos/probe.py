"""Measures calls to healthy servers from a process of its own, which nothing else that the run does holds up.

Usage: probe.py PORT PID FILE SERVER...; PID is the file that has the hub's process id. One line for each good call, until SIGTERM: its
begin (of the monotonic clock), its length, how much of it the hub's shard, the server or this process stood ready to run but had
no processor, and how long the shard ran meanwhile; all in seconds. What misbehaving servers do to the machine shows in the third.
"""

import contextlib
import http.client
import itertools
import json
import os
import re
import sys
import time
from pathlib import Path

PAUSE_SECONDS = 0.02
META = "io.modelcontextprotocol/"
PID = re.compile(rb'"pid": ?(\d+)')


class Threads:
    """The scheduler's account of some threads of a process."""

    def __init__(self, pid: int, name: str = ""):
        self.pid = pid
        self.files = []
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                if (task / "comm").read_text().startswith(name):
                    self.files.append(os.open(task / "schedstat", os.O_RDONLY))

    def account(self) -> tuple[float, float]:
        """How long they ran, and how long they waited for a processor; in seconds."""
        ran = waited = 0
        with contextlib.suppress(OSError):
            for file in self.files:
                numbers = os.pread(file, 64, 0).split()
                ran += int(numbers[0])
                waited += int(numbers[1])
        return ran / 1e9, waited / 1e9

    def close(self):
        for file in self.files:
            os.close(file)


class Accounts:
    """Of those that a call passes: the shard of the hub, the server, and this process."""

    def __init__(self, pid_file: str):
        self.pid_file = Path(pid_file)
        self.own = Threads(os.getpid())
        self.hub = Threads(0)
        self.servers: dict[str, Threads] = {}

    def forget_hub(self):
        """Another one may have started."""
        self.hub.close()
        self.hub = Threads(0)

    def learn(self, server: str, pid: int):
        known = self.servers.get(server)
        if known is None or known.pid != pid:
            if known:
                known.close()
            self.servers[server] = Threads(pid)

    def of(self, server: str) -> tuple[float, float]:
        """How long the shard ran so far, and how long all three waited."""
        if not self.hub.files:
            self.hub = Threads(int(self.pid_file.read_text()), "shard-")
        ran, waited = self.hub.account()
        known = self.servers.get(server)
        return ran, waited + self.own.account()[1] + (known.account()[1] if known else 0.0)



def body(server: str, number: int) -> bytes:
    meta = {META + "protocolVersion": "2026-07-28", META + "clientCapabilities": {}, META + "clientInfo": {"name": "probe", "version": "1"}}
    params = {"name": "mark", "arguments": {"mark": f"c98-{number}-0"}, "_meta": meta}
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}).encode()


def main():
    port, pid_file, file, servers = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2026-07-28",
               "Mcp-Method": "tools/call", "Mcp-Name": "mark"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    accounts = Accounts(pid_file)
    with open(file, "a", buffering=1) as out:
        for number, server in zip(itertools.count(1), itertools.cycle(servers)):
            asked = body(server, number)
            try:
                if connection.sock is None:
                    connection.connect()
                    accounts.forget_hub()
                ran, waited = accounts.of(server)
                begin = time.monotonic()
                connection.request("POST", f"/mcp/{server}", asked, headers)
                reply = connection.getresponse().read()
                took = time.monotonic() - begin
                ran_then, waited_then = accounts.of(server)
                if f"c98-{number}-0".encode() in reply:
                    out.write(f"{begin} {took} {waited_then - waited} {ran_then - ran}\n")
                    accounts.learn(server, int(PID.search(reply)[1]))
            except (OSError, http.client.HTTPException):
                # The hub was killed; what others are told about it, they check.
                connection.close()
            time.sleep(PAUSE_SECONDS)


main()
