"""Servers that misbehave, one way each.

Usage: rude.py WAY [--record FILE]; the ways are the names of the functions below.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time

from basis import Fault, Later, Server, send, text, write


def good(record) -> Server:
    """A server with one tool, `say`, for the rude ways to start from."""
    server = Server(record)
    server.name = "rude"
    server.tool("say", lambda arguments, message: text(arguments.get("text", "hello")))
    return server


def garbage(server):
    """Prints things that are no JSON-RPC before, between and after its answers."""
    write(b"Welcome to the rude server v1.0\n\n{]\n")
    answer = server.answer

    def noisy(message, result):
        write(b"[1,2,3]\n\"a string\"\n42\nnull\n{\"jsonrpc\":\"1.0\"}\n{\"id\":55555}\n")
        answer(message, result)
        write(b"\xff\xfe not utf-8\n")

    server.answer = noisy


def endless_line(server):
    """The tool writes a line without end."""

    def flood(arguments, message):
        try:
            while True:
                write(b"x" * 65536)
        except BrokenPipeError:
            raise SystemExit from None

    server.tool("flood", flood)


def nameless_tool(server):
    """Lists tools without a name, with a name of a wrong type, and a good one."""
    server.tools["nameless"] = {"run": None, "listed": {"description": "no name", "inputSchema": {"type": "object"}}}
    server.tools["number"] = {"run": None, "listed": {"name": 7, "inputSchema": {"type": "object"}}}
    server.tools["text"] = {"run": None, "listed": "not an object"}


def duplicate_tools(server):
    """Lists the same tool twice."""
    listed = server.tools["say"]["listed"]
    server.tools["again"] = {"run": None, "listed": {**listed, "description": "the second of that name"}}


def double_answer(server):
    """Answers each call twice."""
    answer = server.answer

    def twice(message, result):
        answer(message, result)
        if message["method"] == "tools/call":
            answer(message, text("the second answer"))

    server.answer = twice


def wrong_id(server):
    """Answers calls with an id of another type first: the number as a string, then null, an array, and at last the right one."""
    answer = server.answer

    def wrong(message, result):
        if message["method"] == "tools/call":
            given = message["id"]
            other = str(given) if isinstance(given, int) else 12345
            for id in (other, None, [given], {"id": given}, 1.5, True):
                send({"jsonrpc": "2.0", "id": id, "result": text("wrong id")})
        answer(message, result)

    server.answer = wrong


def unasked(server):
    """Sends answers nobody asked for, and progress for tokens nobody gave."""
    answer = server.answer

    def unasked_answer(message, result):
        send({"jsonrpc": "2.0", "id": 999999, "result": {}})
        send({"jsonrpc": "2.0", "id": 999998, "error": {"code": -1, "message": "unasked"}})
        send({"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progressToken": 777, "progress": 1}})
        send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 999999}})
        send({"jsonrpc": "2.0", "method": "notifications/nobody/knows"})
        answer(message, result)

    server.answer = unasked_answer


def both_result_and_error(server):
    """Answers calls with a result and an error in one message."""

    def both(message, result):
        more = {"error": {"code": -1, "message": "and an error"}} if message["method"] == "tools/call" else {}
        send({"jsonrpc": "2.0", "id": message["id"], "result": result, **more})

    server.answer = both


def never_answers_calls(server):
    """Starts properly and never answers a call."""

    def silence(arguments, message):
        raise Later

    server.tool("silence", silence)


def never_answers(server):
    """Reads and never answers anything."""
    server.take = lambda message: server.record("ignored", message.get("method"))


def exits_at_once(server):
    """Says why on stderr and ends."""
    print("rude: the licence file is missing", file=sys.stderr, flush=True)
    raise SystemExit(3)


def exits_after_initialize(server):
    """Ends after the handshake."""
    take = server.take

    def once(message):
        take(message)
        if message.get("method") == "notifications/initialized":
            print("rude: gone after the handshake", file=sys.stderr, flush=True)
            os._exit(4)

    server.take = once


def grandchild(server):
    """Forks a child that holds stdout and ignores SIGTERM, then dies at the first call of `die`."""
    subprocess.Popen([sys.executable, "-S", "-E", __file__, "holds_on"], start_new_session=False)

    def die(arguments, message):
        os._exit(5)

    server.tool("die", die)


def holds_on(server):
    """A process that ignores SIGTERM and the end of its stdin."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(60)


