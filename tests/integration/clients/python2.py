"""A tour with the Python SDK 2.x. Usage: python2.py URL PREFIX; prints one line of JSON with what was seen."""

import asyncio
import json
import sys

from mcp import Client, MCPError

url, prefix = sys.argv[1:]


async def tour():
    progress = []
    async with Client(url) as client:
        tools = (await client.list_tools()).tools
        echoed = await client.call_tool(prefix + "echo", {"text": "grün"})

        async def on_progress(done, total, message):
            progress.append(done)

        counted = await client.call_tool(prefix + "count", {"steps": 3, "ms": 5}, progress_callback=on_progress)
        resources = (await client.list_resources()).resources
        contents = [(await client.read_resource(str(resource.uri))).contents[0].text for resource in resources]
        prompt = await client.get_prompt(prefix + "greet", {"who": "Ada"})
        try:
            await client.call_tool(prefix + "fault")
            error = None
        except MCPError as raised:
            error = raised.error.code
        return {
            "version": client.protocol_version, "server": client.server_info.name,
            "tools": [tool.name for tool in tools], "echoed": echoed.content[0].text, "counted": counted.content[0].text,
            "progress": progress, "contents": contents, "prompt": prompt.messages[0].content.text, "error": error,
        }


print(json.dumps(asyncio.run(tour())))
