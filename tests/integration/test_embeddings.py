"""Search by meaning: a real local model behind /v1/embeddings, fused with what words find; and nothing of it delays or breaks a search."""

import json
import socket
import subprocess
import time
import urllib.request

import pytest

from rig import hub as hubs
from rig import mcp, places, processes

MODEL = "all-minilm-l6-v2"


@pytest.fixture(scope="module")
def make_endpoint(tmp_path_factory):
    """Starts endpoints with the model of the package; they end with the tests of this file."""
    running = []

    def make(*arguments: str):
        port, folder = hubs.free_port(), tmp_path_factory.mktemp("endpoint")
        record = folder / "requests"
        program = [places.python("embeddings"), str(places.SERVERS / "embeddings.py"), str(port), "--record", str(record), *arguments]
        one = subprocess.Popen(program, stdin=subprocess.DEVNULL, env={"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})
        running.append(one)
        processes.wait_for(lambda: answers(port), 60, "the endpoint")
        record.unlink(missing_ok=True)
        return port, record
    yield make
    for one in running:
        one.kill()
        one.wait()


def answers(port: int) -> bool:
    body = json.dumps({"model": MODEL, "input": ["x"]}).encode()
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/embeddings", body, 30) as reply:
            return reply.status == 200
    except OSError:
        return False


def settings(port: int, timeout_ms: int = 5000) -> dict:
    return {"search": {"embeddings": {"url": f"http://127.0.0.1:{port}/v1", "model": MODEL, "timeout_ms": timeout_ms}}}


def state(hub) -> dict:
    """What the hub tells of its vectors, at its socket."""
    with socket.socket(socket.AF_UNIX) as way:
        way.connect(str(hub.config_dir / "hub.sock"))
        way.sendall(b"GET /api/embeddings HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        said = b"".join(iter(lambda: way.recv(65536), b""))
    return json.loads(said.partition(b"\r\n\r\n")[2])


def tools_known(hub, count: int) -> bool:
    return len(json.loads(hub.cli("tools", "--json").stdout)["tools"]) >= count


def found(session, query: str) -> list[str]:
    return [t["tool"] for t in mcp.payload_of(session.call("hub__search_tools", {"query": query}))["tools"]]


PLAIN = {"plain": places.our_server("plain.py")}


def test_what_no_word_says_is_found_by_its_meaning_and_vectors_outlive_the_hub(make_hub, make_endpoint):
    port, record = make_endpoint()
    hub = make_hub(PLAIN, settings(port))
    processes.wait_for(lambda: tools_known(hub, 10), 30, "the tools")
    words_alone = make_hub(PLAIN)
    processes.wait_for(lambda: tools_known(words_alone, 10), 30, "the tools")
    processes.wait_for(lambda: state(hub)["tools"] > 0 and state(hub)["vectors"] == state(hub)["tools"], 60, "the vectors")
    wish = "sleep for a moment"
    assert found(mcp.Session(words_alone), wish) == []
    assert found(mcp.Session(hub), wish)[0] == "plain__wait"
    assert found(mcp.Modern(hub), "plain__echo")[0] == "plain__echo"
    hub.stop()
    asked = len(record.read_text().splitlines())
    hub.start()
    assert found(mcp.Session(hub), wish)[0] == "plain__wait"
    texts = [json.loads(line)["texts"] for line in record.read_text().splitlines()[asked:]]
    assert texts == [1], "only the request was new"


def test_a_search_waits_no_longer_than_its_limit_and_goes_on_without_the_endpoint(make_hub, make_endpoint):
    port, _ = make_endpoint("--delay", "3")
    hub = make_hub(PLAIN, settings(port, 100))
    processes.wait_for(lambda: tools_known(hub, 10), 30, "the tools")
    processes.wait_for(lambda: state(hub)["vectors"] > 0, 60, "the first vectors")
    session = mcp.Session(hub)
    begin = time.monotonic()
    assert found(session, "echo the arguments")[0] == "plain__echo"
    assert time.monotonic() - begin < 2.5
    nobody = make_hub(PLAIN, settings(hubs.free_port(), 100))
    processes.wait_for(lambda: tools_known(nobody, 10), 30, "the tools")
    processes.wait_for(lambda: state(nobody)["error"], 30, "the failure")
    assert found(mcp.Session(nobody), "echo the arguments")[0] == "plain__echo"
    assert "searches go on without it" in nobody.log()


def test_settings_that_cannot_work_are_refused_with_what_would(make_hub):
    hub = make_hub({}, start=False)
    for embeddings, fix in (({"url": "nowhere", "model": "m"}, "write it like http://127.0.0.1:8080/v1"),
                            ({"url": "http://127.0.0.1:1"}, "names no model"), ({"urls": []}, "use url, model and timeout_ms")):
        (hub.config_dir / "config.json").write_text(json.dumps({"search": {"embeddings": embeddings}}))
        said = hub.cli("config", "validate")
        assert said.returncode == 1 and fix in said.stdout + said.stderr
