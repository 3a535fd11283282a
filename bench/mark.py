"""What one mark costs, saved as the recording grid saves it: one request, one operation, one entry in the audit trail."""

from itertools import count
from uuid import uuid4

from bench.application import Browser, counted_statements, database_kinds, throwaway_application
from bench.cohort import make_measured_cohort
from bench.figures import Figure, measure_in_turns, median
from foundation.db import db

PEOPLE = 20
ROUNDS = 60
MILLISECONDS = 15.0


def figures(people: int = PEOPLE, rounds: int = ROUNDS) -> list[Figure]:
    """Measure a value put over another one, on each kind of database."""
    return [figure for kind in database_kinds() for figure in _measure(kind, people, rounds)]


def _measure(kind: str, people: int, rounds: int) -> list[Figure]:
    with throwaway_application(kind) as app:
        made = make_measured_cohort(people)
        browser = Browser(app, made.instructor)
        # Sheets and values take turns, as an instructor goes from trainee to trainee.
        drafts, turns = made.draft_ids, count()
        versions: dict[tuple[int, int], int] = {}
        db.session.remove()

        def save() -> None:
            turn = next(turns)
            enrolment_id = drafts[turn % len(drafts)]
            item_id = made.item_ids[turn // len(drafts) % len(made.item_ids)]
            answer = browser.post(
                f"/enrolments/{enrolment_id}/assessments/{made.station_id}/marks",
                {
                    "uuid": str(uuid4()),
                    "item_id": item_id,
                    "value": 1 + versions.get((enrolment_id, item_id), 1) % 3,
                    "base_version": versions.get((enrolment_id, item_id), 1),
                    "number": 1,
                },
            ).get_json()
            versions[enrolment_id, item_id] = answer["version"]

        times = measure_in_turns({"mark": save}, rounds=rounds)
        with counted_statements() as sent:
            save()
        return [
            Figure(f"a mark saved, {kind}", median(times["mark"]), "ms CPU", MILLISECONDS, f"least {min(times['mark']):.1f}"),
            Figure(f"a mark saved, {kind}", len(sent), "statements"),
        ]  # fmt: skip
