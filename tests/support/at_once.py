"""Acts of several people in one moment: a race that the database has to decide."""

import threading
from collections.abc import Callable

from flask import Flask

from foundation.db import db, transaction


def at_once(app: Flask, *acts: Callable[[], object]) -> list[object]:
    """Run each act in a thread and a transaction of its own, all at one moment; return results or errors."""
    db.session.rollback()  # the test's own transaction would hold the write lock
    barrier = threading.Barrier(len(acts))
    results: list[object] = [None] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        with app.app_context():
            barrier.wait()
            try:
                with transaction():
                    results[place] = act()
            except Exception as error:
                results[place] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
