"""The lives of servers and of the hub: lazy and bounded starts, crashes, the catalogue on disk, the ends of the hub."""

import json
import os
import signal
import subprocess
import threading
import time

import pytest

from rig import mcp, places, processes, wire


def plain(record, *more):
    return places.our_server("plain.py", "--record", str(record), *more)


def quiet(hub):
    """Waits until no server runs."""
    processes.wait_for(lambda: not hub.servers_alive(), 15, "the end of learning")


def run_all(count, work):
    """Runs `work(i)` on threads at once and gives what each returned or raised."""
    results = [None] * count

    def one(i):
        try:
            results[i] = work(i)
        except Exception as error:  # kept and judged by the test
            results[i] = error

    threads = [threading.Thread(target=one, args=(i,)) for i in range(count)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    return results


def test_a_known_server_runs_only_when_somebody_calls_it(make_hub, record):
    hub = make_hub({"plain": plain(record)})
    mcp.Session(hub, "/mcp/plain").call("echo")
    hub.stop()
    starts = len(record.events("started"))
    hub.start()
    session = mcp.Session(hub)
    found = mcp.payload_of(session.call("hub__search_tools", {"query": "echo"}))
    assert found["tools"][0]["tool"] == "plain__echo"
    assert mcp.payload_of(session.call("hub__list_servers"))["servers"][0]["tools"] > 10
    assert len(session.ask("resources/list")["resources"]) == 2
    assert len(session.ask("prompts/list")["prompts"]) == 1
    transparent = mcp.Session(hub, "/mcp/plain")
    assert transparent.hello["serverInfo"]["name"] == "plain"
    assert {"echo", "wait"} <= {tool["name"] for tool in transparent.ask("tools/list")["tools"]}
    assert mcp.Modern(hub, "/mcp/plain").ask("server/discover")["instructions"] == "Speak plainly."
    assert not hub.servers_alive() and len(record.events("started")) == starts
    assert mcp.text_of(session.call("hub__call_tool", {"tool": "plain__echo", "arguments": {"text": "now"}})) == "now"
    assert len(hub.servers_alive()) == 1


def test_an_unknown_server_is_learned_in_the_background(make_hub, record):
    hub = make_hub({"plain": plain(record)})
    session = mcp.Session(hub)
    known = lambda: mcp.payload_of(session.call("hub__search_tools", {"query": "plain__echo"}))["tools"]
    processes.wait_for(known, 10, "learning the tools")
    assert len(record.events("started")) == 1


def test_nothing_is_learned_when_told_not_to(make_hub, record):
    hub = make_hub({"plain": plain(record)}, {"learn_unknown": False})
    session = mcp.Session(hub)
    session.call("hub__list_servers")
    session.call("hub__search_tools", {"query": "echo"})
    assert not record.events("started")
    assert mcp.text_of(session.call("hub__call_tool", {"tool": "plain__echo", "arguments": {"text": "x"}})) == "x"


def test_a_changed_configuration_is_learned_anew(make_hub, record):
    hub = make_hub({"plain": plain(record)})
    mcp.Session(hub, "/mcp/plain").call("echo")
    hub.stop()
    hub.configure({"plain": plain(record, "--name", "other")})
    hub.start()
    assert mcp.Session(hub, "/mcp/plain").call("echo") is not None
    assert mcp.Session(hub, "/mcp/plain").hello["serverInfo"]["name"] == "other"


def test_twenty_first_calls_start_a_server_once(make_hub, record):
    hub = make_hub({"plain": plain(record, "--slow-start", "0.5")}, {"learn_unknown": False})
    answers = run_all(20, lambda i: mcp.text_of(mcp.Session(hub).call("hub__call_tool", {"tool": "plain__echo", "arguments": {"text": str(i)}})))
    assert answers == [str(i) for i in range(20)]
    assert len(record.events("started")) == 1
    assert len(record.events("initialize")) == 1


def test_at_most_four_servers_start_at_a_time(make_hub, record):
    servers = {f"s{i}": plain(record, "--slow-start", "0.4") for i in range(12)}
    hub = make_hub(servers, {"learn_unknown": False})
    answers = run_all(12, lambda i: mcp.text_of(mcp.Session(hub, f"/mcp/s{i}").call("echo", {"text": str(i)})))
    assert answers == [str(i) for i in range(12)]
    begun = [(event["at"], 1) for event in record.events("started")]
    reached = [(event["at"], -1) for event in record.events("initialize")]
    assert len(begun) == 12
    starting = most = 0
    for _, change in sorted(begun + reached):
        starting += change
        most = max(most, starting)
    # A server counts from its first line to the handshake, a little less than its start takes.
    assert 2 <= most <= 4


def test_a_crash_answers_the_calls_in_flight_at_once(make_hub, record):
    hub = make_hub({"plain": plain(record)})
    session = mcp.Session(hub, "/mcp/plain")
    session.call("echo")
    calls = threading.Thread(target=lambda: answers.extend(run_all(5, lambda i: mcp.Session(hub, "/mcp/plain").call("wait", {"ms": 30000}))))
    answers = []
    started = time.monotonic()
    calls.start()
    processes.wait_for(lambda: len(record.events("tools/call")) >= 6, 5, "the calls at the server")
    with pytest.raises(mcp.RpcError):
        session.call("crash")
    calls.join()
    assert time.monotonic() - started < 5
    for answer in answers:
        assert isinstance(answer, mcp.RpcError)
        words = f"{answer.message} {answer.data}"
        assert "plain" in words and "7" in words
        assert "about to crash" in words
    assert mcp.text_of(session.call("echo", {"text": "back"})) == "back"
    assert len(record.events("started")) == 2


def test_the_pauses_of_a_crash_loop_grow(make_hub, record):
    hub = make_hub({"plain": plain(record)})
    session = mcp.Session(hub)
    crash = lambda: session.call("hub__call_tool", {"tool": "plain__crash"})
    deadline = time.monotonic() + 4
    calls = 0
    while time.monotonic() < deadline:
        assert crash()["isError"] is True
        calls += 1
    starts = len(record.events("started"))
    assert 2 <= starts <= 8, f"{starts} starts in 4 s for {calls} calls"
    assert calls > starts


def test_a_killed_server_is_started_again_on_the_next_call(make_hub, record):
    hub = make_hub({"plain": plain(record)})
    session = mcp.Session(hub, "/mcp/plain")
    first = int(mcp.text_of(session.call("pid")))
    os.kill(first, signal.SIGKILL)
    processes.wait_for(lambda: processes.state(first) is None, 5, "reaping")
    assert int(mcp.text_of(session.call("pid"))) != first


def test_placeholders_are_resolved_for_their_server_only(make_hub, tmp_path):
    named = {**places.our_server("plain.py"), "env": {"TOKEN": "${SECRET_ONE}", "MODE": "${MODE:-quiet}", "SAME": "${env:SECRET_ONE}"}}
    hub = make_hub({"named": named, "other": places.our_server("plain.py")}, start=False)
    (hub.config_dir / "secrets.env").write_text("SECRET_ONE=s3cr3t-one\nexport SECRET_TWO='two'\n")
    (hub.config_dir / "secrets.env").chmod(0o600)
    hub.start()
    variable = lambda server, name: mcp.text_of(mcp.Session(hub, f"/mcp/{server}").call("environment", {"name": name}))
    assert variable("named", "TOKEN") == "s3cr3t-one" == variable("named", "SAME")
    assert variable("named", "MODE") == "quiet"
    assert variable("named", "SECRET_ONE") == "" == variable("named", "SECRET_TWO")
    assert variable("other", "SECRET_ONE") == "" == variable("other", "TOKEN")
    written = [path for path in hub.config_dir.rglob("*") if path.is_file() and path.name != "secrets.env"]
    assert not [path for path in written if b"s3cr3t-one" in path.read_bytes()]
    assert "s3cr3t-one" not in hub.log()


def test_an_unresolved_placeholder_names_itself_and_the_fix(make_hub):
    hub = make_hub({"plain": {**places.our_server("plain.py"), "env": {"TOKEN": "${NOT_SET_ANYWHERE}"}}})
    result = mcp.Session(hub).call("hub__call_tool", {"tool": "plain__echo"})
    assert result["isError"] is True and "NOT_SET_ANYWHERE" in mcp.text_of(result)


def test_cwd_is_honoured(make_hub, tmp_path):
    hub = make_hub({"plain": {**places.our_server("plain.py"), "cwd": str(tmp_path)}})
    assert mcp.text_of(mcp.Session(hub, "/mcp/plain").call("where")) == str(tmp_path)


def test_a_disabled_server_is_not_started_and_says_so(make_hub, record):
    hub = make_hub({"off": {**plain(record), "disabled": True}, "off2": {**plain(record), "enabled": False}})
    result = mcp.Session(hub).call("hub__call_tool", {"tool": "off__echo"})
    assert result["isError"] is True
    assert "slm-hub enable off" in mcp.text_of(result)
    with pytest.raises(Exception, match="slm-hub enable off"):
        mcp.Session(hub, "/mcp/off")
    assert not record.events("started")


def test_an_always_on_server_runs_without_a_call(make_hub, record):
    hub = make_hub({"plain": {**plain(record), "always_on": True}})
    processes.wait_for(lambda: record.events("initialize"), 10, "the start of the server")
    os.kill(record.events("started")[0]["pid"], signal.SIGKILL)
    processes.wait_for(lambda: len(record.events("started")) >= 2, 20, "the next start")


def test_sigterm_lets_calls_in_flight_finish_and_refuses_new_ones(make_hub, record):
    hub = make_hub({"plain": plain(record)})
    session = mcp.Session(hub, "/mcp/plain")
    session.call("echo")
    answers = []
    caller = threading.Thread(target=lambda: answers.append(session.call("wait", {"ms": 1500})))
    caller.start()
    processes.wait_for(lambda: len(record.events("tools/call")) >= 2, 5, "the call at the server")
    hub.process.send_signal(signal.SIGTERM)

    def refused():
        try:
            return wire.post(hub.port, mcp.initialize()).status == 503
        except OSError:
            return True

    processes.wait_for(refused, 2, "refusing new calls")
    caller.join()
    assert mcp.text_of(answers[0]) == "waited"
    assert hub.process.wait(5) == 0
    processes.wait_for(lambda: not hub.servers_alive(), 1, "the end of all servers")


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
def test_a_call_that_does_not_end_holds_the_end_up_for_five_seconds_at_most(make_hub, record, sig):
    hub = make_hub({"plain": plain(record), "rude": places.our_server("rude.py", "ignores_the_end")})
    session = mcp.Session(hub, "/mcp/plain")
    mcp.Session(hub, "/mcp/rude").call("say")
    answers = []
    caller = threading.Thread(target=lambda: answers.extend(run_all(1, lambda i: session.call("wait", {"ms": 60000}))))
    caller.start()
    processes.wait_for(lambda: record.events("tools/call"), 5, "the call at the server")
    started = time.monotonic()
    assert hub.stop(sig, seconds=12) == 0
    assert time.monotonic() - started < 11
    caller.join(5)
    assert not caller.is_alive() and isinstance(answers[0], Exception)
    processes.wait_for(lambda: not hub.servers_alive(), 1, "the end of all servers")


def test_a_second_signal_hurries(make_hub, record):
    hub = make_hub({"plain": plain(record)})
    session = mcp.Session(hub, "/mcp/plain")
    caller = threading.Thread(target=lambda: run_all(1, lambda i: session.call("wait", {"ms": 60000})))
    caller.start()
    processes.wait_for(lambda: record.events("tools/call"), 5, "the call at the server")
    started = time.monotonic()
    hub.process.send_signal(signal.SIGTERM)
    hub.process.send_signal(signal.SIGTERM)
    try:
        code = hub.process.wait(2)
    except subprocess.TimeoutExpired:
        hub.process.send_signal(signal.SIGINT)
        code = hub.process.wait(2)
    hub.expects_clean_exit = False
    assert code in (0, 1, 130, 143) and time.monotonic() - started < 4.5
    caller.join()
    processes.wait_for(lambda: not hub.servers_alive(), 2, "the end of all servers")


def test_a_second_hub_of_one_folder_is_refused_and_touches_nothing(make_hub, record):
    hub = make_hub({"plain": plain(record)})
    mcp.Session(hub, "/mcp/plain").call("echo")
    before = {path: path.stat().st_mtime_ns for path in hub.config_dir.iterdir()}
    for port in (str(hub.port), "0"):
        second = subprocess.run(
            places.hub_command(), env={**hub.env, "SLM_HUB_PORT": port if port != "0" else str(hub.port + 1)},
            capture_output=True, text=True, timeout=10, stdin=subprocess.DEVNULL,
        )
        words = second.stdout + second.stderr
        assert second.returncode == 1
        assert str(hub.pid) in words and str(hub.port) in words
    after = {path: path.stat().st_mtime_ns for path in hub.config_dir.iterdir()}
    assert {p.name for p in before} == {p.name for p in after}
    assert len(record.events("started")) == 1
    assert mcp.Session(hub, "/mcp/plain").call("echo")


def test_a_folder_that_cannot_be_written_is_no_other_hub(make_hub):
    hub = make_hub({}, start=False)
    # Nobody can open a folder for writing, not even root.
    (hub.config_dir / "hub.lock").mkdir()
    run = subprocess.run(places.hub_command(), env=hub.env, capture_output=True, text=True, timeout=10, stdin=subprocess.DEVNULL)
    words = run.stdout + run.stderr
    assert run.returncode == 1
    assert "cannot open" in words and "hub.lock" in words and "another hub" not in words


def test_a_store_that_cannot_be_used_is_a_state(make_hub):
    hub = make_hub({}, start=False)
    (hub.config_dir / "hub.db").mkdir()
    hub.start()
    store = json.loads(hub.cli("status", "--json").stdout)["store"]
    assert store["state"] == "degraded" and "hub.db is not a file" in store["error"]
    assert "nothing is kept for the next start" in hub.cli("status").stdout
    assert "tried again" in store["error"]
    (hub.config_dir / "hub.db").rmdir()
    assert hub.cli("restart").returncode == 0
    assert json.loads(hub.cli("status", "--json").stdout)["store"] == {"state": "ok"}


def test_a_port_in_use_is_told_with_a_fix(make_hub):
    first = make_hub({})
    second = make_hub({}, start=False)
    second.port = first.port
    run = subprocess.run(places.hub_command(), env=second.env, capture_output=True, text=True, timeout=10, stdin=subprocess.DEVNULL)
    words = run.stdout + run.stderr
    assert run.returncode == 1
    assert str(first.port) in words and ("SLM_HUB_PORT" in words or "--port" in words)


def test_after_kill_9_the_next_hub_cleans_up_and_serves(make_hub, record):
    hub = make_hub({"plain": plain(record), "rude": places.our_server("rude.py", "ignores_the_end")})
    mcp.Session(hub, "/mcp/plain").call("echo")
    mcp.Session(hub, "/mcp/rude").call("say")
    left = set(hub.servers_alive())
    hub.process.kill()
    hub.process.wait()
    hub.start()
    processes.wait_for(lambda: not left & set(hub.servers_alive()), 10, "the end of what the killed hub left")
    assert mcp.text_of(mcp.Session(hub, "/mcp/plain").call("echo", {"text": "again"})) == "again"


def test_descriptors_threads_and_children_come_back_after_a_storm(make_hub):
    hub = make_hub({f"s{i}": places.our_server("plain.py") for i in range(3)})
    for i in range(3):
        mcp.Session(hub, f"/mcp/s{i}").call("echo")
    # The audit opens its file with the first batch that it writes.
    processes.wait_for((hub.config_dir / "audit.jsonl").exists, 30, "the audit's file")
    # The thread that weighs servers begins when somebody wants to know.
    hub.cli("status")
    baseline = (len(processes.descriptors(hub.pid)), processes.threads(hub.pid), len(processes.children(hub.pid)))

    def storm(i):
        for turn in range(10):
            session = mcp.Session(hub, f"/mcp/s{i % 3}")
            session.call("echo", {"text": "x" * 1000})
            if turn % 5 == 4:
                try:
                    session.call("crash")
                except mcp.RpcError:
                    pass
            session.end()

    run_all(8, storm)
    for i in range(3):
        session = mcp.Session(hub, f"/mcp/s{i}")

        def answers(session=session):
            try:
                return session.call("echo")
            except mcp.RpcError:
                return None

        processes.wait_for(answers, 30, f"s{i} serving again")
    now = lambda: (len(processes.descriptors(hub.pid)), processes.threads(hub.pid), len(processes.children(hub.pid)))
    processes.wait_for(lambda: all(a <= b for a, b in zip(now(), baseline)), 10, f"{baseline} again")


def test_a_broken_configuration_is_refused_with_line_and_column(make_hub):
    hub = make_hub({}, start=False)
    (hub.config_dir / "config.json").write_text('{\n  "port": 1234,\n  "mcpServers": {"a": {"command": "x", "args": "y z"}}\n}\n')
    run = subprocess.run(places.hub_command(), env=hub.env, capture_output=True, text=True, timeout=10, stdin=subprocess.DEVNULL)
    assert run.returncode in (1, 2)
    assert "config.json:3:" in run.stdout + run.stderr


@pytest.mark.parametrize("name,value", [("SLM_HUB_PORT", "80x"), ("SLM_HUB_PORT", "70000"), ("SLM_HUB_LOG_LEVEL", "LOUD"), ("SLM_HUB_HOST", "not a host")])
def test_a_bad_variable_is_refused_by_name(make_hub, name, value):
    hub = make_hub({}, start=False)
    run = subprocess.run(places.hub_command(), env={**hub.env, name: value}, capture_output=True, text=True, timeout=10, stdin=subprocess.DEVNULL)
    assert run.returncode in (1, 2)
    assert name in run.stdout + run.stderr


def test_files_of_the_hub_are_private(make_hub):
    hub = make_hub({"plain": places.our_server("plain.py")})
    mcp.Session(hub, "/mcp/plain").call("echo")
    made = [p for p in hub.config_dir.rglob("*") if p.name != "config.json" and not p.is_dir()]
    assert made and not [p for p in made if p.stat().st_mode & 0o077]


def test_without_servers_the_hub_says_so_and_serves(make_hub):
    hub = make_hub({})
    listed = mcp.payload_of(mcp.Session(hub).call("hub__list_servers"))
    assert listed == {**listed, "server_count": 0, "servers": []}
    assert json.loads(wire.http("GET", hub.port, "/api/health").body)["servers_configured"] == 0
