"""A PostgreSQL server of the tests' own: made in a folder of its own, for one run, and gone afterwards.

It listens on a Unix socket alone, in a folder that only the tests' user can enter, so that trusting every connection is
safe and no port can be taken. Durability is switched off: nothing in it outlives the run. PostgreSQL refuses to run as
root, so root lends it the user that the operating system's package made for it.
"""

import contextlib
import ctypes
import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Short, because the path of a Unix socket may have 107 bytes only, and on a disk that every user can reach.
FOLDER = Path("/var/tmp")  # noqa: S108 # each folder in it is made anew and entered by its owner alone
START_SECONDS = 60
PR_SET_PDEATHSIG = 1
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    # Some containers have no /dev/shm.
    "dynamic_shared_memory_type": "mmap",
    "timezone": "UTC",
    "log_min_messages": "fatal",
    "log_destination": "stderr",
}
_libc = ctypes.CDLL(None, use_errno=True)


class ServiceMissing(Exception):
    """Something the tests need is not installed or does not start; the message says what."""


def find_postgresql() -> Path:
    """Return the folder of the newest PostgreSQL server's programs; raise ServiceMissing when there is none."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: int(path.parent.parent.name) if path.parent.parent.name.isdigit() else 0,
    )
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    if on_path:
        return Path(on_path).resolve().parent
    raise ServiceMissing("PostgreSQL is not installed (package: postgresql).")


def server_user() -> pwd.struct_passwd:
    """Return whom the server runs as: ourselves, or for root the package's user."""
    if os.getuid() != 0:
        return pwd.getpwuid(os.getuid())
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise ServiceMissing("PostgreSQL does not run as root, and there is no user postgres.")


def prefix() -> str:
    """Return the beginning of the names of this project's folders, different for each copy of the project and user."""
    return f"ijaza-test-{hashlib.sha256(f'{os.getuid()} {ROOT}'.encode()).hexdigest()[:10]}-"


def remove_stale() -> None:
    """Remove what killed runs left: each live run holds a lock in its folder."""
    for folder in FOLDER.glob(f"{prefix()}*"):
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid not in (os.getuid(), server_user().pw_uid):
            continue
        with contextlib.suppress(OSError), (folder / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _end_left_server(folder / "data" / "postmaster.pid")
            shutil.rmtree(folder, ignore_errors=True)


def _end_left_server(pid_file: Path) -> None:
    with contextlib.suppress(OSError, ValueError, IndexError):
        pid = int(pid_file.read_text().split()[0])
        if b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, signal.SIGQUIT)
            _wait_until(lambda: not Path(f"/proc/{pid}").exists(), 10)


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """Run a server for the length of the block; yield the address of its maintenance database."""
    programs, user = find_postgresql(), server_user()
    remove_stale()
    folder = FOLDER / f"{prefix()}{os.getpid()}"
    folder.mkdir(mode=0o700)
    lock = (folder / "lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        if os.getuid() == 0:
            os.chown(folder, user.pw_uid, user.pw_gid)
        _make_cluster(programs, user, folder)
        server = _start(programs, user, folder)
        try:
            _await_server(programs, server, folder)
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        finally:
            _stop(server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.close()


def _as(user: pwd.struct_passwd) -> dict[str, object]:
    """Return what makes a program run as the user, with an environment that does not depend on who called."""
    lowered = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if os.getuid() == 0 else {}
    return {**lowered, "cwd": "/", "env": {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"}}


def _make_cluster(programs: Path, user: pwd.struct_passwd, folder: Path) -> None:
    command = [
        str(programs / "initdb"), "--pgdata", str(folder / "data"), "--username", "postgres", "--no-sync",
        "--encoding", "UTF8", "--locale", "C.UTF-8", "--auth-local", "trust", "--auth-host", "reject",
    ]  # fmt: skip
    made = subprocess.run(command, capture_output=True, text=True, check=False, **_as(user))  # type: ignore[call-overload]
    if made.returncode != 0:
        raise ServiceMissing(f"PostgreSQL could not make its folder:\n{made.stdout}{made.stderr}")


def _start(programs: Path, user: pwd.struct_passwd, folder: Path) -> subprocess.Popen[bytes]:
    settings = {**SETTINGS, "unix_socket_directories": str(folder)}
    command = [str(programs / "postgres"), "-D", str(folder / "data")]
    command += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        server: subprocess.Popen[bytes] = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=_quit_with_parent,  # noqa: PLW1509 # no thread runs in this process
            **_as(user),  # type: ignore[call-overload]
        )
    return server


def _quit_with_parent() -> None:
    """Ask the kernel to end the server at once when this run is killed."""
    _libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGQUIT))


def _await_server(programs: Path, server: subprocess.Popen[bytes], folder: Path) -> None:
    ask = [str(programs / "pg_isready"), "-q", "-h", str(folder)]

    def answers() -> bool:
        if server.poll() is not None:
            raise ServiceMissing(f"PostgreSQL ended at once:\n{(folder / 'log').read_text()}")
        return subprocess.run(ask, check=False).returncode == 0

    if not _wait_until(answers, START_SECONDS):
        raise ServiceMissing(f"PostgreSQL did not answer within {START_SECONDS} seconds.")


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGINT)
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)
        server.wait(10)


def _wait_until(is_true: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def find_chromium() -> str:
    """Return the path of the browser; raise ServiceMissing when there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path:
            return path
    raise ServiceMissing("Chromium is not installed (package: chromium).")


def say(message: str) -> None:
    """Tell the person who runs the tests, on standard error."""
    print(f"ijaza: {message}", file=sys.stderr, flush=True)
