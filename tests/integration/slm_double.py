"""A double of the SuperLocalMemory daemon: answers the endpoints that the hub uses as the real ones do, in an old and a new
generation, records every request, and misbehaves on demand.

`test_slm_daemons.py` holds it to what the real daemons answer. Only the standard library is used.
"""

import json
import secrets
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

OLD = "3.4.14"
NEW = "4.1.18"

# What `Double.fault` may be; None is none. A number stands for any HTTP status.
FAULTS = ("slow", "hang", "die", "garbage", "html", "not-a-daemon", 401, 403, 429, 500)

NEEDS_KEY = (
    "Write rejected: this origin requires an API key (X-SLM-API-Key). The install token (X-Install-Token) is accepted only from "
    "loopback (127.x.x.x / ::1 / localhost). If calling from a container or remote host, configure SLM_API_KEY and present it as "
    "X-SLM-API-Key."
)


@dataclass
class Request:
    """One request as it came."""

    method: str
    path: str
    query: dict
    headers: dict
    body: object
    at: float = field(default_factory=time.monotonic)


class Refused(Exception):
    """An answer that is not 200."""

    def __init__(self, status: int, body: object, headers: dict | None = None):
        super().__init__(status)
        self.status, self.body, self.headers = status, body, headers or {}


def utc(hours: float = 0) -> str:
    return (datetime.now(timezone.utc) + timedelta(hours=hours)).isoformat()


