"""The federated door: the meta-tools with their payloads, names, search, resources and prompts of all servers."""

import re

import pytest

from rig import mcp, places, processes

META_TOOLS = {"hub__search_tools", "hub__call_tool", "hub__list_servers"}
CLIENTS = {"handshake": mcp.Session, "stateless": mcp.Modern}


@pytest.fixture(params=CLIENTS)
def client(request, plain_hub):
    return CLIENTS[request.param](plain_hub)


def learned(hub, *servers):
    """Waits until the tools of the named servers are known."""
    def known():
        listed = mcp.payload_of(mcp.Session(hub).call("hub__list_servers"))["servers"]
        return set(servers) <= {s["server"] for s in listed if s["tools"]}
    processes.wait_for(known, 15, f"learning {servers}")


def test_exactly_three_tools_are_listed(client):
    tools = client.ask("tools/list")["tools"]
    assert {tool["name"] for tool in tools} == META_TOOLS
    for tool in tools:
        assert tool["description"] and tool["inputSchema"]["type"] == "object"
    search = next(tool for tool in tools if tool["name"] == "hub__search_tools")
    assert search["inputSchema"]["required"] == ["query"]
    assert {"query", "limit", "server", "detail"} <= set(search["inputSchema"]["properties"])


def test_the_search_tool_names_the_servers(plain_hub):
    learned(plain_hub, "plain", "fresh")
    tools = mcp.Session(plain_hub).ask("tools/list")["tools"]
    description = next(tool["description"] for tool in tools if tool["name"] == "hub__search_tools")
    assert "plain" in description and "fresh" in description


def test_a_search_has_the_keys_of_the_reference(client, plain_hub):
    learned(plain_hub, "plain", "fresh")
    found = mcp.payload_of(client.call("hub__search_tools", {"query": "Echo"}))
    assert found["found"] >= 2 and found["query"] == "echo"
    best = found["tools"][0]
    assert best["tool"] in ("plain__echo", "fresh__echo")
    assert best["server"] in ("plain", "fresh")
    assert best["description"] == "Gives back its arguments"
    assert best["inputSchema"] == {"type": "object", "properties": {"text": {"type": "string"}}}


@pytest.mark.parametrize("query", ["plain__count", "plain count", "PLAIN__COUNT"])
def test_an_exact_name_comes_first(plain_hub, query):
    learned(plain_hub, "plain")
    found = mcp.payload_of(mcp.Session(plain_hub).call("hub__search_tools", {"query": query}))
    assert found["tools"][0]["tool"] == "plain__count"


def test_a_search_can_be_limited_to_a_server_and_a_number(plain_hub):
    learned(plain_hub, "plain", "fresh")
    search = lambda **more: mcp.payload_of(mcp.Session(plain_hub).call("hub__search_tools", {"query": "echo wait count", **more}))
    assert {tool["server"] for tool in search(server="fresh")["tools"]} == {"fresh"}
    assert len(search(limit=2)["tools"]) == 2
    assert all("inputSchema" not in tool for tool in search(detail="names")["tools"])


def test_a_reply_keeps_to_its_budget_and_says_how_to_get_the_rest(plain_hub):
    learned(plain_hub, "plain", "fresh")
    result = mcp.Session(plain_hub).call("hub__search_tools", {"query": "tool", "limit": 30})
    text = mcp.text_of(result)
    assert len(text.encode()) <= 800 * 4
    found = mcp.payload_of(result)
    short = [tool for tool in found["tools"] if "inputSchema" not in tool]
    if short:
        assert all(tool["tool"] and tool["signature"] for tool in short)
        assert found["more"]


@pytest.mark.parametrize("query", ["ehco", "gives back argumens", "coutn"])
def test_a_misspelt_query_still_finds_something(plain_hub, query):
    learned(plain_hub, "plain")
    assert mcp.payload_of(mcp.Session(plain_hub).call("hub__search_tools", {"query": query}))["tools"]


@pytest.mark.parametrize("query", ["", "   ", "zzzzqqqq", "☃", "a" * 10_000, '"; drop', "%s%n", "[[["])
def test_odd_queries_are_answered(plain_hub, query):
    result = mcp.Session(plain_hub).call("hub__search_tools", {"query": query})
    assert "found" in mcp.payload_of(result)


