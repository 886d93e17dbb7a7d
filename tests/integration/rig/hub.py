"""The hub as a process of its own: a configuration folder, a free port, and a clean end."""

import json
import os
import signal
import socket
import subprocess
import uuid
from pathlib import Path

from rig import places, processes, wire


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Hub:
    """One hub on loopback. Each server it starts carries a mark in its environment, so that none can hide afterwards."""

    def __init__(self, folder: Path, servers: dict, settings: dict | None = None, env: dict | None = None):
        self.folder = folder
        self.config_dir = folder / "config"
        self.home = folder / "home"
        for path in (self.config_dir, self.home):
            path.mkdir(parents=True, exist_ok=True)
        self.mark = f"HUB_TEST_MARK={uuid.uuid4().hex}"
        self.port = free_port()
        self.extra_env = env or {}
        self.settings = {**({"tls": True} if wire.TLS else {}), **(settings or {})}
        # Words before the command of the hub.
        self.prefix: list[str] = []
        self.process: subprocess.Popen | None = None
        self.expects_clean_exit = True
        self.configure(servers)

    def configure(self, servers: dict):
        """Writes config.json anew; a running hub sees it within some seconds."""
        name, value = self.mark.split("=")
        marked = {}
        for key, entry in servers.items():
            marked[key] = {**entry, "env": {**entry.get("env", {}), name: value}} if "command" in entry else entry
        config = {**self.settings, "mcpServers": marked}
        (self.config_dir / "config.json").write_text(json.dumps(config, indent=1))

    @property
    def env(self) -> dict:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("SLM_HUB_", "OTEL_")) and k != "CONFORMANCE_MODULES"}
        ours = {"HOME": str(self.home), "SLM_HUB_PORT": str(self.port), "SLM_HUB_CONFIG_DIR": str(self.config_dir)}
        # Sentences, so that tests can look for them.
        ours["SLM_HUB_LOG_FORMAT"] = "text"
        return {**kept, **ours, **self.extra_env}

    @property
    def url(self) -> str:
        return f"{'https' if wire.TLS else 'http'}://127.0.0.1:{self.port}/mcp"

    def server_url(self, name: str) -> str:
        return f"{self.url}/{name}"

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def log_file(self) -> Path:
        return self.folder / "hub.log"

    def log(self) -> str:
        """What the hub wrote to stdout and stderr so far."""
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def start(self, seconds: float = 10.0) -> "Hub":
        """Starts the hub and waits until it answers /api/health."""
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                [*self.prefix, *places.hub_command()], env=self.env, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        processes.wait_for(self.answers, seconds, "the hub answering /api/health")
        return self

    def answers(self) -> bool:
        code = self.process.poll()
        if code is not None:
            self.expects_clean_exit = False
            raise AssertionError(f"the hub exited with {code} while starting:\n{self.log()}")
        try:
            return wire.http("GET", self.port, "/api/health", timeout=2).status == 200
        except OSError:
            return False

    def stop(self, how: int = signal.SIGTERM, seconds: float = 10.0) -> int:
        """Sends a signal and returns the exit code; fails when the hub does not end in time."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the hub did not end within {seconds} s of signal {how}:\n{self.log()[-4000:]}") from None

    def servers_alive(self) -> dict[int, str]:
        """Every living process that descends from one of this hub's servers."""
        return processes.marked(self.mark)

    def finish(self):
        """Ends the hub and checks that nothing of it is left: exit code 0, no process, not even an orphan."""
        code = self.stop()
        try:
            processes.wait_for(lambda: not self.servers_alive(), 3, "the end of all servers")
        except AssertionError:
            left = self.servers_alive()
            for pid in left:
                os.kill(pid, signal.SIGKILL)
            raise AssertionError(f"processes were left behind: {left}") from None
        if self.expects_clean_exit:
            assert code == 0, f"the hub exited with {code}:\n{self.log()[-4000:]}"

    def cli(self, *arguments: str, stdin: str | None = None, seconds: float = 30.0) -> subprocess.CompletedProcess:
        """Runs `slm-hub ARGUMENTS` against this hub."""
        return subprocess.run(
            [places.hub_cli(), *arguments],
            env=self.env,
            cwd=self.folder,
            input=stdin if stdin is not None else "",
            capture_output=True,
            text=True,
            timeout=seconds,
        )