class Double:
    """One daemon on a free loopback port. `fault` may be changed at any time and holds for requests that begin later."""

    def __init__(self, version: str = NEW, port: int = 0):
        self.version = version
        self.new = not version.startswith("3.")
        self.port = port
        self.fault: str | int | None = None
        self.retry_after = 60
        self.slow_seconds = 2.0
        self.facts: list[str] = []
        self.double_grants = False
        self.token_status = 200
        self.write_limit = 300 if self.new else 30
        self.requests: list[Request] = []
        self.lock = threading.Lock()
        self.released = threading.Event()
        self.server: ThreadingHTTPServer | None = None
        self.token = secrets.token_hex(32)
        self.begin_life()
        self.peers: dict[str, dict] = {}
        self.messages: list[dict] = []
        self.read_by: set[tuple[int, str]] = set()
        self.locks: dict[str, dict] = {}
        self.tool_events: list[dict] = []
        self.fencing = 0

    def begin_life(self):
        self.instance = str(uuid.uuid4())
        self.began = time.monotonic()
        self.writes: list[float] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "Double":
        self.released.clear()
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), handler_of(self))
        self.server.daemon_threads = True
        self.server.block_on_close = False
        self.port = self.server.server_address[1]
        self.begin_life()
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self):
        """Ends the double; its port stays its own for the next `start`."""
        self.released.set()
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def seen(self, path: str, method: str | None = None) -> list[Request]:
        """The requests so far whose path begins with `path`."""
        with self.lock:
            return [r for r in self.requests if r.path.startswith(path) and method in (None, r.method)]

    # The rules before each answer.

    def admit(self, request: Request):
        """Judges a request as the daemon's layers do; returns the writes that are left."""
        if self.version.startswith("4.1") and request.headers.get("host", "").rpartition(":")[0] not in ("127.0.0.1", "localhost"):
            raise Refused(421, {"error": "host_not_allowed", "message": "This service only answers requests addressed to this computer."})
        if self.new and request.method == "POST" and "origin" in request.headers and not self.has_token(request):
            raise Refused(403, {"error": "cross-origin request rejected"})
        mutation = request.method == "POST" or request.path == "/recall"
        if self.new and mutation and "x-install-token" in request.headers and not self.has_token(request):
            raise Refused(403, {"error": NEEDS_KEY})
        if request.method == "POST":
            now = time.monotonic()
            self.writes = [at for at in self.writes if now - at < 60]
            if len(self.writes) >= self.write_limit:
                raise Refused(429, {"error": "Too many requests."}, {"Retry-After": "60"})
            self.writes.append(now)
        if self.new and (request.path.startswith("/mesh/") or request.path == "/remember") and not self.has_token(request):
            raise Refused(403, {"detail": NEEDS_KEY})

    def has_token(self, request: Request) -> bool:
        return request.headers.get("x-install-token") == self.token

    # The endpoints.

    def answer(self, request: Request) -> object:
        path = request.path.rstrip("/")
        body = request.body if isinstance(request.body, dict) else {}
        if request.method == "GET":
            if path == "/health":
                return self.health()
            if path == "/status":
                return self.status()
            if path == "/internal/token" and self.new:
                if self.token_status != 200:
                    raise Refused(self.token_status, {"error": "token_unavailable"})
                return {"token": self.token}
            if path == "/recall":
                return self.recall(request.query)
            if path == "/api/behavioral/tool-events":
                return self.list_tool_events(int(request.query.get("limit", "100")))
            if path == "/mesh/peers":
                return self.list_peers()
            if path.startswith("/mesh/inbox/"):
                return {"messages": self.inbox(unquote(path.split("/")[3]), request.query.get("project_path", ""))}
            if path == "/mesh/status":
                return {"broker_up": True, "peer_count": len(self.peers), "uptime_s": int(time.monotonic() - self.began)}
            if path == "/mesh/lock/delta" and self.new:
                return {"locks": [{"file_path": name, **held} for name, held in self.locks.items()], "node_id": self.instance.replace("-", "")}
        if request.method == "POST":
            if path == "/api/v3/tool-event":
                return self.add_tool_event(request.body)
            if path == "/session/close" and self.new:
                return {"ok": True, "session_id": body.get("session_id", ""), "summary_events_created": 0}
            if path == "/remember":
                self.facts.append(body["content"])
                return {"fact_ids": [secrets.token_hex(8)], "count": 1, **({"ok": True} if self.new else {})}
            if path == "/mesh/register":
                return self.register(body)
            if path == "/mesh/deregister":
                self.peer(body)
                del self.peers[body["peer_id"]]
                return {"ok": True}
            if path == "/mesh/heartbeat":
                self.peer(body)["last_heartbeat"] = utc()
                return {"ok": True}
            if path == "/mesh/summary":
                self.peer(body)["summary"] = body.get("summary", "")
                return {"ok": True}
            if path == "/mesh/send":
                return self.send(body)
            if path.startswith("/mesh/inbox/") and path.endswith("/read"):
                reader = unquote(path.split("/")[3])
                ids = body.get("message_ids", [])
                self.read_by |= {(number, reader) for number in ids}
                return {"ok": True, "marked": len(ids)}
            if path == "/mesh/lock":
                return self.take_lock(body)
        raise Refused(404, {"detail": "Not Found"})

    def health(self) -> dict:
        if not self.new:
            return {"status": "ok", "pid": 4242, "engine": "initialized", "version": self.version}
        return {
            "status": "ok",
            "ready": False,
            "pid": 4242,
            "engine": "initialized",
            "version": self.version,
            "service": "superlocalmemory-daemon",
            "daemon_protocol": 1,
            "instance_id": self.instance,
            "port": self.port,
            "state": "ready",
            "runtime_state": "warming",
            "active_profile": "default",
        }

    def status(self) -> dict:
        said = {
            "status": "running",
            "pid": 4242,
            "uptime_s": int(time.monotonic() - self.began),
            "mode": "a",
            "fact_count": len(self.facts),
            "idle_s": 0,
            "port": self.port if self.new else 8765,
        }
        return {**said, "profile": "default", "provider": "none"} if self.new else said

    def recall(self, query: dict) -> dict:
        words = {word for word in query.get("q", "").lower().split() if len(word) > 2}
        found = [fact for fact in self.facts if words & set(fact.lower().replace(".", " ").split())]
        results = []
        for fact in found[: int(query.get("limit", "5"))]:
            result = {"fact_id": f"{abs(hash(fact)):016x}"[:16], "content": fact, "score": 0.5, "fact_type": "episodic"}
            if self.new:
                result.update(confidence=0.7, created_at=utc(), age_label="just now")
            results.append(result)
        said = {"results": results, "count": len(results), "query_type": "general", "retrieval_time_ms": 3.5}
        if self.new and words:
            said.update(ok=True, result_count=len(results), no_confident_match=not results, query_id=secrets.token_hex(16))
        return said

    def add_tool_event(self, body: object) -> dict:
        if not isinstance(body, dict):
            raise Refused(422, {"detail": [{"type": "missing", "loc": ["body"], "msg": "Field required", "input": None}]})
        name = body.get("tool_name", "unknown")
        if name is None:
            return {"ok": False, "error": "Internal server error" if self.new else "NOT NULL constraint failed: tool_events.tool_name"}
        self.tool_events.append({**body, "tool_name": name})
        return {"ok": True}

    def list_tool_events(self, limit: int) -> dict:
        found = []
        for number, event in reversed(list(enumerate(self.tool_events, 1))):
            found.append({"id": number, "tool_name": event["tool_name"], "event_type": event.get("event_type", "invoke"), "created_at": utc()})
        return {"events": found[:limit], "count": len(found[:limit])}

    def register(self, body: dict) -> dict:
        if "session_id" not in body:
            raise Refused(422, {"detail": [{"type": "missing", "loc": ["body", "session_id"], "msg": "Field required", "input": body}]})
        if not body["session_id"]:
            raise Refused(400, {"detail": "session_id required"})
        for peer in self.peers.values():
            if peer["session_id"] == body["session_id"]:
                peer.update(summary=body.get("summary", ""), last_heartbeat=utc())
                return {"peer_id": peer["peer_id"], "ok": True, "pending_messages": 0}
        peer = {
            "peer_id": str(uuid.uuid4())[:12],
            "session_id": body["session_id"],
            "summary": body.get("summary", ""),
            "status": "active",
            "host": body.get("host", "127.0.0.1"),
            "port": body.get("port", 0),
            "registered_at": utc(),
            "last_heartbeat": utc(),
            "project_path": body.get("project_path", ""),
            "agent_type": body.get("agent_type", "unknown"),
        }
        self.peers[peer["peer_id"]] = peer
        key = {"peer_key": secrets.token_hex(32)} if self.new else {}
        return {"peer_id": peer["peer_id"], "ok": True, "pending_messages": 0, **key}

    def peer(self, body: dict) -> dict:
        if body.get("peer_id") not in self.peers:
            raise Refused(404, {"detail": "peer not found"})
        return self.peers[body["peer_id"]]

    def list_peers(self) -> dict:
        return {"peers": list(self.peers.values())}

    def send(self, body: dict) -> dict:
        to = body.get("to") or body.get("to_peer") or ""
        content = body.get("content", "")
        if not to:
            raise Refused(400, {"detail": "to is required"})
        if len(content) > 4096:
            raise Refused(413, {"detail": f"message too large ({len(content)} bytes, max 4096)."})
        kind = "broadcast" if to == "broadcast" else "project" if to.startswith("project:") else "peer"
        if kind == "peer" and to not in self.peers:
            raise Refused(404, {"detail": "recipient peer not found"})
        message = {
            "id": len(self.messages) + 1,
            "from_peer": body.get("from_peer", ""),
            "to_peer": "project" if kind == "project" else to,
            "msg_type": body.get("type", "text"),
            "content": content,
            "read": 0,
            "created_at": utc(),
            "target_type": kind,
            "project_path": to.removeprefix("project:") if kind == "project" else "",
        }
        self.messages.append(message)
        if kind == "broadcast":
            unread = [m for m in self.messages if m["target_type"] == "broadcast"]
            for old in unread[:-50]:
                self.messages[old["id"] - 1] = {**old, "target_type": "gone"}
        return {"ok": True, "id": message["id"], "target_type": kind, "expires_at": utc(48)}

    def inbox(self, reader: str, project: str) -> list[dict]:
        found = []
        for message in reversed(self.messages):
            kind = message["target_type"]
            mine = kind == "peer" and message["to_peer"] == reader
            shared = kind == "broadcast" and message["from_peer"] != reader
            ours = kind == "project" and project != "" and message["project_path"] == project
            if (mine or shared or ours) and (message["id"], reader) not in self.read_by:
                found.append(message)
        return found

    def take_lock(self, body: dict) -> dict:
        name, owner, action = body.get("file_path", ""), body.get("locked_by", ""), body.get("action", "")
        if action not in ("acquire", "release", "query"):
            raise Refused(400, {"detail": "action must be acquire, release, or query"})
        held = self.locks.get(name)
        if action == "query":
            if not held:
                return {"locked": False}
            token = {"fencing_token": held["fencing_token"]} if self.new else {}
            return {"locked": True, "by": held["locked_by"], "since": held["locked_at"], **token}
        if action == "release":
            if held and held["locked_by"] == owner:
                del self.locks[name]
            elif self.new:
                return {"ok": False, "action": "not_released", "error": "no lock held by this peer for that file"}
            return {"ok": True, "action": "released"}
        if held and held["locked_by"] != owner and not self.double_grants:
            return {"locked": True, "by": held["locked_by"], "since": held["locked_at"]}
        self.fencing += 1
        if not (held and self.double_grants and held["locked_by"] != owner):
            self.locks[name] = {"locked_by": owner, "locked_at": utc(), "expires_at": utc(8), "fencing_token": self.fencing}
        more = {"expires_at": utc(8), "fencing_token": self.fencing} if self.new else {}
        return {"ok": True, "action": "acquired", **more}


