"""A web server for the tests of downloads, with answers that a test lays out; it counts the requests."""

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
    content_length: int | None = None  # to say something wrong
    wait: float = 0.0  # seconds of silence before the body


@dataclass
class Server:
    """A running server: its address, its answers, and what was requested so far."""

    url: str = ""
    answers: dict[str, tuple[Answer, ...]] = field(default_factory=dict)  # by path, in turn; the last one is repeated
    requests: dict[str, int] = field(default_factory=lambda: defaultdict(int))  # path -> how many

    def serve(self, path: str, *answers: Answer) -> str:
        """Lays out the answers to requests for a path; returns its URL."""
        self.answers[path] = answers
        return self.url + path


def handler_of(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers, turn = server.answers[self.path], server.requests[self.path]
            server.requests[self.path] += 1
            answer = answers[min(turn, len(answers) - 1)]
            length = len(answer.body) if answer.content_length is None else answer.content_length
            self.send_response(answer.status)
            self.send_header("Content-Length", str(length))
            try:
                self.end_headers()
                time.sleep(answer.wait)
                self.wfile.write(answer.body)
            except (BrokenPipeError, ConnectionResetError, ConnectionAbortedError):
                return  # the client has given up, as some tests want it to

        def log_message(self, *_: object) -> None:
            """Nothing: the tests look at `requests`."""

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
