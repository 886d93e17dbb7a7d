"""Servers that are reached over HTTP: processes on a loopback port that tests start, kill and start again."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from rig import places, processes
from rig.hub import free_port


class HttpServer:
    """One server on a port that stays its own."""

    def __init__(self, folder: Path, command: list[str], path="/mcp", port: int | None = None, env: dict | None = None):
        self.port = port or free_port()
        self.command = [part.replace("{port}", str(self.port)) for part in command]
        self.path = path
        self.env = {**os.environ, "PORT": str(self.port), **(env or {})}
        self.folder = folder
        self.log_file = folder / f"server-{self.port}.log"
        self.process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.path}"

    def start(self, seconds=20.0) -> "HttpServer":
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(self.command, cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        processes.wait_for(self.listens, seconds, f"a server listening on {self.port}")
        return self

    def listens(self) -> bool:
        assert self.process.poll() is None, f"the server exited: {self.log_file.read_text()}"
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self, how=signal.SIGKILL):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def everything(folder: Path, kind: str) -> HttpServer:
    """The reference server `everything`; `kind` is `streamableHttp` or `sse`."""
    program = str(places.npm_program("mcp-server-everything").resolve())
    return HttpServer(folder, [places.node(), program, kind], "/sse" if kind == "sse" else "/mcp")


def ours(folder: Path, *arguments: str, **more) -> HttpServer:
    """tests/integration/servers/plain_http.py."""
    command = [sys.executable, "-S", "-E", str(places.SERVERS / "plain_http.py"), "--port", "{port}", *arguments]
    return HttpServer(folder, command, **more)
