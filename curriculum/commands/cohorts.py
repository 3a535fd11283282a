"""The commands of cohorts."""

from typing import Any

import click
from sqlalchemy import select

from curriculum.models import Cohort
from curriculum.services import seats
from foundation.commands import answer, domain_command, json_option, refuse
from foundation.db import db


@click.group("cohorts")
def cohorts_group() -> None:
    """Cohorts and their seats."""


@cohorts_group.command("confirm-seats")
@click.argument("code")
@json_option
@domain_command
def confirm_seats(code: str, as_json: bool) -> None:
    """Give the free seats of cohort CODE to whoever has every gate passed; the others are named with the reasons."""
    cohort = db.session.execute(select(Cohort).where(Cohort.code == code.upper())).scalar_one_or_none()
    if cohort is None:
        refuse(f"There is no cohort {code}.")
    report = seats.confirm_seats(cohort, actor=None)
    enrolled = {line.nomination_id for line in report.confirmed}
    document = {
        "cohort": cohort.code,
        "seats": report.seats,
        "confirmed": [_line(line) for line in report.confirmed],
        "already": [_line(line) for line in report.seated if line.nomination_id not in enrolled],
        "waiting": [_line(line) for line in report.waiting],
        "refused": [_line(line) for line in report.refused],
    }
    words = [f"{cohort.code}: seats confirmed now: {len(report.confirmed)}, before: {len(report.seated)}."]
    for title, lines in (("waits", report.waiting), ("refused", report.refused)):
        words += [f"{line.name} ({line.agency_code}) {title}: {' '.join(line.reasons)}" for line in lines]
    answer(document, as_json=as_json, text="\n".join(words))


def _line(line: seats.SeatLine) -> dict[str, Any]:
    return {
        "number": line.number,
        "person": line.person_ref,
        "name": line.name,
        "agency": line.agency_code,
        "reasons": line.reasons,
    }
