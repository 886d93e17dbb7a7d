"""What foreigners say stays one printable line, in logs and in terminals; and what lies in the user's folder is handled with care."""

import json
import os
import subprocess

import pytest

from conftest import finish
from rig import mcp, places, processes, wire
from rig.hostile import serves_health, still_serves
from rig.hub import Hub

NASTY = "x\n2026-01-01 fake line \x1b[31mred\x1b]0;title\x07\r\x00\u202e\u2028\x9b31m end"


def printable_lines(text: str) -> list[str]:
    """The lines; fails if one holds what steers a terminal."""
    for line in text.split("\n"):
        bad = [c for c in line if ord(c) < 32 and c != "\t" or 0x7F <= ord(c) < 0xA0]
        assert not bad, f"{bad} in {line!r}"
        assert "\u202e" not in line and "\u2028" not in line, line
    return text.split("\n")


@pytest.fixture(scope="module")
def nasty_hub(tmp_path_factory):
    servers = {"nasty": places.our_server("nasty.py"), "broken": places.our_server("nasty.py", "--die"), "plain": places.our_server("plain.py")}
    hub = Hub(tmp_path_factory.mktemp("nasty"), servers, {"log_level": "debug"}).start()
    reply = wire.post(hub.port, mcp.request("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": NASTY, "version": NASTY, "title": NASTY}}, 0), "/mcp/nasty")
    assert reply.status == 200
    hub.nasty_headers = {"Mcp-Session-Id": reply.headers["mcp-session-id"], "MCP-Protocol-Version": "2025-11-25"}
    for name in ("shout", NASTY, "fail", "crash"):
        wire.post(hub.port, mcp.request("tools/call", {"name": name, "arguments": {}}), "/mcp/nasty", hub.nasty_headers)
    wire.post(hub.port, mcp.request("tools/call", {"name": "x"}), "/mcp/broken", hub.nasty_headers)
    mcp.Session(hub).call("hub__call_tool", {"tool": "broken__x"})
    wire.post(hub.port, mcp.request(NASTY), "/mcp/nasty", hub.nasty_headers)
    wire.post(hub.port, mcp.initialize(), "/mcp/no%0asuch%1b[31mserver")
    yield hub
    finish(hub)


def test_the_log_stays_one_printable_line_each(nasty_hub):
    lines = printable_lines(nasty_hub.log())
    assert not [line for line in lines if line.startswith("2026-01-01 fake")]
    for file in nasty_hub.config_dir.glob("logs/hub*"):
        assert not [line for line in printable_lines(file.read_text(errors="replace")) if line.startswith("2026-01-01 fake")]


def shown(hub, *words: str, piped: str | None = None) -> str:
    """What `slm-hub WORDS` writes to a terminal; with `piped`, only its stdout or stderr is one."""
    leader, follower = os.openpty()
    streams = {name: subprocess.DEVNULL if name == piped else follower for name in ("stdout", "stderr")}
    environment = {**hub.env, "NO_COLOR": "1", "TERM": "dumb"}
    process = subprocess.Popen([places.hub_cli(), *words], env=environment, stdin=subprocess.DEVNULL, **streams)
    os.close(follower)
    said = b""
    try:
        while chunk := os.read(leader, 65536):
            said += chunk
    except OSError:
        # So a terminal says that nobody holds it any more.
        pass
    os.close(leader)
    process.wait(30)
    return said.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("piped", [None, "stdout"], ids=["all", "stderr alone"])
@pytest.mark.parametrize(
    "words", ["status", "servers", "servers --verbose", "tools", "tools nasty", "search shout", "logs nasty", "logs broken", "call nasty__fail", "call nasty__shout", "call broken__x", "call no\x1b[31msuch", "restart no\x1b[31msuch"]
)
def test_what_a_terminal_shows_is_printable(nasty_hub, words, piped):
    lines = printable_lines(shown(nasty_hub, *words.split(" "), piped=piped))
    assert piped or any(lines)


# Files of the user.


def test_a_configuration_that_is_a_link_is_read_and_stays_one(make_hub, tmp_path):
    hub = make_hub({"plain": places.our_server("plain.py")}, start=False)
    file = hub.config_dir / "config.json"
    kept = tmp_path / "dotfiles.json"
    file.rename(kept)
    file.symlink_to(kept)
    hub.start()
    still_serves(hub)
    assert hub.cli("disable", "plain").returncode == 0
    assert file.is_symlink() and os.readlink(file) == str(kept)
    assert json.loads(kept.read_text())["mcpServers"]["plain"].get("enabled", True) is False or json.loads(kept.read_text())["mcpServers"]["plain"].get("disabled") is True


def test_a_link_in_place_of_a_file_of_the_hub_overwrites_nothing(make_hub, tmp_path):
    hub = make_hub({"plain": places.our_server("plain.py")}, start=False)
    precious = tmp_path / "precious"
    precious.write_text("precious")
    precious.chmod(0o644)
    for name in ("hub.db-wal", "hub.sock"):
        (hub.config_dir / name).symlink_to(precious)
    run = subprocess.Popen(places.hub_command(), env=hub.env, cwd=hub.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    hub.process = run
    try:
        processes.wait_for(lambda: run.poll() is not None or serves_health(hub), 30, "the hub serving or refusing")
    finally:
        hub.expects_clean_exit = False
        run.terminate()
        run.wait(30)
    assert precious.read_text() == "precious" and precious.stat().st_mode & 0o777 == 0o644


def test_secrets_that_others_can_read_are_told(make_hub):
    entry = {**places.our_server("plain.py"), "env": {"TOKEN": "${SECRET_ONE}"}}
    hub = make_hub({"plain": entry}, start=False)
    secrets = hub.config_dir / "secrets.env"
    secrets.write_text("SECRET_ONE=s3cr3t-one\n")
    secrets.chmod(0o644)
    hub.start()
    with pytest.raises(mcp.RpcError):
        still_serves(hub)
    said = hub.log() + "".join(file.read_text() for file in hub.config_dir.glob("logs/hub*"))
    assert "secrets.env" in said and "600" in said
    assert "s3cr3t-one" not in said
    # Who looks at the server is told what is to be done, and nothing else has to be done then.
    assert f"chmod 600 '{secrets}'" in hub.cli("status").stdout
    secrets.chmod(0o600)
    assert hub.cli("restart", "plain").returncode == 0
    still_serves(hub)
