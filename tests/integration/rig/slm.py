"""Real SuperLocalMemory daemons: offline, each in an empty home of its own on a free loopback port."""

import json
import os
import signal
import subprocess
from http.client import HTTPConnection
from pathlib import Path

import pytest

from rig import places, processes, wire
from rig.hub import free_port

# The part of scripts/test-packages.sh for each generation.
PARTS = {"old": "slm3", "new": "slm4"}


def ask(port: int, method: str, path: str, body: object = None, headers: dict | None = None, timeout: float = 10) -> wire.Reply:
    """One request to a daemon, which never speaks TLS."""
    connection = HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        text = None if body is None else json.dumps(body)
        said = {"Content-Type": "application/json"} if text is not None else {}
        connection.request(method, path, text, {**said, **(headers or {})})
        return wire.read_reply(connection.getresponse())
    finally:
        connection.close()


class Daemon:
    """One daemon. It keeps its port and its data from one start to the next."""

    def __init__(self, folder: Path, generation: str, env: dict | None = None):
        part = PARTS[generation]
        why = places.PACKAGES / f"{part}.missing"
        if why.exists():
            pytest.skip(why.read_text())
        self.python = places.python(part)
        self.home, self.data = folder / "home", folder / "home" / ".superlocalmemory"
        self.data.mkdir(parents=True, exist_ok=True)
        (self.data / "config.json").write_text(json.dumps({"mode": "a", "retrieval": {"use_cross_encoder": False}}))
        self.port = free_port()
        self.log_file = folder / "daemon.log"
        self.extra_env = env or {}
        self.process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def token(self) -> str:
        """What the daemon wrote for local programs; empty for generations without one."""
        file = self.data / ".install_token"
        return file.read_text().strip() if file.exists() else ""

    def start(self, seconds: float = 60.0) -> "Daemon":
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "SLM_DATA_DIR": str(self.data),
            "SLM_DISABLE_LEGACY_PORT": "1",
            "HF_HUB_OFFLINE": "1",
            "TRANSFORMERS_OFFLINE": "1",
            **self.extra_env,
        }
        command = [self.python, "-m", "superlocalmemory.server.unified_daemon", "--start", f"--port={self.port}"]
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(command, env=env, cwd=self.home, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        processes.wait_for(self.is_ready, seconds, f"a daemon answering on {self.port}")
        return self

    def is_ready(self) -> bool:
        assert self.process.poll() is None, f"the daemon exited:\n{self.log_file.read_text()[-4000:]}"
        try:
            reply = ask(self.port, "GET", "/health", timeout=2)
        except OSError:
            return False
        said = reply.message if reply.status == 200 else {}
        return said.get("state", "ready") == "ready" and said.get("engine") == "initialized"

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def stop(self, how: int = signal.SIGTERM, seconds: float = 15.0):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGCONT)
        self.process.send_signal(how)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
