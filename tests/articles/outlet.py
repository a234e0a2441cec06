"""A news outlet's web server on loopback, whose answers a test writes down beforehand."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answer:
    """One answer; with a `script` the body is written by it, else `body` is sent with its length."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    script: Callable[["Handler"], None] | None = None


class Outlet:
    """Serves `answers` by path; the last of several stays. `asked` keeps the headers of every request by path."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.answers: dict[str, list[Answer]] = {}
        self.asked: dict[str, list[Message]] = defaultdict(list)
        self.closing = threading.Event()

    def serve(self, path: str, *answers: Answer) -> str:
        self.answers[path] = list(answers)
        return self.url + path

    def feed(self, path: str, text: str, **headers: str) -> str:
        return self.serve(path, Answer(text.encode(), headers={"Content-Type": "application/rss+xml", **headers}))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    outlet: Outlet

    def do_GET(self) -> None:
        self.outlet.asked[self.path].append(self.headers)
        left = self.outlet.answers.get(self.path, [Answer(status=404)])
        answer = left.pop(0) if len(left) > 1 else left[0]
        etag = answer.headers.get("ETag")
        if etag and self.headers.get("If-None-Match") == etag:
            answer = Answer(status=304)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.script:
            self.send_header("Connection", "close")
            self.end_headers()
            self.close_connection = True
            answer.script(self)
        else:
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

    def do_HEAD(self) -> None:
        """As GET, without the document."""
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """The reader hangs up on purpose in some tests."""


@contextmanager
def outlet() -> Iterator[Outlet]:
    server = _Server(("127.0.0.1", 0), Handler)
    opened = Outlet(server.server_port)
    server.RequestHandlerClass = type("Bound", (Handler,), {"outlet": opened})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield opened
    finally:
        opened.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
