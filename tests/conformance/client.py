"""The client that the conformance suite starts: a client behind a hub whose only server is the suite's.

Usage: python client.py URL   (the suite's MCP_CONFORMANCE_* variables say which scenario it is)

Does through /mcp/suite what any client would: lists, calls each tool with fitting arguments, answers what it is asked, reads the
first resource, gets the first prompt. What the suite then sees is the hub's own conversation with a server."""

import base64
import json
import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))

from rig import mcp  # noqa: E402
from rig.hub import Hub  # noqa: E402

# Tools that echo a schema get that of the tool before them.
SAMPLES = {"number": 5, "integer": 5, "string": "text", "boolean": True, "object": {}, "array": []}
CAPABILITIES = {"elicitation": {"form": {"applyDefaults": True}}, "sampling": {}, "roots": {}}


def arguments_for(tool: dict, before: dict) -> dict:
    schema = tool.get("inputSchema", {})
    properties = schema.get("properties", {})
    found = {name: SAMPLES.get(properties.get(name, {}).get("type"), "text") for name in schema.get("required", [])}
    return {**found, "schema": before.get("inputSchema", {})} if "schema" in properties else found


def mirrored(tool: dict, arguments: dict) -> dict:
    """The headers that repeat arguments (`x-mcp-header`)."""
    headers = {}
    for name, schema in tool.get("inputSchema", {}).get("properties", {}).items():
        value = arguments.get(name)
        if "x-mcp-header" not in schema or value is None:
            continue
        text = value if isinstance(value, str) else json.dumps(value)
        plain = text == text.strip() and all(" " <= c <= "~" for c in text) and not text.startswith("=?")
        encoded = text if plain else f"=?base64?{base64.b64encode(text.encode()).decode()}?="
        headers["Mcp-Param-" + schema["x-mcp-header"]] = encoded
    return headers


def answer(method: str, params: dict) -> dict:
    """An answer to a question: a form with its defaults, or the least that fits."""
    if method == "sampling/createMessage":
        return {"role": "assistant", "content": {"type": "text", "text": "text"}, "model": "m"}
    if method == "roots/list":
        return {"roots": []}
    content = {}
    for name, schema in params.get("requestedSchema", {}).get("properties", {}).items():
        content[name] = schema.get("default", SAMPLES.get(schema.get("type"), "text"))
    return {"action": "accept", "content": content}


def call_handshake(session: mcp.Session, tool: dict, arguments: dict):
    name = tool["name"]
    for message in session.stream("tools/call", {"name": name, "arguments": arguments}):
        if "method" not in message:
            return mcp.answer_of(message)
        if "id" in message:
            result = answer(message["method"], message.get("params", {}))
            session.post({"jsonrpc": "2.0", "id": message["id"], "result": result})
    raise AssertionError("no answer")


def call_modern(client: mcp.Modern, tool: dict, arguments: dict):
    name = tool["name"]
    params = {"name": name, "arguments": arguments}
    for _ in range(6):
        result = mcp.answer_of(client.post("tools/call", params, mirrored(tool, arguments)).message)
        if result.get("resultType", "complete") != "input_required":
            return result
        asked = result.get("inputRequests", {})
        retry = {"name": name, "arguments": arguments}
        retry["inputResponses"] = {key: answer(x["method"], x.get("params", {})) for key, x in asked.items()}
        params = {**retry, "requestState": result["requestState"]} if "requestState" in result else retry
    raise AssertionError("asked too often")


def converse(hub: Hub, modern: bool, wanted: list):
    client = mcp.Modern(hub, "/mcp/suite", CAPABILITIES) if modern else mcp.Session(hub, "/mcp/suite", capabilities=CAPABILITIES)
    call = call_modern if modern else call_handshake
    offered = client.ask("server/discover")["capabilities"] if modern else client.hello["capabilities"]
    tools = client.ask("tools/list")["tools"] if "tools" in offered else []
    for before, tool in zip([{}, *tools], tools):
        given = [x["arguments"] for x in wanted if x["name"] == tool["name"]] or [arguments_for(tool, before)]
        for arguments in given:
            try:
                call(client, tool, arguments)
            except mcp.RpcError as error:
                print(f"{tool['name']}: {error}", file=sys.stderr)
    if "resources" in offered:
        for resource in client.ask("resources/list")["resources"][:1]:
            client.ask("resources/read", {"uri": resource["uri"]})
    if "prompts" in offered:
        for prompt in client.ask("prompts/list")["prompts"][:1]:
            client.ask("prompts/get", {"name": prompt["name"], "arguments": {x["name"]: "text" for x in prompt.get("arguments", [])}})


def main():
    context = json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT") or "{}")
    modern = os.environ.get("MCP_CONFORMANCE_PROTOCOL_VERSION", "") == mcp.MODERN
    with tempfile.TemporaryDirectory(prefix="slm-hub-client-") as scratch:
        hub = Hub(Path(scratch), {"suite": {"type": "http", "url": sys.argv[1]}}, {"learn_unknown": False, "log_level": "debug"}).start()
        try:
            converse(hub, modern, context.get("toolCalls", []))
        finally:
            hub.stop()
            print(hub.log()[-6000:], file=sys.stderr)


if __name__ == "__main__":
    main()
