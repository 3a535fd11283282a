"""What pages of a cohort of 100 people cost: real requests of signed-in people, from the session's look-up to the last byte.

The roster is the aim of the house: at most 15 ms of processor time and 8 statements. The other pages are there to be known.
"""

from bench.application import Browser, counted_statements, database_kinds, throwaway_application
from bench.cohort import make_measured_cohort
from bench.figures import Figure, measure_in_turns, median
from foundation.db import db

PEOPLE = 100
ROUNDS = 30
MILLISECONDS, STATEMENTS = 15.0, 8


def figures(people: int = PEOPLE, rounds: int = ROUNDS) -> list[Figure]:
    """Measure each page on each kind of database."""
    return [figure for kind in database_kinds() for figure in _measure(kind, people, rounds)]


def _measure(kind: str, people: int, rounds: int) -> list[Figure]:
    with throwaway_application(kind) as app:
        made = make_measured_cohort(people)
        manager, instructor = Browser(app, made.manager), Browser(app, made.instructor)
        official, nobody = Browser(app, made.official), Browser(app)
        cohort, grid = f"/cohorts/{made.cohort_id}", f"assessments/{made.station_id}"
        pages = {
            "roster": lambda: manager.get(f"{cohort}/people"),
            "results": lambda: manager.get(f"{cohort}/results"),
            "grid, read": lambda: manager.get(f"{cohort}/{grid}"),
            "grid, marked": lambda: instructor.get(f"{cohort}/{grid}"),
            "certification": lambda: official.get(f"{cohort}/certification"),
            "start page": lambda: manager.get("/"),
            "sign-in page": lambda: nobody.get("/sign-in"),
        }
        db.session.remove()
        # One page after the other: they are not compared, and the grid's megabyte would empty the processor's caches for all.
        times = {name: measure_in_turns({name: page}, rounds=rounds)[name] for name, page in pages.items()}
        found = []
        for name, page in pages.items():
            with counted_statements() as sent:
                size = len(page().data)
            where = f"{name}, {people} people, {kind}"
            milliseconds, statements = (MILLISECONDS, STATEMENTS) if name == "roster" else (None, None)
            remark = f"least {min(times[name]):.1f}, {size // 1024} kB"
            found += [
                Figure(where, median(times[name]), "ms CPU", milliseconds, remark),
                Figure(where, len(sent), "statements", statements),
            ]
        return found
