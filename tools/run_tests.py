"""Run the tests with the services they need: a PostgreSQL of their own, and a real browser.

Each argument goes to pytest. `IJAZA_TEST_POSTGRES_URL` names another server to use, on which databases may be made.
"""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence

from tools.services import ROOT, ServiceMissing, find_chromium, postgresql, say

STANDARD = ("-n", str(max(2, min(os.cpu_count() or 2, 8))), "--dist", "loadgroup")


class Stopped(BaseException):
    """This run was asked to stop; raised so that the services are stopped on the way out."""


@contextlib.contextmanager
def services(environ: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Start what is missing; yield the environment that tells the tests where it is. Raises ServiceMissing."""
    with contextlib.ExitStack() as stack:
        address = environ.get("IJAZA_TEST_POSTGRES_URL") or stack.enter_context(postgresql())
        yield {
            **environ,
            "IJAZA_TEST_POSTGRES_URL": address,
            "IJAZA_TEST_CHROMIUM": environ.get("IJAZA_TEST_CHROMIUM") or find_chromium(),
        }


def run_pytest(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run pytest to its end, or pass on the wish to stop; return its exit status."""
    # Settings of the person's own installation must not reach the tests.
    kept = {
        name: value for name, value in environ.items() if not name.startswith("IJAZA_") or "_TEST_" in name
    }
    kept.setdefault("LC_ALL", "C.UTF-8")
    command = [sys.executable, "-P", "-m", "pytest", *STANDARD, *arguments]
    process = subprocess.Popen(command, cwd=ROOT, env=kept)
    try:
        return process.wait()
    except (Stopped, KeyboardInterrupt):
        # A Ctrl-C has reached pytest as well; it says by itself how far it came.
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        return 130


def main(arguments: Sequence[str]) -> int:
    """Run the tests; return pytest's exit status, or 2 when something they need is missing."""

    def stop(_signal: int, _frame: object) -> None:
        raise Stopped

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGHUP, stop)
    try:
        with services(os.environ) as environ:
            return run_pytest(arguments, environ)
    except ServiceMissing as missing:
        say(str(missing))
        return 2
    except (Stopped, KeyboardInterrupt):
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