def ignores_the_end(server):
    """Serves properly but ignores SIGTERM and the end of its stdin."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    run = server.run

    def stay():
        run()
        holds_on(server)

    server.run = stay


def closes_on_probe(server):
    """Ends when the first message is no `initialize`, as strict servers do."""
    take = server.take
    seen = []

    def strict(message):
        if not seen and message.get("method") != "initialize":
            server.record("probed", message.get("method"))
            print("rude: expected initialize", file=sys.stderr, flush=True)
            os._exit(1)
        seen.append(message)
        take(message)

    server.take = strict


def silent_on_probe(server):
    """Does not answer a method that it does not know."""
    take = server.take

    def quiet(message):
        if message.get("method") != "server/discover":
            take(message)

    server.take = quiet


def noisy_stderr(server):
    """Writes 20 MB to stderr during a call before it answers."""

    def shout(arguments, message):
        for i in range(20 * 16):
            sys.stderr.write((f"line {i} " + "e" * 120 + "\n") * 512)
        sys.stderr.flush()
        return text("shouted")

    server.tool("shout", shout)


def odd_results(server):
    """Answers calls with results that are no objects."""
    results = {"null": None, "number": 5, "string": "text", "array": [1, 2], "empty": {}}
    server.tool("odd", lambda arguments, message: results[arguments["form"]])


def bad_schema(server):
    """Lists a tool whose schema is no object, and one without a schema."""
    server.tools["no_schema"] = {"run": lambda a, m: text("ok"), "listed": {"name": "no_schema"}}
    server.tools["odd_schema"] = {"run": lambda a, m: text("ok"), "listed": {"name": "odd_schema", "inputSchema": "object"}}


def deep_result(server):
    """Answers with 200,000 nested brackets."""

    def deep(arguments, message):
        write(b'{"jsonrpc":"2.0","id":' + json.dumps(message["id"]).encode() + b',"result":{"content":[],"x":')
        write(b"[" * 200_000 + b"]" * 200_000 + b"}}\n")
        raise Later

    server.tool("deep", deep)


def bad_utf8(server):
    """Answers with a text that is no UTF-8."""

    def broken(arguments, message):
        id = json.dumps(message["id"]).encode()
        write(b'{"jsonrpc":"2.0","id":' + id + b',"result":{"content":[{"type":"text","text":"\xff\xfe"}]}}\n')
        raise Later

    server.tool("broken", broken)


def endless_pages(server):
    """Gives the same cursor for ever."""
    listed = [tool["listed"] for tool in server.tools.values()]
    server.handlers["tools/list"] = lambda message: {"tools": listed, "nextCursor": "again"}


def storms(server):
    """Says a thousand times that its list has changed."""

    def storm(arguments, message):
        for _ in range(1000):
            send({"jsonrpc": "2.0", "method": "notifications/tools/list_changed"})
        return text("stormed")

    listing = server.handlers["tools/list"]

    def counted(message):
        server.record("tools/list")
        return listing(message)

    server.handlers["tools/list"] = counted
    server.tool("storm", storm)


def refuses_handshake(server):
    """Answers initialize with an error."""

    def refuse(message):
        raise Fault(-32000, "no handshake today")

    server.handlers["initialize"] = refuse


def does_not_read(server):
    """Serves the handshake, then stops reading its stdin for ever."""

    def stop(arguments, message):
        server.answer(message, text("stopped reading"))
        while True:
            time.sleep(60)

    server.tool("stop_reading", stop)


def leaves(server):
    """The tool `leave` starts a process that leaves the group by setsid and ignores every signal it can; with `storm`, a
    few hundred that end at once, and those that they start. It answers with the pid of the one that stays."""

    deaf = "import signal, sys, time; [signal.signal(x, signal.SIG_IGN) for x in (1, 2, 15)]; print('x', flush=True); time.sleep(1000)"
    forks = "import os\nfor _ in range(300):\n    if os.fork() == 0:\n        os.setsid()\n        os.fork()\n        os._exit(0)\nos.wait()"

    def leave(arguments, message):
        if arguments.get("storm"):
            subprocess.run([sys.executable, "-S", "-E", "-c", forks], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)
        child = subprocess.Popen([sys.executable, "-S", "-E", "-c", deaf], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True)
        child.stdout.readline()
        return text(str(child.pid))

    server.tool("leave", leave)


def asks_without_need(server):
    """Sends requests that its client did not offer to answer, and tells what came back."""

    def ask(arguments, message):
        send({"jsonrpc": "2.0", "id": "ask-1", "method": "sampling/createMessage", "params": {"messages": [], "maxTokens": 1}})
        send({"jsonrpc": "2.0", "id": "ask-2", "method": "nobody/knows"})
        server.pending, server.replies = message, []
        raise Later

    def on_response(message):
        server.replies.append([message.get("id"), message.get("error", {}).get("code")])
        if len(server.replies) == 2:
            server.answer(server.pending, text(json.dumps(sorted(server.replies))))

    server.on_response = on_response
    server.tool("ask", ask)


options = argparse.ArgumentParser()
options.add_argument("way")
options.add_argument("--record")
given = options.parse_args()
server = good(given.record)
globals()[given.way](server)
server.run()
