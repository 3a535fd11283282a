"""Delivery by procrastinate: what it is told, when, and that no job depends on it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from foundation import clock
from foundation.db import db, reading, transaction
from foundation.delivery import Pace, choose_engine
from foundation.delivery.listener import Listener
from foundation.jobs import Job, JobState, cancel, enqueue, find_job, retry, run_pending
from foundation.jobs.announcing import announce
from foundation.jobs.claiming import claim, release
from tests.support.bare_app import QUICK, Effect, work_until_stopped
from tests.support.crew import Crew, crew_of
from tests.support.waiting import eventually

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("bare_url", ["postgresql"], indirect=True)]
NEVER = 600.0
# The nets below the engine are away, so that only the engine can bring a job.
ENGINE_ALONE = replace(QUICK, sweep=NEVER)


@pytest.fixture
def crew(bare_url: str, tmp_path: Path) -> Iterator[Crew]:
    with crew_of(bare_url, tmp_path) as made:
        yield made


def enqueue_now(name: str, *args: object, not_before: datetime | None = None) -> int:
    with transaction():
        return enqueue(name, *args, not_before=not_before).id


def deliveries() -> list[tuple[int, str, datetime]]:
    """Return what the engine holds of the numbered jobs, the workers' periodic ones left out: (job, state, moment)."""
    query = """
        SELECT CAST(args ->> 'job_id' AS bigint) AS job_id, CAST(status AS text), scheduled_at
        FROM procrastinate_jobs
        WHERE args ->> 'job_id' NOT IN (SELECT CAST(id AS text) FROM job WHERE kind = 'bare.slot')
        ORDER BY procrastinate_jobs.id
    """
    with reading():
        return [(row[0], row[1], row[2]) for row in db.session.execute(text(query))]


def count_remembered() -> int:
    """Return how many rows the engine keeps of deliveries, whatever became of them."""
    with reading():
        return db.session.execute(text("SELECT count(*) FROM procrastinate_jobs")).scalar_one()


def change_engine(statement: str) -> None:
    with transaction():
        db.session.execute(text(statement))


def is_in(job_id: int, state: JobState) -> bool:
    with reading():
        return db.session.execute(select(Job.state).where(Job.id == job_id)).scalar_one() == state


def is_done(job_id: int) -> bool:
    return is_in(job_id, JobState.DONE)


def row_of(job_id: int) -> Job:
    db.session.rollback()
    found = find_job(job_id)
    assert found is not None
    return found


def count_effects(number: int) -> int:
    with reading():
        query = select(func.count()).select_from(Effect).where(Effect.number == number)
        return db.session.execute(query).scalar_one()


def test_postgresql_calls_for_this_engine(bare_app: Flask) -> None:
    assert isinstance(choose_engine(bare_app, Pace()), Listener)


def test_a_rolled_back_request_leaves_nothing_with_the_engine_either(bare_app: Flask) -> None:
    enqueue("bare.whole", 1)
    db.session.rollback()
    assert deliveries() == []

    job_id = enqueue_now("bare.whole", 1)
    assert deliveries() == [(job_id, "todo", row_of(job_id).run_at)]


def test_a_key_that_exists_is_not_delivered_again(bare_app: Flask) -> None:
    with transaction():
        first = enqueue("bare.whole", 1, key="one").id
    with transaction():
        enqueue("bare.whole", 1, key="one")
    assert [job_id for job_id, _state, _moment in deliveries()] == [first]


def test_whatever_makes_a_job_due_again_has_it_delivered_at_that_moment(bare_app: Flask) -> None:
    failing, given_back, tried_again = (
        enqueue_now("bare.failing", "x"),
        enqueue_now("bare.whole", 2),
        enqueue_now("bare.whole", 3),
    )
    with transaction():
        cancel(row_of(tried_again), actor=None)
    held = claim(given_back)
    assert held is not None
    run_pending(raising=False)
    change_engine("DELETE FROM procrastinate_jobs")

    release(held)
    with transaction():
        retry(row_of(tried_again), actor=None)
    with clock.frozen_at(clock.now() + timedelta(hours=1)):
        run_pending(raising=False)

    expected = [given_back, tried_again, failing]
    assert [job_id for job_id, _state, _moment in deliveries()] == expected
    assert row_of(failing).run_at == deliveries()[-1][2] > clock.now() + timedelta(minutes=50)


def test_a_job_is_delivered_at_its_moment_and_then_forgotten_by_the_engine(
    bare_app: Flask, crew: Crew
) -> None:
    moment = clock.now() + timedelta(seconds=1.5)
    job_id = enqueue_now("bare.whole", 1, not_before=moment)
    crew.start(work_until_stopped, ENGINE_ALONE)

    assert eventually(lambda: is_done(job_id))
    finished_at = row_of(job_id).finished_at
    assert finished_at is not None and finished_at >= moment
    assert eventually(lambda: count_remembered() == 0)


