"""A mail server on the loopback that remembers what it was given and misbehaves on demand."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class MailServer(socketserver.ThreadingTCPServer):
    """`answers` maps a command ('RCPT', 'DATA', 'END') to the answer it gets; 'drop' ends the connection instead."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.answers: dict[str, str] = {}
        self.letters: list[bytes] = []

    @property
    def url(self) -> str:
        """Return the address for IJAZA_MAIL_URL."""
        return f"smtp://127.0.0.1:{self.server_address[1]}?from=training@host.example"


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 loopback")
        while line := self.rfile.readline():
            verb = line[:4].decode().strip().upper()
            answer = self.server.answers.get(verb, "354 go on" if verb == "DATA" else "250 loopback")
            if verb == "QUIT" or answer == "drop":
                return
            self._say(answer)
            if verb == "DATA" and answer.startswith("354") and not self._take_letter():
                return

    def _take_letter(self) -> bool:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        answer = self.server.answers.get("END", "250 taken")
        if answer[0] in "2d":
            self.server.letters.append(b"".join(lines))
        if answer == "drop":
            return False
        self._say(answer)
        return True

    def _say(self, answer: str) -> None:
        self.wfile.write(answer.encode() + b"\r\n")


@contextmanager
def running_mail_server() -> Iterator[MailServer]:
    """Yield a server that listens; it is gone afterwards."""
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
