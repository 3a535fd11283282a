"""A small application for the supervisor to serve: says who answers, can be slow, and has a worker that leaves its mark."""

import os
import signal
import threading
from pathlib import Path

import click
from flask import Flask

from foundation import db
from foundation.config import load_config

HERE = Path(os.environ["IJAZA_INSTANCE_DIR"])


@click.command("worker")
def worker() -> None:
    """Write down who works, until told to stop."""
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    (HERE / "worker.pid").write_text(str(os.getpid()))
    told.wait()
    (HERE / "worker.ended").touch()


@click.command("demo")
@click.option("--if-empty", is_flag=True)
def demo(if_empty: bool) -> list[str]:
    """Stand for loading the demo."""
    (HERE / "demo.loaded").touch()
    return ["admin@host.example"] if if_empty else []


def create_app() -> Flask:
    """Return the application; it answers with its process and its settings."""
    config = load_config(os.environ)
    app = Flask(__name__)
    db.init_app(app, database_url=config.database_url)
    app.cli.add_command(worker)
    app.cli.add_command(demo)
    slow_may_end = threading.Event()

    @app.get("/healthz")
    def alive() -> dict[str, object]:
        return {"process": os.getpid(), "parent": os.getppid(), "demo": config.demo, "url": config.public_url}

    @app.get("/slow")
    def slow() -> str:
        (HERE / "slow.began").touch()
        slow_may_end.wait(1.0)
        return "whole"

    return app
