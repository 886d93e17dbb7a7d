"""Real servers from the registries behind both doors, from clients of both eras."""

import json
import subprocess
import uuid

import pytest
from conftest import finish

from rig import mcp, places, processes
from rig.hub import Hub

CLIENTS = {"handshake": mcp.Session, "stateless": mcp.Modern}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a text and a git repository for the servers to work on."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "hello.txt").write_text("hello from the file\n")
    git = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "hello.txt"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "the first commit"], check=True)
    return folder


@pytest.fixture(scope="module")
def real_hub(tmp_path_factory, folder):
    servers = {
        "everything": places.npm_server("mcp-server-everything", "stdio"),
        "filesystem": places.npm_server("mcp-server-filesystem", str(folder)),
        "memory": {**places.npm_server("mcp-server-memory"), "env": {"MEMORY_FILE_PATH": str(folder / "memory.jsonl")}},
        "sequential-thinking": places.npm_server("mcp-server-sequential-thinking"),
        "time": places.pip_server("mcp_server_time", "--local-timezone", "Europe/Berlin"),
        "git": places.pip_server("mcp_server_git", "--repository", str(folder)),
        "fetch": places.pip_server("mcp_server_fetch"),
    }
    hub = Hub(tmp_path_factory.mktemp("real"), servers).start()
    session = mcp.Session(hub)

    def learned():
        listed = mcp.payload_of(session.call("hub__list_servers"))["servers"]
        return len(listed) == 7 and all(server["tools"] for server in listed)

    processes.wait_for(learned, 60, "learning the seven servers")
    yield hub
    finish(hub)


def calls(folder):
    """For each server the number of its tools, a call, and a text that its result holds."""
    entity = {"name": f"ada {uuid.uuid4()}", "entityType": "person", "observations": ["first"]}
    thought = {"thought": "one", "nextThoughtNeeded": False, "thoughtNumber": 1, "totalThoughts": 1}
    return {
        "everything": (10, "echo", {"message": "real"}, "real"),
        "filesystem": (14, "read_text_file", {"path": str(folder / "hello.txt")}, "hello from the file"),
        "memory": (9, "create_entities", {"entities": [entity]}, entity["name"]),
        "sequential-thinking": (1, "sequentialthinking", thought, "thoughtNumber"),
        "time": (2, "get_current_time", {"timezone": "UTC"}, "UTC"),
        "git": (12, "git_log", {"repo_path": str(folder)}, "the first commit"),
        "fetch": (1, "fetch", {"url": "http://127.0.0.1:9/nothing"}, ""),
    }


SERVERS = ["everything", "filesystem", "memory", "sequential-thinking", "time", "git", "fetch"]


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("server", SERVERS)
def test_a_real_server_is_listed_and_called_through_its_own_door(real_hub, folder, client, server):
    count, tool, arguments, text = calls(folder)[server]
    asker = CLIENTS[client](real_hub, f"/mcp/{server}")
    tools = asker.ask("tools/list")["tools"]
    assert len(tools) >= count and tool in {t["name"] for t in tools}
    try:
        assert text in json.dumps(asker.call(tool, arguments))
    except mcp.RpcError as error:
        assert server == "fetch", error


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("server", SERVERS)
def test_a_real_server_is_found_and_called_through_the_hub(real_hub, folder, client, server):
    count, tool, arguments, text = calls(folder)[server]
    sid = server.replace("-", "_")
    asker = CLIENTS[client](real_hub)
    listed = {s["server"]: s for s in mcp.payload_of(asker.call("hub__list_servers"))["servers"]}
    assert listed[sid]["tools"] >= count
    found = mcp.payload_of(asker.call("hub__search_tools", {"query": f"{sid}__{tool}"}))
    assert found["tools"][0]["tool"] == f"{sid}__{tool}"
    assert found["tools"][0]["inputSchema"]["type"] == "object"
    assert text in json.dumps(asker.call("hub__call_tool", {"tool": f"{sid}__{tool}", "arguments": arguments}))


@pytest.mark.parametrize(
    "query,tool",
    [("what time is it", "time__get_current_time"), ("commit history", "git__git_log"), ("read a file", "filesystem__read_text_file"),
     ("download a web page", "fetch__fetch"), ("knowledge graph entities", "memory__create_entities")],
)
def test_a_search_in_plain_words_finds_the_tool(real_hub, query, tool):
    found = mcp.payload_of(mcp.Session(real_hub).call("hub__search_tools", {"query": query}))
    assert tool in [t["tool"] for t in found["tools"]][:5]


def test_progress_of_a_real_server_arrives(real_hub):
    session = mcp.Session(real_hub, "/mcp/everything")
    names = {tool["name"] for tool in session.ask("tools/list")["tools"]}
    name = next(n for n in names if "long" in n.lower())
    params = {"name": name, "arguments": {"duration": 1, "steps": 3}, "_meta": {"progressToken": 5}}
    messages = list(session.stream("tools/call", params))
    assert len([m for m in messages if m.get("method") == "notifications/progress"]) >= 3
    assert "result" in messages[-1]


def test_resources_and_prompts_of_real_servers_can_be_used(real_hub):
    session = mcp.Session(real_hub)
    resources = session.ask("resources/list")["resources"]
    assert resources
    read = session.ask("resources/read", {"uri": resources[0]["uri"]})
    assert read["contents"]
    prompts = session.ask("prompts/list")["prompts"]
    simple = next(p for p in prompts if p["name"].startswith("everything__") and not p.get("arguments"))
    assert session.ask("prompts/get", {"name": simple["name"]})["messages"]


@pytest.mark.parametrize("sdk", ["sdk1", "sdk2"])
def test_the_python_sdks_read_every_resource_and_prompt_of_real_servers(real_hub, tmp_path, sdk):
    script = tmp_path / "read.py"
    script.write_text(READ_ALL_1 if sdk == "sdk1" else READ_ALL_2)
    done = subprocess.run([places.python(sdk), str(script), real_hub.url], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["resources"] > 0 and seen["templates"] > 0 and seen["prompts"] > 0


READ_ALL_1 = '''
import asyncio, json, sys
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
async def main():
    async with streamable_http_client(sys.argv[1]) as (r, w, _), ClientSession(r, w) as s:
        await s.initialize()
        resources = (await s.list_resources()).resources
        for resource in resources:
            assert (await s.read_resource(resource.uri)).contents
        return {"resources": len(resources), "templates": len((await s.list_resource_templates()).resourceTemplates),
                "prompts": len((await s.list_prompts()).prompts)}
print(json.dumps(asyncio.run(main())))
'''

READ_ALL_2 = '''
import asyncio, json, sys
from mcp import Client
async def main():
    async with Client(sys.argv[1]) as c:
        resources = (await c.list_resources()).resources
        for resource in resources:
            assert (await c.read_resource(str(resource.uri))).contents
        return {"resources": len(resources), "templates": len((await c.list_resource_templates()).resource_templates),
                "prompts": len((await c.list_prompts()).prompts)}
print(json.dumps(asyncio.run(main())))
'''
