"""A tour with the Python SDK 1.x. Usage: python1.py URL PREFIX; prints one line of JSON with what was seen."""

import asyncio
import json
import sys

from mcp import ClientSession, McpError
from mcp.client.streamable_http import streamable_http_client

url, prefix = sys.argv[1:]


async def tour():
    progress = []
    async with streamable_http_client(url) as (read, write, session_id), ClientSession(read, write) as session:
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
            "version": hello.protocolVersion, "server": hello.serverInfo.name, "session": bool(session_id()),
            "tools": [tool.name for tool in tools], "echoed": echoed.content[0].text, "counted": counted.content[0].text,
            "progress": progress, "contents": contents, "prompt": prompt.messages[0].content.text, "error": error,
        }


print(json.dumps(asyncio.run(tour())))