@pytest.mark.parametrize("arguments", [{}, {"query": 5}, {"query": None}, {"query": "x", "limit": "many"}, {"query": "x", "limit": -1}])
def test_wrong_arguments_of_a_search_are_told_or_tolerated(plain_hub, arguments):
    result = mcp.Session(plain_hub).call("hub__search_tools", arguments)
    assert result.get("isError") is True or "found" in mcp.payload_of(result)


@pytest.mark.parametrize("meta_tool", ["hub__call_tool", "call_tool"])
def test_a_call_gives_the_result_as_it_is(client, meta_tool):
    arguments = {"text": "hi", "n": 9007199254740993}
    result = client.call(meta_tool, {"tool": "plain__echo", "arguments": arguments})
    assert mcp.text_of(result) == "hi"
    assert result["structuredContent"] == {"arguments": arguments}
    assert result["_meta"]["example.org/seen"] is True


@pytest.mark.parametrize("alias,arguments", [("search_tools", {"query": "echo"}), ("list_servers", {})])
def test_the_names_without_prefix_work_too(plain_hub, alias, arguments):
    assert mcp.payload_of(mcp.Session(plain_hub).call(alias, arguments))


def test_a_namespaced_name_can_be_called_directly(client):
    assert mcp.text_of(client.call("plain__echo", {"text": "direct"})) == "direct"


def test_progress_and_cancellation_work_through_the_meta_tool(plain_hub):
    params = {"name": "hub__call_tool", "arguments": {"tool": "plain__count", "arguments": {"steps": 3, "ms": 5}}, "_meta": {"progressToken": "t"}}
    messages = list(mcp.Session(plain_hub).stream("tools/call", params))
    assert [m["params"]["progress"] for m in messages[:-1]] == [1, 2, 3]
    assert {m["params"]["progressToken"] for m in messages[:-1]} == {"t"}


def test_a_tool_that_fails_stays_a_failing_result(client):
    result = client.call("hub__call_tool", {"tool": "plain__fail"})
    assert result["isError"] is True and mcp.text_of(result) == "it failed"


def test_an_error_of_the_server_is_told(client):
    result = client.call("hub__call_tool", {"tool": "plain__fault"})
    assert result["isError"] is True
    assert "a fault of our own" in mcp.text_of(result) and "-32055" in mcp.text_of(result)


def test_a_direct_call_keeps_the_error_of_the_server(client):
    with pytest.raises(mcp.RpcError) as error:
        client.call("plain__fault")
    assert (error.value.code, error.value.data) == (-32055, {"detail": ["kept", 1.5, None]})


@pytest.mark.parametrize("tool", ["plain__ehco", "nobody__echo", "echoo"])
def test_an_unknown_tool_is_told_with_what_comes_near(client, tool):
    result = client.call("hub__call_tool", {"tool": tool, "arguments": {}})
    assert result["isError"] is True
    assert tool in mcp.text_of(result) and "echo" in mcp.text_of(result).replace(tool, "")


@pytest.mark.parametrize("arguments", [{}, {"tool": 5}, {"tool": ""}, {"tool": "plain__echo", "arguments": "text"}, {"tool": "plain__echo", "arguments": [1]}])
def test_wrong_arguments_of_a_call_are_an_error_that_says_so(plain_hub, arguments):
    try:
        result = mcp.Session(plain_hub).call("hub__call_tool", arguments)
        assert result["isError"] is True and mcp.text_of(result)
    except mcp.RpcError as error:
        assert error.code == -32602


def test_the_list_of_servers_has_the_keys_of_the_reference(client, plain_hub):
    learned(plain_hub, "plain", "fresh")
    listed = mcp.payload_of(client.call("hub__list_servers"))
    assert listed["server_count"] == 2
    by_name = {server["server"]: server for server in listed["servers"]}
    assert set(by_name) == {"plain", "fresh"}
    for server in by_name.values():
        assert server["tools"] == len(server["tool_names"])
        assert server["tool_names"] == sorted(server["tool_names"])
        assert any(name.endswith("echo") for name in server["tool_names"])


def test_an_unknown_meta_tool_is_refused(plain_hub):
    with pytest.raises(mcp.RpcError) as error:
        mcp.Session(plain_hub).call("hub__nothing")
    assert error.value.code == -32602


URI = re.compile(r"^[a-z][a-z0-9+.-]*:[^\s]*$", re.IGNORECASE)


