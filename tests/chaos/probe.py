"""Measures calls to healthy servers from a process of its own, which nothing else that the run does holds up.

Usage: probe.py PORT FILE SERVER...; one line for each good call, with its begin and its length in seconds of the monotonic clock, until SIGTERM.
"""

import http.client
import itertools
import json
import sys
import time

PAUSE_SECONDS = 0.02
META = "io.modelcontextprotocol/"


def body(server: str, number: int) -> bytes:
    meta = {META + "protocolVersion": "2026-07-28", META + "clientCapabilities": {}, META + "clientInfo": {"name": "probe", "version": "1"}}
    params = {"name": "mark", "arguments": {"mark": f"c98-{number}-0"}, "_meta": meta}
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}).encode()


def main():
    port, file, servers = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2026-07-28",
               "Mcp-Method": "tools/call", "Mcp-Name": "mark"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with open(file, "a", buffering=1) as out:
        for number, server in zip(itertools.count(1), itertools.cycle(servers)):
            asked = body(server, number)
            begin = time.monotonic()
            try:
                connection.request("POST", f"/mcp/{server}", asked, headers)
                reply = connection.getresponse().read()
                if f"c98-{number}-0".encode() in reply:
                    out.write(f"{begin} {time.monotonic() - begin}\n")
            except (OSError, http.client.HTTPException):
                # The hub was killed; what others are told about it, they check.
                connection.close()
            time.sleep(PAUSE_SECONDS)


main()
