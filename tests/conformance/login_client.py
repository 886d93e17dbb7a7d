"""The client that the conformance suite starts: a hub whose only server is the suite's, which is called as a user would.

Usage: python login_client.py URL   (MCP_CONFORMANCE_CONTEXT has credentials, if the scenario gives some)

Calls a tool twice through /mcp/suite. Where the hub says that a login is wanted, it logs in by following redirects, three
times at most. Ends with 0 if the last call went through."""

import json
import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))

from rig import login, mcp  # noqa: E402
from rig.hub import Hub  # noqa: E402

LOGINS = 3
DOCUMENT = "https://conformance-test.local/client-metadata.json"


def oauth_of(scenario: str, context: dict, folder: Path) -> dict:
    given = {key: context[key] for key in ("client_id", "client_secret", "issuer") if key in context}
    if "private_key_pem" in context:
        key = folder / "key.pem"
        key.write_text(context["private_key_pem"])
        given["private_key"] = str(key)
    if "client-credentials" in scenario:
        given["grant"] = "client_credentials"
    if not given.get("client_id"):
        given["client_metadata_url"] = DOCUMENT
    return given


class Caller:
    """Calls tools through the hub, and logs in when that is what is wrong."""

    def __init__(self, hub: Hub):
        self.hub = hub
        self.logins = 0

    def run(self, ask):
        """Does what `ask` says; logs in and does it again where the hub wants a login."""
        while True:
            try:
                return ask()
            except (AssertionError, mcp.RpcError) as error:
                print(f"refused: {error}", file=sys.stderr)
                if "slm-hub login" not in str(error) + json.dumps(getattr(error, "data", "")) or self.logins == LOGINS:
                    raise
            self.logins += 1
            code, said = login.log_in(self.hub, "suite")
            print(f"login: exit {code}\n{said}", file=sys.stderr)
            if code != 0:
                raise SystemExit("the login failed")

    def call_twice(self):
        session = self.run(lambda: mcp.Session(self.hub, "/mcp/suite"))
        tools = self.run(lambda: session.ask("tools/list"))["tools"]
        for _ in range(2):
            self.run(lambda: checked(session.call(tools[0]["name"])))


def checked(result: dict) -> dict:
    if result.get("isError"):
        raise AssertionError(mcp.text_of(result))
    return result


def main():
    context = json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT") or "{}")
    scenario = os.environ.get("MCP_CONFORMANCE_SCENARIO", "")
    with tempfile.TemporaryDirectory(prefix="slm-hub-login-") as scratch:
        folder = Path(scratch)
        server = {"type": "http", "url": sys.argv[1], "oauth": oauth_of(scenario, context, folder)}
        hub = Hub(folder, {"suite": server}, {"learn_unknown": False, "log_level": "debug"}).start()
        try:
            Caller(hub).call_twice()
        finally:
            hub.stop()
            print(hub.log()[-6000:], file=sys.stderr)


if __name__ == "__main__":
    main()