def test_resources_of_all_servers_can_be_read_back(client, plain_hub):
    learned(plain_hub, "plain", "fresh")
    resources = client.ask("resources/list")["resources"]
    assert len(resources) == 4 and len({r["uri"] for r in resources}) == 4
    for resource in resources:
        assert URI.match(resource["uri"])
        content = client.ask("resources/read", {"uri": resource["uri"]})["contents"][0]
        assert resource["uri"].endswith(content["uri"])
    texts = {client.ask("resources/read", {"uri": r["uri"]})["contents"][0]["text"] for r in resources}
    assert {"plain: note://one", "fresh: note://one", "plain: file:///etc/plain.conf", "fresh: file:///etc/plain.conf"} == texts


def test_templates_of_all_servers_can_be_filled_and_read(client, plain_hub):
    learned(plain_hub, "plain", "fresh")
    templates = client.ask("resources/templates/list")["resourceTemplates"]
    assert len(templates) == 2
    read = lambda template: client.ask("resources/read", {"uri": template["uriTemplate"].replace("{id}", "7")})
    texts = {read(template)["contents"][0]["text"] for template in templates}
    assert texts == {"plain: note://by-id/7", "fresh: note://by-id/7"}


def test_an_unknown_resource_is_an_error(plain_hub):
    for client, code in ((mcp.Session(plain_hub), -32002), (mcp.Modern(plain_hub), -32602)):
        with pytest.raises(mcp.RpcError) as error:
            client.ask("resources/read", {"uri": "nowhere://at/all"})
        assert error.value.code == code
        assert error.value.data["uri"] == "nowhere://at/all"


def test_prompts_of_all_servers_can_be_got_and_completed(client, plain_hub):
    learned(plain_hub, "plain", "fresh")
    prompts = {prompt["name"] for prompt in client.ask("prompts/list")["prompts"]}
    assert prompts == {"plain__greet", "fresh__greet"}
    for name in prompts:
        got = client.ask("prompts/get", {"name": name, "arguments": {"who": "Ada"}})
        assert got["messages"][0]["content"]["text"] == "Hello, Ada!"
        asked = {"ref": {"type": "ref/prompt", "name": name}, "argument": {"name": "who", "value": "an"}}
        assert client.ask("completion/complete", asked)["completion"]["values"] == ["anna", "anton"]
    with pytest.raises(mcp.RpcError) as error:
        client.ask("prompts/get", {"name": "nobody__greet"})
    assert error.value.code == -32602


def test_names_are_short_unique_and_lead_to_their_server(make_hub):
    long = "a-server-with-a-name-that-is-very-much-longer-than-sixty-four-characters-in-all"
    names = ["pro_be", "pro-be", "file.system", "a__b", "hub", "größe", long, long + "2"]
    hub = make_hub({name: places.our_server("plain.py", "--name", name) for name in names})
    session = mcp.Session(hub)

    def listed():
        servers = mcp.payload_of(session.call("hub__list_servers"))["servers"]
        return servers if len(servers) == len(names) and all(s["tools"] for s in servers) else None

    servers = processes.wait_for(listed, 20, "learning all servers")
    full = [name for server in servers for name in server["tool_names"]]
    assert len(full) == len(set(full))
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name) for name in full)
    found = {}
    for name in (name for name in full if re.search(r"pid|echo", name)):
        if session.call("hub__call_tool", {"tool": name}).get("isError") is None and name.endswith("pid"):
            found[name] = mcp.text_of(session.call(name))
    assert len(set(found.values())) == len(found) >= len(names) - 2
    hellos = {mcp.Session(hub, f"/mcp/{name}").hello["serverInfo"]["name"] for name in ("pro_be", "pro-be", "file.system", "a__b", "hub")}
    assert hellos == {"pro_be", "pro-be", "file.system", "a__b", "hub"}


def test_names_do_not_depend_on_who_is_there(make_hub):
    good = lambda name: places.our_server("plain.py", "--name", name)
    hub = make_hub({"pro_be": places.our_server("rude.py", "exits_at_once"), "pro-be": good("second")})
    session = mcp.Session(hub)
    result = session.call("hub__call_tool", {"tool": "pro_be_2__echo", "arguments": {"text": "second"}})
    assert mcp.text_of(result) == "second"
    wrong = session.call("hub__call_tool", {"tool": "pro_be__echo", "arguments": {"text": "first"}})
    assert wrong["isError"] is True
