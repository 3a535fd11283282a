"""For the machine that watches: is the process alive, and can it serve."""

import logging
import shutil
from collections.abc import Callable
from pathlib import Path

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from foundation import migrating
from foundation.access import public
from foundation.config import Config
from foundation.db import db

log = logging.getLogger(__name__)

LEAST_FREE_SHARE = 0.05
Check = Callable[[], bool]
_checks: dict[str, Check] = {}


def add_check(name: str, check: Check) -> None:
    """Add something that must hold for the process to be ready; an exception counts as no."""
    _checks[name] = check


def init_app(app: Flask, config: Config) -> None:
    """Add /healthz and /readyz. Neither needs a sign-in nor tells versions or names."""
    add_check("database", lambda: bool(db.session.execute(text("SELECT 1")).scalar_one()))
    add_check("migrations", lambda: migrating.database_head() == migrating.code_head())
    add_check("disk", lambda: _free_share(config.instance_dir) > LEAST_FREE_SHARE)

    @app.get("/healthz", endpoint="health.alive")
    @public
    def alive() -> ResponseReturnValue:
        return jsonify(status="alive")

    @app.get("/readyz", endpoint="health.ready")
    @public
    def ready() -> ResponseReturnValue:
        results = {name: _holds(name, check) for name, check in _checks.items()}
        return jsonify(ready=all(results.values()), checks=results), 200 if all(results.values()) else 503


def _holds(name: str, check: Check) -> bool:
    try:
        return check()
    except Exception:
        # Whatever is broken, the answer is "not ready"; why, is for the log and not for a page that anybody may read.
        log.exception("readiness check failed", extra={"check": name})
        db.session.rollback()
        return False


def _free_share(folder: Path) -> float:
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    usage = shutil.disk_usage(existing)
    return usage.free / usage.total
