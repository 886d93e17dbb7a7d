"""Who is measured: the direct pipe, the forwarder, nginx and the hub, all in front of the same echo server."""

import http.client
import json
import os
import pathlib
import socket

from processes import Process, free_port, wait_until

# How processes are laid on processors, the same way for every contender.
# `one`: everything on one, so that what is measured is work and not wake-ups between processors, which cost a virtual
# machine some 40 us each.
# `split`: the contender on one, server and clients on another. `free`: as the kernel likes, which is what users have.
LAYOUTS = ("one", "split", "free")


class Layout:
    def __init__(self, name):
        cpus = sorted(os.sched_getaffinity(0))
        self.name = name
        self.contender = None if name == "free" else {cpus[0]}
        self.others = None if name == "free" else {cpus[0]} if name == "one" else {cpus[-1]}

    def echo_arguments(self):
        """A server inherits the pinning of who starts it; where that is wrong it moves by itself."""
        return ["--cpu", str(min(self.others))] if self.name == "split" else []


class Bench:
    """Where the programs lie, and a scratch folder for configurations and logs."""

    def __init__(self, build, scratch, hub=None):
        self.programs = pathlib.Path(build) / "bench"
        self.scratch = pathlib.Path(scratch)
        self.hub = pathlib.Path(hub) if hub else pathlib.Path(build) / "slm-hubd"

    def program(self, name):
        return str(self.programs / f"bench_{name}")

    def log(self, name):
        return self.scratch / f"{name}.log"

    def load(self, layout, *words, timeout=120):
        """Runs the load generator and returns its line of JSON."""
        with Process(
            [self.program("load"), *words], self.log("load"), cpus=layout.others if layout else None, stdout=-1
        ) as load:
            out, _ = load.popen.communicate(timeout=timeout)
            if load.popen.returncode != 0:
                raise RuntimeError(f"bench_load {' '.join(map(str, words))}: {load.last_words()}")
            return json.loads(out)


class Forwarder(Process):
    def __init__(self, bench, layout):
        self.port = free_port()
        super().__init__(
            [bench.program("forwarder"), self.port, bench.program("echo_stdio"), *layout.echo_arguments()],
            bench.log("forwarder"),
            cpus=layout.contender,
        )
        self.wait_for_port(self.port)


NGINX = """
worker_processes 1; daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; tcp_nodelay on; client_max_body_size 64m;
  keepalive_requests 1000000000; keepalive_timeout 600;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  upstream echo {{ server 127.0.0.1:{upstream}; keepalive 256; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://echo; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_max_temp_file_size 0;
    }}
  }}
}}
"""


class Nginx(Process):
    """nginx with one worker in front of the echo server over HTTP, since it cannot speak stdio."""

    def __init__(self, bench, layout):
        self.port = free_port()
        self.upstream = free_port()
        self.echo = Process(
            [bench.program("echo_http"), "--port", self.upstream], bench.log("echo_http"), cpus=layout.others
        )
        self.echo.wait_for_port(self.upstream)
        folder = bench.scratch / "nginx"
        folder.mkdir(exist_ok=True)
        (folder / "nginx.conf").write_text(
            NGINX.format(folder=folder, upstream=self.upstream, port=self.port), encoding="ascii"
        )
        program = "/usr/sbin/nginx" if os.path.exists("/usr/sbin/nginx") else "nginx"
        super().__init__(
            [program, "-p", folder, "-c", folder / "nginx.conf"], bench.log("nginx"), cpus=layout.contender
        )
        self.wait_for_port(self.port)

    def stop(self, seconds=10):
        code = super().stop(seconds)
        self.echo.stop(seconds)
        return code


class Hub(Process):
    """The hub with a configuration of its own.

    `servers` maps names to the arguments of the echo server, or to whole entries.
    """

    def __init__(self, bench, servers, layout=None, folder="hub", settings=None, variables=None):
        self.folder = bench.scratch / folder
        self.folder.mkdir(exist_ok=True)
        self.port = free_port()
        self.servers = list(servers)
        entries = {
            name: what if isinstance(what, dict) else {"command": bench.program("echo_stdio"), "args": what}
            for name, what in servers.items()
        }
        config = {**(settings or {}), "mcpServers": entries}
        (self.folder / "config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
        env = {
            **os.environ,
            "SLM_HUB_CONFIG_DIR": str(self.folder),
            "SLM_HUB_PORT": str(self.port),
            "HOME": str(self.folder),
            **(variables or {}),
        }
        self.environment = env
        super().__init__(
            [bench.hub, "--config-dir", self.folder],
            bench.log(folder),
            cpus=layout.contender if layout else None,
            env=env,
        )
        self.wait_for_port(self.port)

    def status(self):
        """What the hub says of itself over its Unix socket."""
        connection = UnixConnection(str(self.folder / "hub.sock"))
        try:
            connection.request("GET", "/api/status", headers={"Host": "localhost"})
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def wait_until_known(self, seconds=120):
        """Waits until the tools of all servers are known and nothing is being started."""

        def known():
            status = self.status()
            failed = [s for s in status["servers"] if s["state"] == "failed"]
            if failed:
                raise RuntimeError(f"server {failed[0]['name']} failed: {failed[0].get('last_error')}")
            return all(s["tools"] > 0 for s in status["servers"]) and not any(
                s["state"] == "starting" for s in status["servers"]
            )

        wait_until(known, seconds, "learning the tools of all servers")


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=10)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)
