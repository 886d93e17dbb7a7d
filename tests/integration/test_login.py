"""OAuth as a client, against the Python SDK's authorization server: login, refresh, expiry, more rights, logout, and liars."""

import json
import re
import stat
import subprocess
import urllib.request

import pytest

from rig import mcp, places, processes
from rig.hub import free_port
from rig.login import Login, log_in


class Guarded:
    """The server under `servers/guarded.py`, as a process."""

    def __init__(self, folder, life: int = 3600):
        self.port = free_port()
        self.log = open(folder / f"guarded-{self.port}.log", "wb")
        self.process = subprocess.Popen(
            [places.python("sdk1"), str(places.SERVERS / "guarded.py"), str(self.port), str(life)], stdout=self.log, stderr=self.log
        )
        processes.wait_for(self.answers, 20, "the guarded server")

    @property
    def entry(self) -> dict:
        return {"type": "http", "url": f"http://127.0.0.1:{self.port}/mcp"}

    def answers(self) -> bool:
        assert self.process.poll() is None, "the guarded server ended"
        try:
            return self.control("count") is not None
        except OSError:
            return False

    def control(self, what: str) -> dict:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/control/{what}", timeout=5) as reply:
            return json.load(reply)

    def end(self):
        self.process.terminate()
        self.process.wait(10)
        self.log.close()


@pytest.fixture
def make_guarded(tmp_path):
    servers = []

    def make(life: int = 3600) -> Guarded:
        servers.append(Guarded(tmp_path, life))
        return servers[-1]

    yield make
    for server in servers:
        server.end()


@pytest.fixture
def guarded(make_guarded):
    return make_guarded()


def state_of(hub, server="guarded") -> dict:
    status = json.loads(hub.cli("status", "--json").stdout)
    return next(s for s in status["servers"] if s["name"] == server)


def echo(hub, text="hello") -> str:
    result = mcp.Session(hub, "/mcp").call("guarded__echo", {"text": text})
    assert not result.get("isError"), mcp.text_of(result)
    return mcp.text_of(result)


def refusal(hub) -> str:
    """What somebody hears whose call does not go through."""
    try:
        result = mcp.Session(hub, "/mcp").call("guarded__echo", {"text": "x"})
    except mcp.RpcError as error:
        return f"{error} {error.data}"
    assert result.get("isError")
    return mcp.text_of(result)


def logged_in(make_hub, guarded, **settings):
    hub = make_hub({"guarded": guarded.entry}, settings)
    code, said = log_in(hub, "guarded")
    assert code == 0, said
    # Its tools were not known before, so the hub learns them now.
    processes.wait_for(lambda: state_of(hub)["tools"] == 1, 10, "the tools of the server")
    return hub


def test_a_server_that_wants_a_login_says_so_in_status_and_works_after_it(make_hub, guarded):
    hub = make_hub({"guarded": guarded.entry})
    processes.wait_for(lambda: state_of(hub)["state"] == "failed", 10, "the state failed")
    server = state_of(hub)
    assert "wants a login" in server["last_error"]
    assert "slm-hub login guarded" in server["fix"]
    assert "next        it waits for you. Log in with: slm-hub login guarded\n" in hub.cli("servers", "-v").stdout
    login = Login(hub, "guarded")
    assert f"127.0.0.1:{guarded.port}/authorize" in login.address
    status, page = login.follow()
    assert status == 200 and "You are logged in" in page
    code, said = login.finish()
    assert code == 0 and "logged in at server guarded" in said
    processes.wait_for(lambda: state_of(hub)["tools"] == 1, 10, "the tools of the server")
    assert echo(hub) == "hello"
    assert not state_of(hub)["fix"]
    assert "login" not in state_of(hub)["next"]


def test_a_login_outlives_the_hub_and_is_sealed_on_disk(make_hub, guarded):
    hub = logged_in(make_hub, guarded)
    assert echo(hub) == "hello"
    tokens = guarded.control("count")["tokens"]
    hub.stop()
    kept = list((hub.config_dir / "tokens").iterdir())
    assert {file.name == "key" or file.suffix == ".sealed" for file in kept} == {True} and len(kept) == 2
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in kept)
    everything = b"".join(file.read_bytes() for file in hub.folder.rglob("*") if file.is_file())
    assert tokens and not any(token.encode() in everything for token in tokens)
    hub.start()
    assert echo(hub) == "hello"
    assert guarded.control("count")["authorization_code"] == 1


def test_a_key_that_others_may_read_is_refused_and_said(make_hub, guarded):
    hub = logged_in(make_hub, guarded)
    hub.stop()
    (hub.config_dir / "tokens" / "key").chmod(0o644)
    hub.start()
    assert "slm-hub login guarded" in refusal(hub)
    # The answer does not wait for the log.
    processes.wait_for(lambda: "may be read by others" in hub.log(), what="the reason in the log")


def test_a_token_is_refreshed_before_it_ends(make_hub, make_guarded):
    guarded = make_guarded(life=3)
    hub = logged_in(make_hub, guarded)
    before = guarded.control("count")["refresh_token"]

    def refreshed() -> bool:
        assert echo(hub) == "hello"
        return guarded.control("count")["refresh_token"] >= before + 2

    processes.wait_for(refreshed, 15, "two refreshed tokens")
    assert guarded.control("count")["authorization_code"] == 1


