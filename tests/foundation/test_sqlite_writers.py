"""SQLite under many writers: BEGIN IMMEDIATE and a patient busy handler instead of 'database is locked'."""

import json
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from foundation.db import db, reading
from tests.support.bare_app import write_for_a_while
from tests.support.crew import crew_of


def test_eight_writers_for_ten_seconds_are_never_told_that_the_database_is_locked(
    bare_app: Flask, bare_url: str, tmp_path: Path
) -> None:
    with crew_of(bare_url, tmp_path) as crew:
        for writer in [crew.start(write_for_a_while, 10.0) for _ in range(8)]:
            writer.join(timeout=120)
    reports = [json.loads(path.read_text()) for path in tmp_path.glob("report-*.json")]

    written = sum(report["written"] for report in reports)
    assert [report["failed"] for report in reports] == [0] * 8
    with reading():
        counted = text("SELECT count(*) FROM effect")
        assert db.session.execute(counted).scalar_one() == written
    assert written >= 8


def test_every_connection_keeps_what_it_was_told_to_keep(bare_app: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        return
    with db.engine.connect() as first, db.engine.connect() as second, reading():
        for connection in (first, second):
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
