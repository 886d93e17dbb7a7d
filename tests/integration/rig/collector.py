"""A collector of traces: takes OTLP over HTTP and decodes it with OpenTelemetry's own definitions."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse


class Span:
    """A span as tests look at it."""

    def __init__(self, span, resource: dict):
        self.trace = span.trace_id.hex()
        self.id = span.span_id.hex()
        self.parent = span.parent_span_id.hex()
        self.name = span.name
        self.kind = span.kind
        self.start = span.start_time_unix_nano
        self.end = span.end_time_unix_nano
        self.attributes = attributes_of(span.attributes)
        self.failed = span.status.code == 2
        self.resource = resource

    def __repr__(self):
        return f"{self.name} ({(self.end - self.start) / 1e6:.1f} ms) {self.attributes}"


def attributes_of(pairs) -> dict:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}


class Collector:
    """Listens on a port of its own. `status` is what it answers; while `gate` is not set, it answers nothing."""

    def __init__(self, status=200):
        self.status = status
        self.requests = []
        self.gate = threading.Event()
        self.gate.set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.requests.append((self.path, dict(self.headers), body))
                outer.gate.wait(60)
                answer = ExportTraceServiceResponse().SerializeToString()
                self.send_response(outer.status)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def spans(self, trace: str | None = None) -> list[Span]:
        found = []
        for _, _, body in self.requests:
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                of = attributes_of(resource.resource.attributes)
                found += [Span(span, of) for scope in resource.scope_spans for span in scope.spans]
        return [span for span in found if trace is None or span.trace == trace]

    def close(self):
        self.gate.set()
        self.server.shutdown()
        self.server.server_close()
