"""A server on FastMCP that logs and reports progress. Usage: logging_fastmcp.py [PORT]; without one it speaks stdio."""

import asyncio
import sys

from fastmcp import Context, FastMCP
from fastmcp.exceptions import ToolError

server = FastMCP("fastmcp", instructions="Speak fast.")


@server.tool
def echo(text: str) -> str:
    """Gives back its text"""
    return text


@server.tool
async def count(steps: int, ms: int, context: Context) -> str:
    """Counts with progress"""
    for step in range(1, steps + 1):
        await context.report_progress(step, steps, f"step {step}")
        await context.info(f"step {step}")
        await asyncio.sleep(ms / 1000)
    return f"counted to {steps}"


@server.tool
def fail() -> str:
    """A tool that fails"""
    raise ToolError("it failed")


@server.resource("note://one", mime_type="text/plain")
def note() -> str:
    return "fastmcp: note://one"


@server.prompt
def greet(who: str) -> str:
    return f"Hello, {who}!"


if len(sys.argv) > 1:
    server.run("http", show_banner=False, host="127.0.0.1", port=int(sys.argv[1]), path="/mcp")
else:
    server.run("stdio", show_banner=False)
