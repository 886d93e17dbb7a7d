#!/usr/bin/env python3
"""A plugin for the tests: records what it is told, and misbehaves as its settings say.

Settings: `record` (a file of JSON lines), `hooks`, `deny` (tools), `way` (see below), `schema`, `time_limit_ms`, `says` (the setting that it tells as its state).
"""

import json
import os
import signal
import subprocess
import sys
import time

settings = {}


def record(event: str, params=None):
    if settings.get("record"):
        with open(settings["record"], "a") as file:
            file.write(json.dumps({"event": event, "params": params}) + "\n")


def send(message: dict):
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)


def sleep_for_ever():
    while True:
        time.sleep(1000)


def greet(message):
    settings.update(message["params"]["settings"])
    way = settings.get("way")
    if way == "mute":
        sleep_for_ever()
    if way == "unwilling":
        return send({"id": 1, "error": {"code": 1, "message": "there is no token"}})
    record("initialize", message["params"])
    result = {"protocol": 1, "name": "actor", "version": "7.8", "hooks": settings["hooks"]}
    for key in ("time_limit_ms",):
        if key in settings:
            result[key] = settings[key]
    if "schema" in settings:
        result["settings_schema"] = settings["schema"]
    if way == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = subprocess.Popen(["sleep", "1000"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        record("child", child.pid)
    send({"id": 1, "result": result})
    says = settings.get(settings.get("says", ""), "at work")
    print(says, file=sys.stderr, flush=True)
    send({"method": "state", "params": {"state": says, "facts": {"pid": os.getpid()}}})
    if way == "deaf":
        sleep_for_ever()
    if way == "flood":
        while True:
            sys.stdout.write('{"jsonrpc":"2.0","method":"log","params":{"message":"drip"}}\n' * 1000)
    if way == "long line":
        sys.stdout.write("x" * (4 << 20))
        sys.stdout.flush()


def judge(message):
    way = settings.get("way")
    record("before_call", message["params"])
    if way == "hang":
        return
    if way == "slow":
        time.sleep(settings["seconds"])
    if way == "die":
        os._exit(3)
    if way == "garbage":
        print("what is this?\n" * 100, flush=True)
        return
    tool = message["params"].get("tool")
    verdict = {"deny": f"{tool} is not liked"} if tool in settings.get("deny", []) else {}
    send({"id": message["id"], "result": verdict})


for line in sys.stdin:
    message = json.loads(line)
    method = message.get("method")
    if method == "initialize":
        greet(message)
    elif method == "before_call":
        judge(message)
    elif method:
        print("heard", method, file=sys.stderr, flush=True)
        record(method, message["params"])
record("stdin closed")
if settings.get("way") == "stubborn":
    sleep_for_ever()