def handler_of(double: Double):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "uvicorn"
        sys_version = ""
        disable_nagle_algorithm = True

        def log_message(self, *arguments):
            pass

        def handle_one(self):
            # A connection that was kept ends with the double.
            if double.server is None:
                self.close_connection = True
                return
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            text = self.rfile.read(length) if length else b""
            try:
                body = json.loads(text) if text else None
            except ValueError:
                body = text
            query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, parts.path, query, headers, body)
            with double.lock:
                double.requests.append(request)
                fault = double.fault
            if fault == "slow":
                double.released.wait(double.slow_seconds)
            elif fault == "hang":
                double.released.wait()
            if fault in ("hang", "die"):
                self.close_connection = True
                return
            if fault == "garbage":
                return self.reply(200, b'{"status": "ok", "version": [[[', {})
            if fault == "not-a-daemon":
                return self.reply(200, b'{"status":"ok","version":"2.0","service":"grocer"}', {})
            if fault == "html":
                return self.reply(500, b"<html>Internal Server Error</html>", {"Content-Type": "text/html"})
            try:
                if isinstance(fault, int):
                    more = {"Retry-After": str(double.retry_after)} if fault == 429 else {}
                    raise Refused(fault, {"error": f"fault {fault}"}, more)
                with double.lock:
                    double.admit(request)
                    said = double.answer(request)
                    left = {"X-RateLimit-Remaining": str(max(0, double.write_limit - len(double.writes)))} if double.new else {}
                self.reply(200, json.dumps(said).encode(), left)
            except Refused as refusal:
                self.reply(refusal.status, json.dumps(refusal.body).encode(), refusal.headers)

        do_GET = do_POST = handle_one

        def reply(self, status: int, body: bytes, headers: dict):
            try:
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                self.close_connection = True

    return Handler
