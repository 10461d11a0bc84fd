"""A web server for the tests of downloads: it answers as it is told to, and counts what it is asked."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answer:
    """What one request gets."""

    body: bytes = b""
    status: int = 200
    claim: int | None = None  # a Content-Length that may lie
    wait: float = 0.0  # seconds of silence before the body


@dataclass
class Server:
    url: str = ""
    answers: dict[str, tuple[Answer, ...]] = field(default_factory=dict)  # by path, in turn; the last stays
    asked: dict[str, int] = field(default_factory=lambda: defaultdict(int))  # path -> how often

    def serve(self, path: str, *answers: Answer) -> str:
        self.answers[path] = answers
        return self.url + path


def handler_of(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers, turn = server.answers[self.path], server.asked[self.path]
            server.asked[self.path] += 1
            answer = answers[min(turn, len(answers) - 1)]
            length = len(answer.body) if answer.claim is None else answer.claim
            self.send_response(answer.status)
            self.send_header("Content-Length", str(length))
            try:
                self.end_headers()
                time.sleep(answer.wait)
                self.wfile.write(answer.body)
            except (BrokenPipeError, ConnectionResetError, ConnectionAbortedError):
                return  # the client has given up, as some tests want it to

        def log_message(self, *_: object) -> None:
            """Nothing: the tests look at `asked`."""

    return Handler


@contextmanager
def running() -> Iterator[Server]:
    """A server on a free local port, until the end of the `with` block."""
    server = Server()
    with ThreadingHTTPServer(("127.0.0.1", 0), handler_of(server)) as http:
        http.block_on_close = False
        http.daemon_threads = True
        server.url = f"http://127.0.0.1:{http.server_address[1]}"
        thread = threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()
