"""Logging in as a user would, with something that follows the redirects of an authorization server in place of a browser."""

import re
import subprocess
import urllib.error
import urllib.request

from rig import places


class Login:
    """`slm-hub login SERVER`, begun. `address` is what it shows."""

    def __init__(self, hub, server: str, *options: str):
        self.process = subprocess.Popen(
            [places.hub_cli(), "login", server, "--no-browser", *options],
            env=hub.env, cwd=hub.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        self.shown = ""
        for line in self.process.stdout:
            self.shown += line
            if found := re.match(r"\s+(https?://\S+)$", line):
                self.address = found[1]
                return
        self.address = ""

    def follow(self, address: str | None = None) -> tuple[int, str]:
        """Opens the address and goes where it leads; returns status and text of the last page."""
        try:
            with urllib.request.urlopen(address or self.address, timeout=20) as page:
                return page.status, page.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace")

    def finish(self, seconds: float = 30) -> tuple[int, str]:
        """The exit code of the command and all that it printed."""
        rest, errors = self.process.communicate(timeout=seconds)
        return self.process.returncode, self.shown + rest + errors


def log_in(hub, server: str) -> tuple[int, str]:
    """A whole login; returns the exit code of the command and what it printed."""
    login = Login(hub, server)
    if login.address:
        login.follow()
    return login.finish()
