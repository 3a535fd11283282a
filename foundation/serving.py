"""Run the application in this process: as web server, or as one command of its command line.

The application is loaded by its name (`wsgi`), as any server does; nothing down here knows what is in it.
"""

import argparse
import contextlib
import gc
import json
import multiprocessing
import os
import sys
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any, NoReturn

from flask import Flask
from flask.cli import FlaskGroup, ScriptInfo, routes_command, shell_command
from gunicorn.app.base import BaseApplication

from foundation.config import UnsafeConfiguration
from foundation.supervisor import address_of, say

# These find the database as it is: the first two change it deliberately, a worker leaves that to those who may.
LEAVE_DATABASE_ALONE = frozenset({"migrate", "backup", "worker", "routes"})
GRACEFUL_SECONDS = 15


def load_application() -> Flask:
    """Load the application, or end this process with the reasons why it does not start."""
    # Collecting garbage among a thousand modules that stay takes a sixth of the start; what was loaded is never looked through again.
    gc.disable()
    try:
        return ScriptInfo(app_import_path="wsgi").load_app()
    except UnsafeConfiguration as error:
        say(f"it does not start:\n{error}")
        sys.exit(2)
    finally:
        gc.freeze()
        gc.enable()


def bring_database_up_to_date(app: Flask) -> None:
    """Run the migrations that are missing; quick when there are none."""
    from foundation.migrating import migrate

    with app.app_context():
        migrate()


def load_demo(app: Flask) -> list[str]:
    """Fill an empty database with the demo; return the demo's accounts, or nothing when the database holds other data.

    A process of its own does it: libraries that it starts (storage, drawing) have threads, and the server's processes, forked
    from here, would inherit those libraries without the threads and wait for them for ever.
    """
    if "demo" not in app.cli.commands:
        return []
    let_go_of_database(app)
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    builder = context.Process(target=_build_demo, args=(app, sender), name="demo")
    builder.start()
    sender.close()
    try:
        accounts: list[str] | None = receiver.recv()
    except EOFError:
        accounts = None
    builder.join()
    if accounts is None:
        sys.exit(builder.exitcode or 1)
    return accounts


def _build_demo(app: Flask, told: Connection) -> None:
    info = ScriptInfo(create_app=lambda: app)
    with app.app_context():
        command = app.cli.commands["demo"]
        accounts = command.main(["--if-empty"], prog_name="ijaza demo", standalone_mode=False, obj=info)
    told.send(list(accounts or ()))


def let_go_of_database(app: Flask) -> None:
    """Close every connection, because server processes forked from here must open their own."""
    from foundation.db import db

    with app.app_context():
        db.engine.dispose()


class WebServer(BaseApplication):
    """The web server, with its settings from here alone: it reads neither files nor the command line."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return load_application()


def run_web(options: argparse.Namespace) -> int:
    """Serve the application until told to stop; prepares the database first where that is this process's task."""
    # Loaded before the server forks, so that its processes share the imported modules and start quickly.
    app = load_application()
    accounts: list[str] = []
    if options.prepare or not in_production():
        bring_database_up_to_date(app)
        if options.demo:
            accounts = load_demo(app)
        let_go_of_database(app)
    if options.prepare and not os.environ.get("IJAZA_DEMO"):
        os.environ["IJAZA_DEMO"] = "1" if accounts else "0"
    WebServer(settings_of(options, {"demo": accounts})).run()
    return 0


def settings_of(options: argparse.Namespace, told: dict[str, list[str]]) -> dict[str, Any]:
    """Return the server's settings, as measured best for pages whose cost is the page itself."""
    host = f"[{options.host}]" if ":" in options.host else options.host

    def tell_supervisor(_worker: object) -> None:
        """Say that a process answers; when a later one starts, nobody listens any more."""
        with contextlib.suppress(BrokenPipeError):
            os.write(options.ready, json.dumps(told).encode() + b"\n")

    def tell_operator(_server: object) -> None:
        say(f"web answers at {address_of(options.host, options.port, secure=bool(options.cert))}")

    settings: dict[str, Any] = {
        "bind": f"{host}:{options.port}" if options.listener is None else f"fd://{options.listener}",
        "worker_class": "gthread",
        "workers": options.workers,
        "threads": options.threads,
        "timeout": 60,
        "graceful_timeout": GRACEFUL_SECONDS,
        "keepalive": 5,
        "max_requests": 2000,
        "max_requests_jitter": 200,
        # Who may say which address a visitor has is decided once, in the application, by IJAZA_TRUSTED_PROXIES.
        "forwarded_allow_ips": "",
        "control_socket_disable": True,
        "certfile": options.cert,
        "keyfile": options.key,
        "loglevel": "warning",
        "proc_name": "ijaza",
    }
    if options.ready is not None:
        settings["post_worker_init"] = tell_supervisor
    elif options.listener is None:
        settings["when_ready"] = tell_operator
    return settings


def in_production() -> bool:
    """Return whether this is a production environment, where only `serve` and `migrate` change the database's shape."""
    return os.environ.get("IJAZA_ENV", "").strip().lower() == "production"


def run_command(arguments: Sequence[str]) -> NoReturn:
    """Run one command of the application's command line and exit with its status."""
    app = load_application()
    asks_for_help = not arguments or "--help" in arguments
    if not (asks_for_help or in_production() or arguments[0] in LEAVE_DATABASE_ALONE):
        bring_database_up_to_date(app)
    group = FlaskGroup(
        create_app=lambda: app,
        add_default_commands=False,
        add_version_option=False,
        load_dotenv=False,
        set_debug_flag=False,
    )
    group.add_command(shell_command)
    group.add_command(routes_command)
    group.main(args=list(arguments), prog_name="ijaza")
