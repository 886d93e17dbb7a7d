"""A server whose every word steers a terminal: names, descriptions, errors and stderr.

Usage: nasty.py [--die]; with --die it does not start.
"""

import os
import sys

from basis import Fault, Server, text

NASTY = "x\n2026-01-01 fake line \x1b[31mred\x1b]0;title\x07\r\x00\u202e\u2028\x9b31m end"


def shout(arguments, message):
    sys.stderr.buffer.write(NASTY.encode() + b"\xff\x9b\n")
    sys.stderr.flush()
    return text(NASTY)


def fail(arguments, message):
    raise Fault(-32000, NASTY, {"why": NASTY})


def crash(arguments, message):
    shout(arguments, message)
    os._exit(9)


server = Server()
server.name = NASTY
server.instructions = NASTY
for name, run in (("shout", shout), ("fail", fail), ("crash", crash)):
    server.tool(name, run, NASTY, title=NASTY)
server.tool(NASTY, shout, NASTY)
if "--die" in sys.argv:
    shout({}, {})
    sys.exit(3)
server.run()