def test_a_failed_job_is_delivered_again_after_each_pause(bare_app: Flask, crew: Crew) -> None:
    job_id = enqueue_now("bare.flaky", 1)
    crew.start(work_until_stopped, ENGINE_ALONE)

    assert eventually(lambda: is_done(job_id))
    assert (row_of(job_id).attempts, count_effects(1)) == (3, 1)


def test_a_cancelled_job_is_delivered_and_left_alone(bare_app: Flask, crew: Crew) -> None:
    cancelled, next_one = enqueue_now("bare.whole", 1), enqueue_now("bare.whole", 2)
    with transaction():
        cancel(row_of(cancelled), actor=None)
    crew.start(work_until_stopped, ENGINE_ALONE)

    assert eventually(lambda: is_done(next_one) and count_remembered() == 0)
    assert (row_of(cancelled).attempts, count_effects(1)) == (0, 0)


def test_a_job_delivered_many_times_runs_once(bare_app: Flask, crew: Crew) -> None:
    job_id = enqueue_now("bare.whole", 1)
    for _ in range(9):
        with transaction():
            announce(db.session.connection(), job_id)
    for _ in range(2):
        crew.start(work_until_stopped, ENGINE_ALONE)

    assert eventually(lambda: is_done(job_id) and count_remembered() == 0)
    assert (row_of(job_id).attempts, count_effects(1)) == (1, 1)


def test_what_a_dead_worker_held_is_delivered_to_another(bare_app: Flask, crew: Crew) -> None:
    job_id = enqueue_now("bare.second", 1)
    holder = crew.start(work_until_stopped, ENGINE_ALONE)
    assert eventually(lambda: is_in(job_id, JobState.RUNNING))
    holder.kill()
    holder.join()
    crew.start(work_until_stopped, ENGINE_ALONE)

    assert eventually(lambda: is_done(job_id))
    assert (row_of(job_id).attempts, count_effects(1)) == (2, 1)
    assert eventually(lambda: count_remembered() == 0)


def test_an_idle_worker_is_woken_and_need_not_ask(bare_app: Flask, crew: Crew) -> None:
    crew.start(work_until_stopped, replace(ENGINE_ALONE, engine_poll=NEVER))
    asked: list[int] = []

    def one_more_is_done() -> bool:
        # Nobody knows when it begins to listen: what was asked for before that waits for the next call.
        asked.append(enqueue_now("bare.whole", len(asked)))
        return any(is_done(job_id) for job_id in asked)

    assert eventually(one_more_is_done)
    assert eventually(lambda: all(is_done(job_id) for job_id in asked))


@pytest.mark.parametrize(
    "misfortune",
    [
        "DELETE FROM procrastinate_jobs",
        "UPDATE procrastinate_jobs SET status = 'succeeded'",
        "ALTER FUNCTION procrastinate_fetch_job_v2 RENAME TO procrastinate_gone",
    ],
)
def test_what_the_engine_forgot_is_done_anyway(bare_app: Flask, crew: Crew, misfortune: str) -> None:
    jobs = [enqueue_now("bare.whole", number) for number in range(1, 6)]
    change_engine(misfortune)
    crew.start(work_until_stopped, replace(QUICK, sweep=0.3))

    assert eventually(lambda: all(is_done(job_id) for job_id in jobs))
    assert [count_effects(number) for number in range(1, 6)] == [1] * 5


def test_a_worker_that_was_struck_off_the_list_signs_on_again(bare_app: Flask, crew: Crew) -> None:
    first = enqueue_now("bare.whole", 1)
    crew.start(work_until_stopped, ENGINE_ALONE)
    assert eventually(lambda: is_done(first) and count_remembered() == 0)

    change_engine("DELETE FROM procrastinate_workers")
    second = enqueue_now("bare.whole", 2)

    assert eventually(lambda: is_done(second))
    assert count_effects(2) == 1


def test_a_stopped_worker_leaves_the_engines_list(bare_app: Flask, crew: Crew) -> None:
    job_id = enqueue_now("bare.endless")
    worker = crew.start(work_until_stopped, ENGINE_ALONE)
    assert eventually(lambda: is_in(job_id, JobState.RUNNING))
    worker.terminate()
    worker.join(timeout=20)

    assert worker.exitcode == 0
    assert [(one, state) for one, state, _moment in deliveries()] == [(job_id, "todo")]
    with reading():
        assert db.session.execute(text("SELECT count(*) FROM procrastinate_workers")).scalar_one() == 0
