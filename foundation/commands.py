"""How commands behave: one JSON document on standard output when asked, words for people on standard error, honest exit codes.

Exit 0 done, 1 refused with reasons, 2 wrong usage.
"""

import json
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar

import click

from foundation import audit, migrating
from foundation.db import db, transaction
from foundation.errors import DomainError

P = ParamSpec("P")
T = TypeVar("T")
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document on standard output."
)


def say(message: str) -> None:
    """Say something to the person at the terminal."""
    click.echo(message, err=True)


def answer(document: Any, *, as_json: bool, text: str) -> None:
    """Print the result: the document when JSON was asked for, else the text for people."""
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str))
    else:
        click.echo(text, err=True)


def progress_bar(
    label: str, *, as_json: bool
) -> tuple[AbstractContextManager[Any], Callable[[int, int, str], None]]:
    """Return a bar on standard error for somebody who watches (else nothing), and the function that moves it."""
    if as_json or not sys.stderr.isatty():
        return nullcontext(), lambda _done, _total, _message: None
    bar: Any = click.progressbar(length=1, label=label, file=sys.stderr)

    def move(done: int, total: int, _message: str) -> None:
        bar.length = max(total, 1)
        bar.update(done - bar.pos)

    return bar, move


def refuse(message: str) -> NoReturn:
    """Refuse with a reason: exit 1."""
    say(message)
    sys.exit(1)


def domain_command(function: Callable[P, T]) -> Callable[P, T]:
    """Run a command in one transaction; a domain refusal becomes a sentence and exit 1."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            with transaction():
                return function(*args, **kwargs)
        except DomainError as error:
            refuse(error.message)

    return run


@click.command("migrate")
def migrate_command() -> None:
    """Bring the database to this release's shape."""
    say("The database was brought up to date." if migrating.migrate() else "The database is up to date.")


@click.group("audit")
def audit_group() -> None:
    """The audit trail."""


@audit_group.command("verify")
@click.option(
    "--anchor",
    type=click.Path(exists=True, dir_okay=False),
    help="A head kept elsewhere: JSON with id and hash.",
)
@json_option
def audit_verify(anchor: str | None, as_json: bool) -> None:
    """Walk the whole chain and say whether anything was altered, removed or cut off."""
    kept = None
    if anchor:
        with open(anchor, encoding="utf-8") as file:
            content = json.load(file)
        kept = (int(content["id"]), str(content["hash"]))
    report = audit.verify_chain(anchor=kept)
    head_id, head = audit.read_head()
    db.session.rollback()
    document = {
        "entries": report.entries,
        "head": {"id": head_id, "hash": head},
        "problems": list(report.problems),
    }
    whole = "\n".join(report.problems) or f"The trail is whole: {report.entries} entries."
    answer(document, as_json=as_json, text=whole)
    if report.problems:
        sys.exit(1)


COMMANDS: tuple[click.Command, ...] = (migrate_command, audit_group)
