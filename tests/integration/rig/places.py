"""Where the programs under test and the packages are: as `scripts/test` leaves them, or as SLM_HUB_BUILD and SLM_HUB_TEST_PACKAGES say."""

import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("SLM_HUB_BUILD", ROOT / "build" / "release"))
PACKAGES = Path(os.environ.get("SLM_HUB_TEST_PACKAGES", ROOT / "build" / "test-packages"))
SERVERS = ROOT / "tests" / "integration" / "servers"


def node() -> str:
    """The Node to run packages with: the installed one, else the one on the path."""
    ours = PACKAGES / "node" / "node_modules" / "node" / "bin" / "node"
    return str(ours) if ours.exists() else (shutil.which("node") or "node")


def npm_program(name: str) -> Path:
    """An executable of the packages in tests/integration/package.json."""
    return PACKAGES / "integration" / "node_modules" / ".bin" / name


def npm_folder(part: str) -> Path:
    """The folder that holds `node_modules` for `integration` or `conformance`."""
    return PACKAGES / part


def python(venv: str) -> str:
    """The interpreter of a virtual environment: `sdk1`, `sdk2`, `servers` or `tests`."""
    return str(PACKAGES / venv / "bin" / "python")


def hub_command() -> list[str]:
    """What starts the daemon in the foreground."""
    daemon = BUILD / "slm-hubd"
    return [str(daemon)] if daemon.exists() else [str(BUILD / "slm-hub"), "start"]


def hub_cli() -> str:
    return str(BUILD / "slm-hub")


def our_server(name: str, *arguments: str) -> dict:
    """The configuration entry of a server in tests/integration/servers."""
    return {"command": sys.executable, "args": ["-S", "-E", str(SERVERS / name), *arguments]}


def npm_server(name: str, *arguments: str) -> dict:
    """The configuration entry of a server from npm."""
    return {"command": node(), "args": [str(npm_program(name).resolve()), *arguments]}


def pip_server(module: str, *arguments: str) -> dict:
    """The configuration entry of a server from PyPI."""
    return {"command": python("servers"), "args": ["-m", module, *arguments]}
