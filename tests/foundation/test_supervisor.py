"""The supervisor: what dies comes back, what is told to stop leaves nothing behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from foundation.supervisor import address_of, is_demo_wanted
from tests.support.waiting import eventually

ROOT = Path(__file__).resolve().parent.parent.parent
SERVED = ROOT / "tests" / "support" / "served"


class Service:
    """A running `serve` of the small application, and questions to it."""

    def __init__(self, folder: Path, *arguments: str, **settings: str) -> None:
        self.folder = folder
        environ = {name: value for name, value in os.environ.items() if not name.startswith("IJAZA_")}
        environ |= {"PYTHONPATH": f"{SERVED}:{ROOT}", "IJAZA_INSTANCE_DIR": str(folder), **settings}
        self.output = folder / "output"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "foundation.supervisor", "serve", "--port", "0", *arguments],
                env=environ,
                stdout=output,
                stderr=output,
                cwd=folder,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self.output.read_text()

    def await_address(self) -> str:
        assert eventually(lambda: "Stop it with Ctrl-C" in self.said or self.process.poll() is not None), (
            self.said
        )
        assert self.process.poll() is None, self.said
        return self.said.partition("answers at ")[2].split()[0]

    def ask(self, path: str = "/healthz") -> Any:
        with urllib.request.urlopen(self.await_address() + path, timeout=20) as answer:
            return json.loads(answer.read()) if path == "/healthz" else answer.read().decode()

    def parent(self) -> int | None:
        """Return the web process above the one that answers, or None while none does."""
        try:
            return int(self.ask()["parent"])
        except (OSError, HTTPException):
            # Nobody listens, or whoever took the question was killed before he had answered.
            return None

    def worker(self) -> int:
        assert eventually(lambda: (self.folder / "worker.pid").exists() and self.worker_pid() is not None)
        return self.worker_pid() or 0

    def worker_pid(self) -> int | None:
        text = (self.folder / "worker.pid").read_text()
        return int(text) if text else None

    def processes(self) -> set[int]:
        """Return every process that runs in this service's folder of settings."""
        mark = f"IJAZA_INSTANCE_DIR={self.folder}".encode()
        return {
            int(path.name) for path in Path("/proc").glob("[0-9]*") if mark in _environ_of(path).split(b"\0")
        }

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


def _environ_of(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()
    except OSError:
        return b""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    services: list[Service] = []

    def begin(*arguments: str, **settings: str) -> Service:
        services.append(Service(tmp_path, *arguments, **settings))
        return services[-1]

    yield begin
    for service in services:
        for process in service.processes():
            os.kill(process, signal.SIGKILL)
        service.process.wait()


def test_serve_prepares_then_answers_and_names_the_demo_accounts(
    start: Callable[..., Service], tmp_path: Path
) -> None:
    service = start()
    address = service.await_address()
    assert address.startswith("http://127.0.0.1:")
    assert "admin@host.example" in service.said
    answer = service.ask()
    assert (answer["demo"], answer["url"]) == (True, address)
    assert (tmp_path / "ijaza.db").exists()


def test_stop_lets_requests_finish_and_leaves_neither_process_nor_port(
    start: Callable[..., Service], tmp_path: Path
) -> None:
    service = start()
    service.worker()
    port = int(service.await_address().rpartition(":")[2])
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(service.ask, "/slow")
        assert eventually((tmp_path / "slow.began").exists)
        assert service.stop() == 0
        assert slow.result() == "whole"
    assert (tmp_path / "worker.ended").exists()
    assert service.processes() == set()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_web_and_worker_that_are_killed_come_back(start: Callable[..., Service]) -> None:
    service = start()
    first, worker = service.ask(), service.worker()
    os.kill(first["parent"], signal.SIGKILL)
    assert eventually(lambda: service.parent() not in (None, first["parent"]))
    os.kill(worker, signal.SIGKILL)
    assert eventually(lambda: service.worker_pid() not in (None, worker))
    assert service.stop() == 0


def test_killed_supervisor_leaves_no_orphan(start: Callable[..., Service]) -> None:
    service = start()
    service.ask()
    service.worker()
    service.process.kill()
    service.process.wait()
    assert eventually(lambda: service.processes() == set())


def test_unsafe_production_does_not_start_and_says_why(start: Callable[..., Service]) -> None:
    service = start(IJAZA_ENV="production")
    assert service.process.wait(20) == 2
    assert "IJAZA_PUBLIC_URL must be an https address" in service.said
    assert "starting it again" not in service.said


def test_taken_port_is_named_at_once(start: Callable[..., Service]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        service = start("--port", port)
        assert service.process.wait(20) == 1
    assert f"cannot listen on 127.0.0.1 port {port}" in service.said


def test_child_that_dies_six_times_ends_everything(tmp_path: Path) -> None:
    script = (
        "import sys; from foundation import supervisor as s; s.LONGEST_PAUSE_SECONDS = 0.01\n"
        "one = s.Supervisor({})\n"
        "one.add(s.Child('steady', [sys.executable, '-c', 'import signal; signal.pause()']))\n"
        "one.add(s.Child('dying', [sys.executable, '-c', 'raise SystemExit(3)']))\n"
        "steady = one.children[0].process.pid\n"
        "status = one.run(); print(steady); sys.exit(status)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.count("starting it again") == 5
    assert "dying died 6 times within 30 seconds; giving up" in ended.stderr
    assert not Path(f"/proc/{ended.stdout.strip()}").exists()


@pytest.mark.parametrize(
    ("settings", "host", "wanted"),
    [
        ({}, "127.0.0.1", True),
        ({}, "localhost", True),
        ({}, "::1", True),
        ({}, "0.0.0.0", False),
        ({}, "training.example", False),
        ({"IJAZA_DEMO": "1"}, "0.0.0.0", True),
        ({"IJAZA_DEMO": "0"}, "127.0.0.1", False),
        ({"IJAZA_ENV": "production"}, "127.0.0.1", False),
        ({"IJAZA_ENV": "production", "IJAZA_DEMO": "1"}, "127.0.0.1", False),
    ],
)
def test_demo_is_wanted_on_loopback_or_when_asked_never_in_production(
    settings: dict[str, str], host: str, wanted: bool
) -> None:
    assert is_demo_wanted(settings, host) is wanted


def test_address_is_one_that_a_browser_on_this_machine_opens() -> None:
    assert address_of("127.0.0.1", 8000, secure=False) == "http://127.0.0.1:8000"
    assert address_of("0.0.0.0", 8443, secure=True) == "https://127.0.0.1:8443"
    assert address_of("::1", 8000, secure=False) == "http://[::1]:8000"
