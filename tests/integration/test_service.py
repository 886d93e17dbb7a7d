"""The hub under a service manager: what it tells it, the unit, and ends and starts in the background."""

import json
import os
import queue
import signal
import socket
import subprocess
import threading
import time

import pytest

from rig import mcp, places, processes, wire


class Manager:
    """A service manager's end of sd_notify: a datagram socket."""

    def __init__(self, address: str):
        self.address = address
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self.heard: list[str] = []
        self.told: queue.Queue[str] = queue.Queue()
        # Sockets of this kind hold ten messages, so they are read at once.
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        while message := self.socket.recv(4096):
            self.told.put(message.decode())

    def await_line(self, line: str, count: int = 1, seconds: float = 30.0):
        """Waits until `line` was told so many times from now on."""
        deadline = time.monotonic() + seconds
        while count > 0:
            try:
                message = self.told.get(timeout=max(deadline - time.monotonic(), 0.01))
            except queue.Empty:
                raise AssertionError(f"the hub did not tell {line}; it told {self.heard}") from None
            self.heard.append(message)
            count -= sum(told == line for told in message.split("\n"))
        return self.heard[-1]


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path):
    made = Manager(str(tmp_path / "notify.sock") if request.param == "path" else f"@slm-hub-test-{os.getpid()}-{tmp_path.name}")
    yield made
    made.socket.shutdown(socket.SHUT_RD)
    made.reader.join(30)
    made.socket.close()


def health(hub) -> dict:
    return json.loads(wire.http("GET", hub.port, "/api/health", timeout=10).body)


