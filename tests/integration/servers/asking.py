"""A server of the handshake era that asks its client before it answers.

Usage: asking.py [--record FILE]
Its tools ask for a text, go on talking after the answer, and can be held up and let go.
"""

import argparse
import os

from basis import Later, Server, send, text

options = argparse.ArgumentParser()
options.add_argument("--record")


class Asking(Server):
    name = "asking"
    capabilities = {"tools": {}, "logging": {}}

    def __init__(self, given):
        super().__init__(given.record)
        self.asked = {}
        self.held = []
        string = {"type": "string"}
        self.tool("ask", self.ask, "Asks the user", {"mark": string})
        self.tool("ask_and_talk", self.ask, "Asks the user, then reports progress and logs", {"mark": string})
        self.tool("ask_or_not", self.ask, "Asks the user and does without if it must", {"mark": string})
        self.tool("hold", self.hold, "Answers when it is let go")
        self.tool("let_go", self.let_go, "Lets go what is held")
        self.tool("pid", lambda a, m: text(str(os.getpid())), "Tells its process id")

    def ask(self, arguments, message):
        id = f"ask-{message['id']}"
        self.asked[id] = message
        schema = {"type": "object", "properties": {"reply": {"type": "string"}}}
        params = {"message": arguments["mark"], "requestedSchema": schema}
        send({"jsonrpc": "2.0", "id": id, "method": "elicitation/create", "params": params})
        self.record("asked", arguments["mark"])
        raise Later

    def hold(self, arguments, message):
        self.held.append(message)
        self.record("held")
        raise Later

    def let_go(self, arguments, message):
        for held in self.held:
            self.answer(held, text("let go"))
        self.held = []
        return text("done")

    def on_response(self, answer):
        super().on_response(answer)
        message = self.asked.pop(answer["id"])
        name = message["params"]["name"]
        if "error" in answer:
            refused = text(f"refused: {answer['error']['message']}", isError=name != "ask_or_not")
            return self.answer(message, refused)
        if name == "ask_and_talk":
            self.talk(message["params"].get("_meta", {}).get("progressToken"))
        self.answer(message, text(f"{message['params']['arguments']['mark']}: {answer['result']['content']['reply']}"))

    def talk(self, token):
        for i in range(1, 4):
            if token is not None:
                params = {"progressToken": token, "progress": i, "total": 3}
                send({"jsonrpc": "2.0", "method": "notifications/progress", "params": params})
        for level in ("debug", "warning"):
            send({"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": level, "data": f"a line of {level}"}})


Asking(options.parse_args()).run()
