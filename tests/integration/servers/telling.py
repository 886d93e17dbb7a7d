"""A server that tells what came along with a call. Usage: telling.py [--record FILE] [--slow-start SECONDS]"""

import argparse
import json
import time

from basis import Server, text

options = argparse.ArgumentParser()
options.add_argument("--record")
options.add_argument("--slow-start", type=float, default=0.0)


class Telling(Server):
    name = "telling"
    instructions = None

    def __init__(self, given):
        super().__init__(given.record)
        number = {"ms": {"type": "integer"}}
        self.tool("meta", lambda a, m: text(json.dumps(m["params"].get("_meta", {}))), "Tells the _meta of its call")
        self.tool("fail", lambda a, m: text("it failed", isError=True), "A tool that fails")
        self.tool("wait", self.wait, "Answers after some milliseconds, to one call at a time", number)

    def wait(self, arguments, message):
        time.sleep(arguments["ms"] / 1000)
        return text("waited")


given = options.parse_args()
time.sleep(given.slow_start)
Telling(given).run()
