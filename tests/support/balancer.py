"""A reverse proxy on this machine: one port before several web servers, in turn; one that does not answer is passed over."""

import http.client
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)
# Sent again to another server when the first one died over it; anything else may have had its effect.
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LONG = 60.0


class Balancer(ThreadingHTTPServer):
    """Listens on a random port; `served` counts what each server answered."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Passage)
        self._lock = threading.Lock()
        self._turn = 0
        self._ports: list[int] = []
        self.served: dict[int, int] = {}
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def serve_from(self, ports: Sequence[int]) -> None:
        """Name the servers behind it."""
        with self._lock:
            self._ports = list(ports)

    def in_turn(self) -> list[int]:
        """Return the servers in the order in which they are to be asked this time."""
        with self._lock:
            self._turn += 1
            first = self._turn % max(1, len(self._ports))
            return self._ports[first:] + self._ports[:first]

    def count(self, port: int) -> None:
        """Remember who answered."""
        with self._lock:
            self.served[port] = self.served.get(port, 0) + 1

    def close(self) -> None:
        """Stop listening."""
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Passage(BaseHTTPRequestHandler):
    """One client's connection; it stays open however often the server behind it changes."""

    server: Balancer
    protocol_version = "HTTP/1.1"

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        for port in self.server.in_turn():
            sent = False
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONG)
            try:
                connection.connect()
                sent = True
                self._send(connection, body)
                answer = connection.getresponse()
                content = answer.read()
            except (OSError, http.client.HTTPException):
                if sent and self.command not in SAFE:
                    break
                continue
            finally:
                connection.close()
            self.server.count(port)
            self._answer(answer, content)
            return
        self.send_error(502)

    def _send(self, connection: http.client.HTTPConnection, body: bytes) -> None:
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in HOP_BY_HOP:
                connection.putheader(name, value)
        connection.putheader("X-Forwarded-For", self.client_address[0])
        connection.endheaders(body)

    def _answer(self, answer: http.client.HTTPResponse, content: bytes) -> None:
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP | {"content-length"}:
                self.send_header(name, value)
        # An answer to HEAD names the length of what it does not bring.
        length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
        if length is not None and answer.status not in (204, 304):
            self.send_header("Content-Length", length)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _pass_on

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing: the servers behind say enough."""
