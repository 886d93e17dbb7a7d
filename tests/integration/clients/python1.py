"""A tour with the Python SDK 1.x. Usage: python1.py URL PREFIX; prints one line of JSON with what was seen.

A URL that ends with /sse is spoken to by HTTP+SSE; a JSON array instead of a URL is a command that speaks stdio.
"""

import asyncio
import json
import os
import sys

from mcp import ClientSession, McpError, StdioServerParameters
from mcp.client.sse import sse_client
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

url, prefix = sys.argv[1:]


def transport():
    if url.startswith("["):
        command, *arguments = json.loads(url)
        return stdio_client(StdioServerParameters(command=command, args=arguments, env=dict(os.environ)))
    return sse_client(url) if url.endswith("/sse") else streamable_http_client(url)


async def tour():
    progress = []
    async with transport() as (read, write, *session_id), ClientSession(read, write) as session:
        hello = await session.initialize()
        await session.send_ping()
        tools = (await session.list_tools()).tools
        echoed = await session.call_tool(prefix + "echo", {"text": "grün"})

        async def on_progress(done, total, message):
            progress.append(done)

        counted = await session.call_tool(prefix + "count", {"steps": 3, "ms": 5}, progress_callback=on_progress)
        resources = (await session.list_resources()).resources
        contents = [(await session.read_resource(resource.uri)).contents[0].text for resource in resources]
        prompt = await session.get_prompt(prefix + "greet", {"who": "Ada"})
        try:
            await session.call_tool(prefix + "fault")
            error = None
        except McpError as raised:
            error = raised.error.code
        return {
            "version": hello.protocolVersion, "server": hello.serverInfo.name, "session": bool(session_id and session_id[0]()),
            "tools": [tool.name for tool in tools], "echoed": echoed.content[0].text, "counted": counted.content[0].text,
            "progress": progress, "contents": contents, "prompt": prompt.messages[0].content.text, "error": error,
        }


print(json.dumps(asyncio.run(tour())))