def test_the_manager_hears_of_the_whole_life_of_the_hub(make_hub, manager):
    hub = make_hub({}, env={"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "300000"})
    ready = manager.await_line("READY=1")
    assert f"STATUS=http://127.0.0.1:{hub.port}/mcp" in ready
    manager.await_line("WATCHDOG=1", count=3)
    hub.process.send_signal(signal.SIGHUP)
    assert "MONOTONIC_USEC=" in manager.await_line("RELOADING=1")
    manager.await_line("READY=1")
    hub.stop()
    manager.await_line("STOPPING=1")


def test_a_hub_that_stands_still_falls_silent(make_hub, manager):
    hub = make_hub({}, {"shards": 2}, env={"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "300000"})
    manager.await_line("WATCHDOG=1", count=2)
    hub.process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, hub.pid, os.WSTOPPED | os.WNOWAIT)
    # What was told before it stood still may be on its way to the reader.
    with pytest.raises(AssertionError, match="did not tell"):
        manager.await_line("WATCHDOG=1", count=20, seconds=3.0)
    hub.process.send_signal(signal.SIGCONT)
    manager.await_line("WATCHDOG=1")


def test_what_only_the_start_needed_is_given_back(make_hub):
    hub = make_hub({"plain": places.our_server("plain.py")})
    kept = lambda: processes.memory_kb(hub.pid, "RssFile")
    processes.wait_for(lambda: kept() < processes.memory_kb(hub.pid, "VmHWM") / 2, 30, "pages of files that are given back")
    session = mcp.Session(hub, "/mcp/plain")
    assert mcp.text_of(session.call("echo", {"text": "still here"})) == "still here"


def test_servers_do_not_hear_of_the_manager(make_hub, manager, record):
    hub = make_hub({"plain": places.our_server("plain.py", "--record", str(record))}, env={"NOTIFY_SOCKET": manager.address})
    manager.await_line("READY=1")
    processes.wait_for(lambda: hub.servers_alive() or record.events(), 30, "the server")
    for pid in hub.servers_alive():
        try:
            with open(f"/proc/{pid}/environ", "rb") as environ:
                assert b"NOTIFY_SOCKET" not in environ.read()
        except OSError:
            pass  # It was learnt and has ended.


def test_a_restart_keeps_process_port_manager_and_sessions(make_hub, manager):
    hub = make_hub({"plain": places.our_server("plain.py")}, env={"NOTIFY_SOCKET": manager.address})
    manager.await_line("READY=1")
    session = mcp.Session(hub)
    before = health(hub)
    result = hub.cli("restart", seconds=90)
    assert result.returncode == 0, result.stderr
    manager.await_line("RELOADING=1")
    manager.await_line("READY=1")
    after = health(hub)
    assert after["pid"] == before["pid"] and after["run"] != before["run"]
    assert not any("STOPPING=1" in told for told in manager.heard)
    assert session.ask("tools/list")["tools"]


def test_a_restart_with_a_mistake_in_the_configuration_leaves_the_hub_alone(make_hub):
    hub = make_hub({})
    before = health(hub)
    (hub.config_dir / "config.json").write_text("{ wrong")
    result = hub.cli("restart")
    assert result.returncode == 1
    assert "goes on as it is" in result.stderr
    assert health(hub)["run"] == before["run"]


def test_a_restart_with_tokens_that_others_may_read_leaves_the_hub_alone(make_hub):
    hub = make_hub({})
    assert hub.cli("token", "create", "ci").returncode == 0
    file = hub.config_dir / "access.json"
    file.chmod(0o644)
    answer = hub.cli("restart")
    assert answer.returncode == 1 and "chmod 600" in answer.stderr and "goes on as it is" in answer.stderr
    assert hub.answers()
    file.chmod(0o600)
    assert hub.cli("restart").returncode == 0


def test_a_hub_in_the_background_answers_when_the_command_returns(make_hub):
    hub = make_hub({}, start=False)
    started = hub.cli("start", "--detach", seconds=90)
    try:
        assert started.returncode == 0, started.stderr
        pid = health(hub)["pid"]
        assert f"process {pid}" in started.stdout and str(hub.port) in started.stdout
        again = hub.cli("start", "--detach", seconds=90)
        assert again.returncode == 1 and "another hub" in again.stderr
        assert "is ready" in (hub.config_dir / "start.log").read_text()
    finally:
        stopped = hub.cli("stop")
    assert stopped.returncode == 0, stopped.stderr
    # Where nobody collects orphans, one that has ended stays in the list.
    assert processes.state(pid) in (None, "Z")
    # The log goes to its file, which is rotated, and not to the other, which is not.
    assert "has stopped" in (hub.config_dir / "logs" / "hub.log").read_text()
    assert "has stopped" not in (hub.config_dir / "start.log").read_text()


def test_a_start_in_the_background_says_why_it_failed(make_hub):
    hub = make_hub({}, start=False)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", hub.port))
        taken.listen()
        result = hub.cli("start", "--detach", seconds=90)
    assert result.returncode == 1
    assert str(hub.port) in result.stderr and "cannot start" in result.stderr


@pytest.fixture
def without_systemd(make_hub, tmp_path):
    """A hub for a user whose systemd does not run, whatever this machine has."""
    empty = tmp_path / "bin"
    empty.mkdir()
    return make_hub({}, env={"PATH": str(empty)}, start=False)


def test_a_unit_is_written_once_and_says_how_to_start(without_systemd):
    hub = without_systemd
    unit = hub.home / ".config/systemd/user/slm-hub.service"
    first = hub.cli("service", "install")
    assert first.returncode == 0, first.stderr
    assert f"Wrote {unit}" in first.stdout and "slm-hub start --detach" in first.stdout
    text = unit.read_text()
    assert f'"PATH={hub.env["PATH"]}"' in text and str(hub.config_dir) in text
    second = hub.cli("service", "install")
    assert "Nothing to change" in second.stdout and unit.read_text() == text
    third = hub.cli("service", "install", "--writable", "/srv/data")
    assert "Wrote" in third.stdout
    if "ReadWritePaths" in text:
        assert '"-/srv/data"' in unit.read_text()


def test_the_state_of_the_service_is_the_truth(without_systemd):
    hub = without_systemd

    def state() -> dict:
        return json.loads(hub.cli("service", "status", "--json").stdout)

    assert not state()["installed"] and not state()["hub_running"]
    hub.cli("service", "install")
    assert state()["installed"] and not state()["manager_reachable"]
    hub.start()
    now = state()
    assert now["hub_running"] and now["hub_pid"] == hub.pid and not now["hub_by_unit"]
    assert "not by the unit" in hub.cli("service", "status").stdout
    assert "still runs" in hub.cli("service", "uninstall").stdout
    assert not state()["installed"]
    assert "There is no unit" in hub.cli("service", "uninstall").stdout


def test_the_unit_of_another_folder_is_not_overwritten(without_systemd, tmp_path):
    hub = without_systemd
    hub.cli("service", "install")
    other = tmp_path / "other"
    other.mkdir()
    result = hub.cli("--config-dir", str(other), "service", "install")
    assert result.returncode == 1 and str(hub.config_dir) in result.stderr


def test_systemd_finds_no_mistake_in_the_unit(without_systemd):
    hub = without_systemd
    hub.cli("service", "install", "--writable", "/srv/with space")
    unit = hub.home / ".config/systemd/user/slm-hub.service"
    try:
        checked = subprocess.run(["systemd-analyze", "verify", "--user", str(unit)], capture_output=True, text=True, timeout=60)
    except FileNotFoundError:
        pytest.skip("there is no systemd-analyze here")
    complaints = [line for line in checked.stderr.splitlines() if "slm-hub" in line]
    assert not complaints, checked.stderr
