"""A configuration that changes while the hub runs: by hand, by command, by signal; with mistakes; in the middle of calls."""

import json
import signal
import threading

import pytest

from rig import mcp, places, processes


def plain(record, *more):
    return places.our_server("plain.py", "--record", str(record), *more)


def server_names(hub):
    return [row["name"] for row in json.loads(hub.cli("servers", "--json").stdout)["servers"]]


def news_of(hub, path):
    """What a client at a door is told of changes, as it comes."""
    wanted = {"toolsListChanged": True, "resourcesListChanged": True, "promptsListChanged": True}
    stream = mcp.Modern(hub, path).stream("subscriptions/listen", {"notifications": wanted}, timeout=60)
    messages = iter(stream)
    assert next(messages)["method"] == "notifications/subscriptions/acknowledged"
    return stream, messages


def log_has(hub, text, times=1):
    processes.wait_for(lambda: hub.log().count(text) >= times, 30, f"{text!r} in the log")


def test_a_changed_file_is_seen_and_only_what_changed_is_touched(make_hub, record, tmp_path):
    hub = make_hub({"kept": plain(record), "gone": plain(record)})
    kept = mcp.Session(hub, "/mcp/kept")
    pid = mcp.text_of(kept.call("pid"))
    hub.configure({"kept": plain(record), "new": plain(record, "--name", "new")})
    log_has(hub, "1 servers added, 0 changed, 1 removed")
    assert server_names(hub) == ["kept", "new"]
    assert mcp.text_of(kept.call("pid")) == pid
    assert mcp.text_of(mcp.Session(hub, "/mcp/new").call("echo", {"text": "there"})) == "there"


def test_a_call_in_flight_outlives_the_change_of_its_server(make_hub, record):
    hub = make_hub({"plain": plain(record)})
    session = mcp.Session(hub, "/mcp/plain")
    old = mcp.text_of(session.call("pid"))
    answers = []
    calls = [threading.Thread(target=lambda: answers.append(mcp.text_of(session.call("wait", {"ms": 3000})))) for _ in range(5)]
    [call.start() for call in calls]
    processes.wait_for(lambda: json.loads(hub.cli("status", "--json").stdout)["calls"]["in_flight"] == 5, 20, "five calls in flight")
    hub.configure({"plain": plain(record, "--name", "other")})
    done = hub.cli("reload")
    assert done.returncode == 0 and "changed plain" in done.stdout
    # The next call does not wait for those: it has the new run at once.
    new = mcp.text_of(session.call("pid"))
    assert new != old
    [call.join() for call in calls]
    assert answers == ["waited"] * 5
    processes.wait_for(lambda: int(old) not in hub.servers_alive(), 20, "the end of the old run")
    assert mcp.text_of(session.call("pid")) == new


def test_a_mistake_changes_nothing_and_says_where(make_hub, record):
    hub = make_hub({"plain": plain(record)})
    pid = mcp.text_of(mcp.Session(hub, "/mcp/plain").call("pid"))
    file = hub.config_dir / "config.json"
    good = file.read_text()
    file.write_text(good.replace('"mcpServers": {', '"mcpServers": {\n "b": {"command": "x", "args": "no list"},'))
    answer = hub.cli("reload")
    assert answer.returncode == 1
    assert "config.json:3:" in answer.stderr and "args is a string" in answer.stderr and "goes on with the one it has" in answer.stderr
    assert server_names(hub) == ["plain"]
    assert mcp.text_of(mcp.Session(hub, "/mcp/plain").call("pid")) == pid
    file.write_text(good)
    assert hub.cli("reload").returncode == 0


def test_a_file_that_is_gone_ends_no_server(make_hub, record):
    hub = make_hub({"plain": plain(record)})
    pid = mcp.text_of(mcp.Session(hub, "/mcp/plain").call("pid"))
    file = hub.config_dir / "config.json"
    good = file.read_text()
    file.unlink()
    answer = hub.cli("reload")
    assert answer.returncode == 1 and "there is no such file any more" in answer.stderr
    assert server_names(hub) == ["plain"]
    assert mcp.text_of(mcp.Session(hub, "/mcp/plain").call("pid")) == pid
    file.write_text(good)
    assert hub.cli("reload").returncode == 0


def test_what_may_be_misspelt_is_told_by_reload(make_hub, record):
    hub = make_hub({"plain": plain(record)})
    file = hub.config_dir / "config.json"
    file.write_text(file.read_text().replace("{", '{\n "hots": "127.0.0.1",', 1))
    answer = hub.cli("reload")
    assert answer.returncode == 0 and "config.json:2:" in answer.stderr and '"hots"' in answer.stderr


def test_hangup_reads_the_file_again(make_hub, record):
    hub = make_hub({"plain": plain(record)})
    hub.configure({"plain": plain(record), "second": plain(record)})
    hub.process.send_signal(signal.SIGHUP)
    log_has(hub, "1 servers added")
    assert server_names(hub) == ["plain", "second"]


def test_clients_are_told_once_and_of_what_they_see_alone(make_hub, record):
    hub = make_hub({"plain": plain(record), "other": plain(record)})
    for door in ("/mcp/plain", "/mcp/other"):
        mcp.Session(hub, door).call("echo", {"text": "x"})
    stream, all_news = news_of(hub, "/mcp")
    other_stream, own_news = news_of(hub, "/mcp/other")
    assert hub.cli("remove", "plain").returncode == 0
    kinds = [next(all_news)["method"].split("/")[1] for _ in range(3)]
    assert sorted(kinds) == ["prompts", "resources", "tools"]
    # The first thing that who sees the other server alone hears is of that one.
    mcp.Session(hub, "/mcp/other").call("add_tool", {"name": "late"})
    assert next(own_news)["method"] == "notifications/tools/list_changed"
    stream.close()
    other_stream.close()
    assert server_names(hub) == ["other"]


def test_commands_add_switch_and_remove_and_keep_comments(make_hub, record):
    hub = make_hub({"plain": plain(record)})
    file = hub.config_dir / "config.json"
    file.write_text(file.read_text().replace("{", "{ // kept", 1))
    command = plain(record)
    added = hub.cli("add", "mine", "--env", "COLOUR=blue", "--", command["command"], *command["args"])
    assert added.returncode == 0, added.stderr
    text = mcp.text_of(mcp.Session(hub, "/mcp/mine").call("environment", {"name": "COLOUR"}))
    assert "blue" in text
    assert hub.cli("disable", "mine").returncode == 0
    with pytest.raises(Exception):
        mcp.Session(hub, "/mcp/mine")
    assert hub.cli("enable", "mine").returncode == 0
    assert mcp.text_of(mcp.Session(hub, "/mcp/mine").call("echo", {"text": "back"})) == "back"
    assert hub.cli("remove", "mine").returncode == 0
    assert server_names(hub) == ["plain"]
    assert file.read_text().startswith("{ // kept")
    again = hub.cli("remove", "mine")
    assert again.returncode == 1 and 'there is no server "mine"' in again.stderr
    wrong = hub.cli("add", "mine", "https://example.org/mcp", "extra")
    assert wrong.returncode == 2, wrong.stderr
    entry = hub.cli("add", "remote", "http://127.0.0.1:1/mcp", "-H", "X-Key: 1")
    assert entry.returncode == 0
    assert json.loads(file.read_text().replace("// kept", ""))["mcpServers"]["remote"] == {
        "url": "http://127.0.0.1:1/mcp", "headers": {"X-Key": "1"}}
