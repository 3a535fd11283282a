"""One installation on several machines, as far as one machine can show it: two webs and two workers behind one port.

They share a PostgreSQL database, the storage folder and the secrets, and nothing else.
"""

import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from sqlalchemy import func, select

from foundation.db import db
from foundation.jobs import WorkerHeartbeat
from tests.support.balancer import Balancer
from tests.support.installation import Installation, closing
from tests.support.waiting import eventually

REPLICAS = 2


class Replicas(Installation):
    """The processes, each a group of its own, so that a whole replica can be lost at once."""

    def __init__(self, folder: Path, database_url: str) -> None:
        super().__init__(folder, database_url)
        self.balancer = Balancer()
        self.port = self.balancer.server_port
        self.settings |= {
            "IJAZA_REPLICAS": str(REPLICAS),
            "IJAZA_TRUSTED_PROXIES": "1",
            "IJAZA_PUBLIC_URL": self.url,
        }
        self.webs: dict[int, subprocess.Popen[bytes]] = {}
        self.workers: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start them all, and wait until each answers."""
        for _ in range(REPLICAS):
            self._start_web()
            self.workers.append(_start(self.folder, self.environ(), "worker"))
        self.balancer.serve_from(list(self.webs))
        answered = eventually(
            lambda: all(map(is_alive, self.webs)) and self._count_workers() >= REPLICAS, within=120
        )
        assert answered, self.said()

    def lose_one(self) -> None:
        """End a web and a worker without warning; nobody starts them again."""
        for lost in (self.webs.pop(next(iter(self.webs))), self.workers.pop()):
            os.killpg(lost.pid, signal.SIGKILL)
            lost.wait()

    def stop(self) -> None:
        """Stop everything; nothing stays behind."""
        end([*self.webs.values(), *self.workers])
        self.kill()
        self.balancer.close()

    def _start_web(self) -> None:
        port, web = start_web(self.folder, self.environ())
        self.webs[port] = web

    def _count_workers(self) -> int:
        with self.app.app_context():
            count = db.session.execute(select(func.count(WorkerHeartbeat.id))).scalar_one()
            db.session.remove()
            return count


def start_web(folder: Path, environ: dict[str, str]) -> tuple[int, subprocess.Popen[bytes]]:
    """Start one web of one process; return its port and it. The socket is handed down, so nobody else takes the port first."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number = listener.fileno()
        command = ("web", "--workers", "1", "--listener", str(number))
        return listener.getsockname()[1], _start(folder, environ, *command, descriptors=(number,))


def _start(
    folder: Path, environ: dict[str, str], *command: str, descriptors: tuple[int, ...] = ()
) -> subprocess.Popen[bytes]:
    with (folder / f"output-{secrets.token_hex(4)}").open("wb") as said:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "foundation.supervisor", *command],
            env=environ,
            pass_fds=descriptors,
            stdout=said,
            stderr=said,
            cwd=folder,
            start_new_session=True,
        )


def end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask processes to stop, and insist after a while."""
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def is_alive(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


@contextmanager
def replicas(folder: Path, database_url: str) -> Iterator[Replicas]:
    """Make an installation of several machines and stop it at the end of the block."""
    with closing(Replicas(folder, database_url)) as made:
        yield made
