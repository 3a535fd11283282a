"""What is promised of jobs when processes die, kept against real processes that are killed."""

import json
import random
import signal
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from foundation import clock
from foundation.db import db, reading, transaction
from foundation.delivery.heartbeat import EXIT_HUNG, get_seconds_since_heartbeat
from foundation.jobs import FINAL_STATES, JobState, count_jobs, enqueue
from foundation.jobs.models import Job, WorkerHeartbeat, moment_from_now
from foundation.worker import is_alive
from tests.support.bare_app import Effect, restrain_and_report, tick_through_fifty_days
from tests.support.crew import Crew, crew_of, wait_until


def count_final() -> int:
    """Return how many numbered jobs have ended; the workers' own periodic ones do not count."""
    numbered = Job.kind.in_(("bare.whole", "bare.parts"))
    query = select(func.count()).select_from(Job).where(Job.state.in_(FINAL_STATES), numbered)
    with reading():
        return db.session.execute(query).scalar_one()


def count_alive() -> int:
    with reading():
        return db.session.execute(select(func.count()).select_from(WorkerHeartbeat)).scalar_one()


def state_of(job_id: int) -> tuple[JobState, int]:
    with reading():
        row = db.session.execute(select(Job.state, Job.attempts).where(Job.id == job_id)).one()
        return row.state, row.attempts


def enqueue_now(name: str, *args: object) -> int:
    with transaction():
        return enqueue(name, *args).id


def effects() -> dict[tuple[int, str], int]:
    """Return how often each effect of a numbered job happened."""
    query = select(Effect.number, Effect.part, func.count()).where(Effect.number > 0)
    with reading():
        rows = db.session.execute(query.group_by(Effect.number, Effect.part)).all()
    return {(number, part): times for number, part, times in rows}


def run_crash_series(crew: Crew, *, jobs: int, workers: int, kills: int) -> None:
    """Kill a random worker each time some more jobs are done; half of the jobs write at the end, half in units."""
    kinds = ("bare.whole", "bare.parts")
    with transaction():
        for number in range(1, jobs + 1):
            enqueue(kinds[number % 2], number)
    crew.replace_lost(workers)
    wait_until(lambda: count_alive() >= 1, seconds=60)
    chance = random.Random(20261122)
    for kill in range(kills):
        wait_until(lambda kill=kill: count_final() >= jobs * kill // (kills + 4), seconds=60)
        crew.kill_one(chance)
    wait_until(lambda: count_final() >= jobs, seconds=120)

    expected = {(n, "") for n in range(2, jobs + 1, 2)} | {
        (n, p) for n in range(1, jobs + 1, 2) for p in "abc"
    }
    assert effects() == dict.fromkeys(expected, 1)
    with reading():
        assert count_jobs()[JobState.DEAD] == 0


def test_workers_killed_at_random_lose_nothing_and_do_nothing_twice(
    bare_app: Flask, bare_url: str, tmp_path: Path
) -> None:
    with crew_of(bare_url, tmp_path) as crew:
        run_crash_series(crew, jobs=40, workers=3, kills=6)


@pytest.mark.deep
def test_thirty_kills_during_two_hundred_jobs_lose_nothing_and_do_nothing_twice(
    bare_app: Flask, bare_url: str, tmp_path: Path
) -> None:
    with crew_of(bare_url, tmp_path) as crew:
        run_crash_series(crew, jobs=200, workers=4, kills=30)


def test_a_job_that_kills_its_process_is_dead_after_its_attempts(
    bare_app: Flask, bare_url: str, tmp_path: Path
) -> None:
    job_id = enqueue_now("bare.deadly")
    with crew_of(bare_url, tmp_path) as crew:

        def dead() -> bool:
            crew.replace_lost(1)
            return state_of(job_id)[0] == JobState.DEAD

        wait_until(dead, seconds=60)

    assert state_of(job_id) == (JobState.DEAD, 3)
    assert sum(one.exitcode == -signal.SIGKILL for one in crew.members) == 3


def test_four_schedulers_make_one_job_of_each_slot(bare_app: Flask, bare_url: str, tmp_path: Path) -> None:
    with crew_of(bare_url, tmp_path) as crew:
        schedulers = [crew.start(tick_through_fifty_days) for _ in range(4)]
        for one in schedulers:
            one.join(timeout=120)
        assert [one.exitcode for one in schedulers] == [0, 0, 0, 0]

    with reading():
        keys = list(db.session.execute(select(Job.dedupe_key).where(Job.kind == "bare.slot")).scalars())
    assert len(keys) == len(set(keys)) == 50


def test_a_job_longer_than_its_lease_is_kept_by_the_heartbeat(
    bare_app: Flask, bare_url: str, tmp_path: Path
) -> None:
    job_id = enqueue_now("bare.long", 1)
    with crew_of(bare_url, tmp_path, workers=2):
        wait_until(lambda: state_of(job_id)[0] == JobState.DONE, seconds=60)

    assert state_of(job_id) == (JobState.DONE, 1)
    assert effects() == {(1, ""): 1}


def test_a_worker_asked_to_stop_gives_its_job_back(bare_app: Flask, bare_url: str, tmp_path: Path) -> None:
    job_id = enqueue_now("bare.endless")
    with crew_of(bare_url, tmp_path, workers=1) as crew:
        wait_until(lambda: state_of(job_id)[0] == JobState.RUNNING, seconds=60)
        seconds = get_seconds_since_heartbeat()
        assert seconds is not None and seconds < 60
        crew.members[0].terminate()
        crew.members[0].join(timeout=20)
        assert crew.members[0].exitcode == 0

    assert state_of(job_id) == (JobState.QUEUED, 1)
    assert get_seconds_since_heartbeat() is None


def test_a_job_that_never_listens_is_ended_by_its_time_limit(
    bare_app: Flask, bare_url: str, tmp_path: Path
) -> None:
    silent, next_one = enqueue_now("bare.sleeper"), enqueue_now("bare.whole", 1)
    with crew_of(bare_url, tmp_path, workers=1):
        wait_until(lambda: state_of(next_one)[0] == JobState.DONE, seconds=60)

    assert state_of(silent) == (JobState.DEAD, 1)


def test_a_job_that_hears_no_signal_ends_with_its_worker_and_is_not_run_for_ever(
    bare_app: Flask, bare_url: str, tmp_path: Path
) -> None:
    deaf = enqueue_now("bare.deaf")
    with crew_of(bare_url, tmp_path, workers=1) as crew:
        crew.members[0].join(timeout=60)
        assert crew.members[0].exitcode == EXIT_HUNG

    assert state_of(deaf) == (JobState.DEAD, 1)


def test_a_worker_steps_back_behind_the_web(tmp_path: Path) -> None:
    with crew_of("sqlite://", tmp_path) as crew:
        crew.start(restrain_and_report).join(timeout=60)

    report = json.loads((tmp_path / "restraint.json").read_text())
    assert report == {"nice": 10, "address_space": 4 * 1024**3}


def test_a_worker_counts_as_alive_only_while_it_shows_itself(bare_app: Flask) -> None:
    assert not is_alive()
    with transaction():
        db.session.add(WorkerHeartbeat(worker="one", started_at=clock.now(), seen_at=clock.now()))
    assert is_alive()
    with transaction():
        db.session.execute(update(WorkerHeartbeat).values(seen_at=moment_from_now(-100)))
    assert not is_alive()
