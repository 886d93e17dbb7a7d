"""The client and the server on each official SDK that has to be compiled: Go, Rust and Java (tests/integration/sdks)."""

import pytest

from rig import places

LANGUAGES = ("go", "rust", "java")


def program(language: str) -> list[str]:
    """The command of an SDK's program; skips the test where it could not be built, with the reason that scripts/test-packages.sh left."""
    folder = places.PACKAGES / language
    missing = places.PACKAGES / f"{language}.missing"
    if missing.exists():
        pytest.skip(missing.read_text().strip())
    return ["java", "-Dfile.encoding=UTF-8", "-XX:TieredStopAtLevel=1", "-cp", f"{folder}/*", "tour.Tour"] if language == "java" else [str(folder / "tour")]


def client(language: str):
    """The command of a tour: `client("go")(address, prefix)`."""
    return lambda *arguments: [*program(language), "client", *arguments]


def stdio_server(language: str) -> dict:
    """The configuration entry of a server over stdio."""
    command, *arguments = program(language)
    return {"command": command, "args": [*arguments, "server"]}


def http_server(language: str) -> list[str]:
    """The command of a server over streamable HTTP, for `HttpServer`."""
    return [*program(language), "server", "{port}"]
