"""Bearer tokens from outside: who comes in, what is bound to whom, and what ends when a token does."""

import json
import os
import threading

import pytest

from rig import mcp, places, processes, wire

PLAIN = places.our_server("plain.py")


def bearer(token: str) -> dict:
    return {"Authorization": f"Bearer {token}"}


def create(hub, name: str, *options: str) -> str:
    made = hub.cli("token", "create", name, *options)
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


@pytest.fixture
def hub(make_hub):
    return make_hub({"plain": PLAIN}, {"requireToken": True})


def test_a_hub_that_wants_tokens_lets_nobody_in_without_one(hub):
    token = create(hub, "laptop")
    for headers in ({}, bearer("wrong"), bearer(token[:-1]), {"Authorization": f"Basic {token}"}):
        for method, path in (("POST", "/mcp"), ("POST", "/mcp/plain"), ("GET", "/mcp"), ("DELETE", "/mcp"), ("GET", "/mcp/sse")):
            body = json.dumps(mcp.initialize()).encode() if method == "POST" else None
            reply = wire.http(method, hub.port, path, body, {"Content-Type": "application/json", "Accept": wire.BOTH, **headers})
            assert reply.status == 401, (method, path, headers)
            assert reply.headers["www-authenticate"].startswith("Bearer")
            assert "slm-hub token create" in reply.message["error"]["message"]
    assert wire.http("GET", hub.port, "/health").status == 200
    session = mcp.Session(hub, "/mcp/plain", extra=bearer(token))
    assert mcp.text_of(session.call("echo", {"text": "in"})) == "in"
    assert mcp.text_of(mcp.Modern(hub, "/mcp/plain", extra=bearer(token)).call("echo", {"text": "in"})) == "in"


def test_the_owner_needs_no_token_at_the_socket(hub):
    assert hub.cli("call", "plain__echo", "text=in").stdout.strip() == "in"
    assert "Authorization: Bearer" in hub.cli("status").stdout
    assert "Authorization: Bearer TOKEN" in hub.log()


def test_a_session_belongs_to_the_token_that_opened_it(hub):
    mine, other = bearer(create(hub, "mine")), bearer(create(hub, "other"))
    session = mcp.Session(hub, "/mcp/plain", extra=mine)
    for method in ("tools/list", "ping"):
        stolen = wire.post(hub.port, mcp.request(method), "/mcp/plain", {**session.headers, **other})
        assert stolen.status == 404
    assert wire.http("DELETE", hub.port, "/mcp/plain", headers={**session.headers, **other}).status == 404
    watch = {**session.headers, **other, "Accept": "text/event-stream"}
    assert wire.http("GET", hub.port, "/mcp/plain", headers=watch).status == 404
    assert session.ask("ping") == {}


def test_a_revoked_token_stops_at_once_and_its_sessions_and_streams_end(hub):
    token = create(hub, "laptop")
    kept = mcp.Session(hub, "/mcp/plain", extra=bearer(create(hub, "kept")))
    session = mcp.Session(hub, "/mcp/plain", extra=bearer(token))
    ended = threading.Event()

    def listen():
        wire.http("GET", hub.port, "/mcp/plain", headers={**session.headers, "Accept": "text/event-stream"}, timeout=60)
        ended.set()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    processes.wait_for(lambda: session.post(mcp.request("ping")).status == 200, 30, "the session")
    revoked = hub.cli("token", "revoke", "laptop")
    assert revoked.returncode == 0 and "are over" in revoked.stdout
    assert session.post(mcp.request("ping")).status == 401
    assert ended.wait(30), "the stream of a revoked token went on"
    listener.join(30)
    assert kept.ask("ping") == {}
    again = create(hub, "laptop")
    reply = wire.post(hub.port, mcp.request("ping"), "/mcp/plain", {**session.headers, **bearer(again)})
    assert reply.status == 404, "a new token of the same name got an old session"


def test_a_token_expires(hub):
    token = create(hub, "short", "--expires", "1s")
    reply = lambda: wire.post(hub.port, mcp.initialize(), "/mcp/plain", bearer(token)).status  # noqa: E731
    processes.wait_for(lambda: reply() == 401, 30, "the end of the token")
    assert "over" in hub.cli("token", "list").stdout
    assert create(hub, "short") != token


def test_sessions_outlive_a_restart_for_their_own_token_alone(hub):
    mine, other = bearer(create(hub, "mine")), bearer(create(hub, "other"))
    session = mcp.Session(hub, "/mcp/plain", extra=mine)
    hub.stop()
    hub.start()
    assert wire.post(hub.port, mcp.request("ping"), "/mcp/plain", {**session.headers, **other}).status == 404
    assert session.ask("ping") == {}


def test_management_over_tcp_needs_an_admin(make_hub):
    hub = make_hub({"plain": PLAIN})
    manage = lambda headers: wire.http("GET", hub.port, "/api/status", headers=headers).status  # noqa: E731
    assert manage({}) == 403
    user, admin = bearer(create(hub, "user")), bearer(create(hub, "boss", "--role", "admin"))
    assert manage({}) == 401 and manage(bearer("wrong")) == 401 and manage(user) == 403 and manage(admin) == 200
    assert wire.http("POST", hub.port, "/api/stop", headers=user).status == 403
    # Where none is required, one that is shown must still be right.
    assert wire.post(hub.port, mcp.initialize(), "/mcp/plain").status == 200
    assert wire.post(hub.port, mcp.initialize(), "/mcp/plain", bearer("wrong")).status == 401


def test_a_role_is_what_rules_go_by(make_hub):
    rules = {"default": "deny", "rules": [{"scope": {"role": "ci"}, "server": "plain", "tool": "echo", "do": "allow"}]}
    hub = make_hub({"plain": PLAIN}, {"require_token": True, "permissions": rules})
    ci, user = bearer(create(hub, "robot", "--role", "ci")), bearer(create(hub, "person"))
    assert mcp.text_of(mcp.Session(hub, "/mcp/plain", extra=ci).call("echo", {"text": "in"})) == "in"
    assert wire.post(hub.port, mcp.initialize(), "/mcp/plain", user).status == 404


def test_no_other_address_is_bound_without_a_token(make_hub):
    hub = make_hub({"plain": PLAIN}, {"host": "0.0.0.0", "allow_plain_http": True}, start=False)
    with pytest.raises(AssertionError):
        hub.start()
    assert "no token exists" in hub.log() and "slm-hub token create" in hub.log()
    hub.process = None
    token = create(hub, "laptop")
    hub.expects_clean_exit = True
    hub.start()
    assert wire.post(hub.port, mcp.initialize(), "/mcp/plain").status == 401
    assert mcp.text_of(mcp.Session(hub, "/mcp/plain", extra=bearer(token)).call("echo", {"text": "in"})) == "in"


def test_tokens_are_kept_as_hashes_for_the_owner_alone(hub):
    token = create(hub, "laptop")
    file = hub.config_dir / "access.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert token.removeprefix("slmhub_") not in file.read_text()
    listed = hub.cli("token", "list", "--json")
    assert json.loads(listed.stdout)["tokens"][0]["name"] == "laptop" and token not in listed.stdout
    assert token not in hub.log()
    assert hub.cli("token", "create", "laptop").returncode == 1
    assert hub.cli("token", "create", "a b").returncode == 2
    assert hub.cli("token", "revoke", "nobody").returncode == 1
    os.chmod(file, 0o644)
    assert "chmod 600" in hub.cli("token", "list").stderr