def test_a_refused_token_is_refreshed_once_for_all_who_wait(make_hub, guarded):
    hub = logged_in(make_hub, guarded)
    session = mcp.Session(hub, "/mcp")
    assert mcp.text_of(session.call("guarded__echo", {"text": "a"})) == "a"
    before = guarded.control("forget")["refresh_token"]
    batch = [subprocess.Popen(
        [places.hub_cli(), "call", "guarded__echo", f"text={i}x"], env=hub.env, stdout=subprocess.PIPE, text=True
    ) for i in range(8)]
    assert [one.communicate(timeout=30)[0].strip() for one in batch] == [f"{i}x" for i in range(8)]
    assert guarded.control("count")["refresh_token"] == before + 1


def test_an_ended_login_is_a_state_with_the_fix(make_hub, guarded):
    hub = logged_in(make_hub, guarded)
    assert echo(hub) == "hello"
    guarded.control("forget-all")
    assert "slm-hub login guarded" in refusal(hub)
    processes.wait_for(lambda: state_of(hub)["state"] == "failed", 10, "the state failed")
    assert "slm-hub login guarded" in state_of(hub)["fix"]
    code, said = log_in(hub, "guarded")
    assert code == 0, said
    assert echo(hub, "again") == "again"


def test_more_rights_are_asked_for_with_those_of_before(make_hub, guarded):
    hub = logged_in(make_hub, guarded)
    assert echo(hub) == "hello"
    guarded.control("require?scope=admin")
    said = refusal(hub)
    assert "wants more rights" in said and "admin" in said and "slm-hub login guarded" in said
    assert state_of(hub)["state"] == "ready"
    login = Login(hub, "guarded")
    assert "scope=user%20admin" in login.address
    login.follow()
    assert login.finish()[0] == 0
    assert echo(hub) == "hello"


def test_logout_takes_the_login_back_and_forgets_it(make_hub, guarded):
    hub = logged_in(make_hub, guarded)
    done = hub.cli("logout", "guarded")
    assert done.returncode == 0 and "taken back and forgotten" in done.stdout
    assert guarded.control("count")["revoked"] == 1
    assert "slm-hub login guarded" in refusal(hub)
    # The vault writes on a thread of its own.
    processes.wait_for(lambda: not list((hub.config_dir / "tokens").glob("*.sealed")), 5, "the sealed login being gone")
    assert "had no login" in hub.cli("logout", "guarded").stdout


def test_an_answer_of_another_issuer_is_no_login(make_hub, guarded):
    hub = make_hub({"guarded": guarded.entry})
    guarded.control("iss?value=https://evil.example")
    login = Login(hub, "guarded")
    status, page = login.follow()
    assert status == 400 and "another authorization server" in page
    code, said = login.finish()
    assert code == 1 and "another authorization server" in said
    assert guarded.control("count")["authorization_code"] == 0


def test_a_foreign_state_is_refused_and_leaves_the_login_alone(make_hub, guarded):
    hub = make_hub({"guarded": guarded.entry})
    login = Login(hub, "guarded")
    callback = f"http://127.0.0.1:{hub.port}/oauth/callback"
    for query in ("", "?code=x", "?code=x&state=made-up", "?state=a&state=b"):
        status, page = login.follow(callback + query)
        assert status == 400 and "never begun" in page
    assert login.follow()[0] == 200
    assert login.finish()[0] == 0


def test_a_second_login_takes_the_place_of_the_first(make_hub, guarded):
    hub = make_hub({"guarded": guarded.entry})
    first = Login(hub, "guarded")
    second = Login(hub, "guarded")
    code, said = first.finish()
    assert code == 1 and "Another login" in said
    second.follow()
    assert second.finish()[0] == 0


def test_a_login_that_makes_no_sense_is_refused_with_the_fix(make_hub, guarded):
    own = {**guarded.entry, "headers": {"Authorization": "Bearer of-my-own"}}
    hub = make_hub({"own": own, "plain": places.our_server("plain.py")}, {"learn_unknown": False})
    for server, words in (("own", "among its headers"), ("plain", "needs no login"), ("nobody", "not configured")):
        done = hub.cli("login", server, "--no-browser")
        assert done.returncode == 1 and words in done.stderr, done.stderr


def test_a_login_that_nobody_finishes_ends_in_time(make_hub, guarded):
    hub = make_hub({"guarded": guarded.entry})
    login = Login(hub, "guarded", "--timeout", "1")
    code, said = login.finish()
    assert code == 1 and "nobody has logged in" in said


def test_no_token_is_in_what_the_hub_tells(make_hub, guarded):
    hub = logged_in(make_hub, guarded, log_level="trace")
    assert echo(hub) == "hello"
    secrets = guarded.control("count")["tokens"]
    told = hub.log() + hub.cli("status", "--json").stdout + hub.cli("config", "show").stdout
    assert secrets and not any(secret in told for secret in secrets)
    assert not re.search(r"code=|code_verifier|refresh_token", told)
