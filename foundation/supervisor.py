"""The process above the processes: starts web and worker, restarts what dies, stops both together.

It stays small on purpose: only the standard library is imported here, so that it starts in milliseconds and has little that
can break. The listening socket is opened here and handed down, so a web process that dies is replaced on the same port while
connections wait. Each child asks the kernel to be told when this process dies, so that even `kill -9` leaves no orphan.
"""

import argparse
import contextlib
import ctypes
import ipaddress
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

DEATHS_ALLOWED = 6
DEATHS_WINDOW_SECONDS = 30.0
LONGEST_PAUSE_SECONDS = 5.0
STOP_SECONDS = 18.0
PR_SET_PDEATHSIG = 1
SUPERVISED_SIGNALS = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD})
OURSELVES = (sys.executable, "-P", "-m", "foundation.supervisor")
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass
class Child:
    """One supervised process: how to start it, and when it died of late (seconds of the monotonic clock)."""

    name: str
    command: Sequence[str]
    descriptors: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)
    start_at: float = 0.0

    def start(self, environ: Mapping[str, str]) -> None:
        """Start it in a process group of its own: a Ctrl-C in the terminal reaches the supervisor alone."""
        self.process = subprocess.Popen(
            self.command,
            env=dict(environ),
            pass_fds=self.descriptors,
            start_new_session=True,
            preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 # no thread runs in this process
        )

    def end(self, signal_number: int) -> None:
        """Send a signal to the process and, when it is the last word, to everything it started."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            if signal_number == signal.SIGKILL:
                os.killpg(self.process.pid, signal_number)
            else:
                self.process.send_signal(signal_number)


def _die_with(parent: int) -> Callable[[], None]:
    def prepare() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        _libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM))
        if os.getppid() != parent:
            os._exit(0)

    return prepare


class Supervisor:
    """Keeps children alive until it is told to stop or one of them dies too often."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = dict(environ)
        self.children: list[Child] = []
        signal.pthread_sigmask(signal.SIG_BLOCK, SUPERVISED_SIGNALS)

    def add(self, child: Child) -> None:
        """Start a child and keep it running from now on."""
        child.start(self.environ)
        self.children.append(child)

    def run(self) -> int:
        """Watch the children; return the exit status: 0 when told to stop, 1 when a child died too often."""
        while True:
            if self.told_to_stop(self._seconds_to_next_start()):
                self.stop()
                return 0
            for child in self.children:
                if not self._care_for(child):
                    say(
                        f"{child.name} died {DEATHS_ALLOWED} times within {DEATHS_WINDOW_SECONDS:.0f} seconds; giving up"
                    )
                    self.stop()
                    return 1

    def told_to_stop(self, timeout: float) -> bool:
        """Wait for a signal, at most so many seconds; return whether it asks to stop. A child's end only wakes."""
        received = signal.sigtimedwait(SUPERVISED_SIGNALS, timeout)
        return received is not None and received.si_signo != signal.SIGCHLD

    def stop(self) -> None:
        """Ask every child to finish, and end what has not finished in time with all that it started."""
        for child in self.children:
            child.end(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for child in self.children:
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                say(f"{child.name} did not stop in time and is ended")
            child.end(signal.SIGKILL)
            child.process.wait()

    def _care_for(self, child: Child) -> bool:
        """Start a dead child again after its pause; return False when it has died too often."""
        now = time.monotonic()
        if child.process is None:
            if now >= child.start_at:
                child.start(self.environ)
            return True
        status = child.process.poll()
        if status is None:
            return True
        # What the dead process started must be gone before its successor begins.
        child.end(signal.SIGKILL)
        child.process = None
        child.deaths = [moment for moment in child.deaths if now - moment < DEATHS_WINDOW_SECONDS] + [now]
        if len(child.deaths) >= DEATHS_ALLOWED:
            return False
        pause = min(LONGEST_PAUSE_SECONDS, 0.1 * 2 ** len(child.deaths))
        child.start_at = now + pause
        say(f"{child.name} ended unexpectedly ({describe(status)}); starting it again in {pause:.1f} seconds")
        return True

    def _seconds_to_next_start(self) -> float:
        waiting = [child.start_at - time.monotonic() for child in self.children if child.process is None]
        return max(0.0, min(waiting, default=3600.0))


def describe(status: int) -> str:
    """Put the exit status of a process into words."""
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"


def say(message: str) -> None:
    """Tell the operator, on standard error."""
    print(f"ijaza: {message}", file=sys.stderr, flush=True)


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach a server on this host name or address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_demo_wanted(environ: Mapping[str, str], host: str) -> bool:
    """Decide whether an empty database may be filled with the demo: on loopback, or when asked; never in production."""
    if environ.get("IJAZA_ENV", "").strip().lower() == "production":
        return False
    asked = environ.get("IJAZA_DEMO", "").strip().lower()
    return asked in ("1", "true", "yes", "on") if asked else is_loopback(host)


def open_listener(host: str, port: int) -> socket.socket:
    """Listen, so that a taken port is reported at once and by one process. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def address_of(host: str, port: int, *, secure: bool) -> str:
    """Write the address a person types into a browser on this machine."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"{'https' if secure else 'http'}://{shown}:{port}"


def serve(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Prepare the database, then run web and worker until told to stop. Returns the exit status."""
    try:
        listener = open_listener(options.host, options.port)
    except OSError as error:
        say(f"cannot listen on {options.host} port {options.port}: {error.strerror}")
        return 1
    address = address_of(options.host, listener.getsockname()[1], secure=bool(options.cert))
    supervisor = Supervisor(environ)
    if not environ.get("IJAZA_PUBLIC_URL") and environ.get("IJAZA_ENV") != "production":
        supervisor.environ["IJAZA_PUBLIC_URL"] = address
    reading, writing = os.pipe()
    command = [*OURSELVES, "web", "--listener", str(listener.fileno())]
    if options.cert:
        command += ["--cert", options.cert, "--key", options.key]
    first = [*command, "--prepare", "--ready", str(writing)]
    web = Child("web", [*first, "--demo"] if is_demo_wanted(environ, options.host) else first)
    web.descriptors = (listener.fileno(), writing)
    supervisor.add(web)
    os.close(writing)
    answer = await_ready(supervisor, web, reading)
    if isinstance(answer, int):
        return answer
    # Preparing is done once; who replaces this web process only serves.
    web.command, web.descriptors = command, (listener.fileno(),)
    supervisor.environ["IJAZA_DEMO"] = "1" if answer["demo"] else "0"
    supervisor.add(Child("worker", [*OURSELVES, "worker"]))
    announce(address, answer["demo"])
    try:
        return supervisor.run()
    finally:
        listener.close()


def await_ready(supervisor: Supervisor, web: Child, reading: int) -> dict[str, list[str]] | int:
    """Wait until the web process answers requests; return what it tells, or the exit status when it never will."""
    assert web.process is not None
    with os.fdopen(reading, "rb") as pipe:
        while not select.select([pipe], [], [], 0.05)[0]:
            if supervisor.told_to_stop(0):
                supervisor.stop()
                return 0
        line = pipe.readline()
    if line:
        told: dict[str, list[str]] = json.loads(line)
        return told
    supervisor.stop()
    return web.process.returncode if web.process.returncode > 0 else 1


def announce(address: str, accounts: Sequence[str]) -> None:
    """Print where it answers and, for the demo, who can sign in."""
    print(f"Ijaza answers at {address}")
    if accounts:
        print("It holds the demo. Sign in with the password ijaza-demo as one of:")
        print("\n".join(f"  {account}" for account in accounts))
    print("Stop it with Ctrl-C.", flush=True)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; an error prints the usage and exits with 2."""
    parser = argparse.ArgumentParser(prog="ijaza")
    kinds = parser.add_subparsers(dest="kind", required=True)
    for kind in ("serve", "web"):
        server = kinds.add_parser(kind)
        server.add_argument("--host", default="127.0.0.1")
        server.add_argument("--port", type=int, default=8000)
        server.add_argument("--cert", help="certificate chain in PEM, to serve https")
        server.add_argument("--key", help="its private key in PEM")
        if kind == "web":
            server.add_argument("--workers", type=int, default=2)
            server.add_argument("--threads", type=int, default=4)
            for handed_down in ("--listener", "--ready"):
                server.add_argument(handed_down, type=int, help=argparse.SUPPRESS)
            for stage in ("--prepare", "--demo"):
                server.add_argument(stage, action="store_true", help=argparse.SUPPRESS)
    kinds.add_parser("worker", add_help=False)
    kinds.add_parser("command", add_help=False)
    options = parser.parse_args(arguments)
    if options.kind in ("serve", "web") and bool(options.cert) != bool(options.key):
        parser.error("--cert and --key go together")
    return options


def main(arguments: Sequence[str]) -> int:
    """Become the process that was asked for; return its exit status."""
    if arguments[:1] not in (["worker"], ["command"]):
        options = parse(arguments)
        if options.kind == "serve":
            return serve(options, os.environ)
    # The application is imported only by those who need it.
    from foundation import serving

    if arguments[0] == "web":
        return serving.run_web(options)
    serving.run_command(arguments[1:] if arguments[0] == "command" else arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
