"""Waiting for another process, without guessing how long it takes."""

import threading
import time
from collections.abc import Callable

_PAUSE = threading.Event()


def eventually(is_true: Callable[[], bool], *, within: float = 60.0) -> bool:
    """Ask until the answer is yes, at most so many seconds; return the last answer."""
    deadline = time.monotonic() + within
    while not is_true():
        if time.monotonic() > deadline:
            return False
        _PAUSE.wait(0.02)
    return True
