"""A server on this machine that answers every request alike and remembers who came."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Visits:
    """The server's address, and the path of each request."""

    url: str
    paths: list[str] = field(default_factory=list)


@contextmanager
def serving(*, status: int = 404, kind: str = "text/plain", body: bytes = b"") -> Iterator[Visits]:
    """Answer GET and POST on a free local port until the block ends."""
    visits = Visits("")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            visits.paths.append(self.path)
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(status)
            self.send_header("content-type", kind)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815  # the base class asks for this name

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    visits.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield visits
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
