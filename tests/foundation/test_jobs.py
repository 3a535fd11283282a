"""Jobs in one process: asking, running, failing, cancelling, trying again."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from foundation import clock
from foundation.db import db, transaction
from foundation.jobs import (
    HANDLERS,
    Job,
    JobContext,
    JobNotCancellable,
    JobNotRetryable,
    JobState,
    LeaseLost,
    TransactionOpen,
    UnknownJob,
    cancel,
    count_jobs,
    enqueue,
    find_job,
    get_oldest_due_seconds,
    list_jobs,
    retry,
    run_pending,
)
from foundation.jobs.claiming import claim, extend, release
from foundation.jobs.models import moment_from_now
from foundation.jobs.registry import get_handler
from foundation.jobs.running import Watch, compute_pause_seconds, run
from tests.support.bare_app import Effect

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def enqueue_now(name: str, *args: object, **options: object) -> int:
    with transaction():
        return enqueue(name, *args, **options).id  # type: ignore[arg-type]


def reload(job_id: int) -> Job:
    db.session.expire_all()
    job = find_job(job_id)
    assert job is not None
    return job


def count_effects() -> int:
    return db.session.execute(select(func.count()).select_from(Effect)).scalar_one()


def let_lease_run_out(job_id: int) -> None:
    with transaction():
        db.session.execute(update(Job).where(Job.id == job_id).values(lease_until=moment_from_now(-1)))


def test_a_job_runs_once_and_keeps_its_result(bare_app: Flask) -> None:
    job_id = enqueue_now("bare.whole", 7, agency_id=3)

    assert run_pending() == 1
    assert run_pending() == 0

    job = reload(job_id)
    assert (job.state, job.result, job.attempts, job.agency_id) == (JobState.DONE, {"number": 7}, 1, 3)
    assert job.finished_at is not None
    assert count_effects() == 1


def test_a_rolled_back_request_leaves_no_job(bare_app: Flask) -> None:
    enqueue("bare.whole", 1)
    db.session.rollback()

    assert list_jobs() == []
    assert run_pending() == 0


def test_a_key_makes_a_job_exist_once_for_ever(bare_app: Flask) -> None:
    first = enqueue_now("bare.whole", 1, key="reminder:1:90")
    run_pending()

    again = enqueue_now("bare.whole", 1, key="reminder:1:90")

    assert again == first
    assert run_pending() == 0
    assert count_effects() == 1


def test_a_job_waits_for_its_moment(bare_app: Flask) -> None:
    with clock.frozen_at(NOON):
        enqueue_now("bare.whole", 1, not_before=NOON + timedelta(days=2))
        assert run_pending() == 0
    with clock.frozen_at(NOON + timedelta(days=2)):
        assert run_pending() == 1


def test_a_job_nobody_declared_is_refused(bare_app: Flask) -> None:
    with pytest.raises(UnknownJob):
        enqueue("bare.nothing", 1)


@pytest.mark.parametrize("argument", [NOON, (1, 2), {1: 2}, float("nan"), "x" * 9000])
def test_arguments_that_are_not_plain_json_are_refused(bare_app: Flask, argument: object) -> None:
    with pytest.raises(ValueError):
        enqueue("bare.whole", argument)


def test_a_failure_undoes_the_effect_waits_and_ends_dead_after_the_last_attempt(bare_app: Flask) -> None:
    with clock.frozen_at(NOON):
        job_id = enqueue_now("bare.failing", "Amina's passport")
        run_pending(raising=False)
        first = reload(job_id)
        assert (first.state, first.attempts) == (JobState.QUEUED, 1)
        assert NOON + timedelta(seconds=30) <= first.run_at <= NOON + timedelta(seconds=90)
        assert run_pending() == 0
    for hour in (1, 2):
        with clock.frozen_at(NOON + timedelta(hours=hour)):
            run_pending(raising=False)

    job = reload(job_id)
    assert (job.state, job.attempts) == (JobState.DEAD, 3)
    assert count_effects() == 0


def test_the_error_names_kind_and_place_but_quotes_nothing(bare_app: Flask) -> None:
    job_id = enqueue_now("bare.failing", "Amina's passport")
    run_pending(raising=False)

    error = reload(job_id).error or ""
    assert error.startswith("ValueError (tests/support/bare_app.py:")
    assert "Amina" not in error


def test_a_rules_refusal_is_not_tried_again(bare_app: Flask) -> None:
    job_id = enqueue_now("bare.refused")
    run_pending(raising=False)

    job = reload(job_id)
    assert (job.state, job.attempts, job.error) == (JobState.DEAD, 1, "The cohort is closed.")


def test_a_failure_that_is_no_exception_is_an_ordinary_failure(bare_app: Flask) -> None:
    job_id = enqueue_now("bare.fatal")
    enqueue_now("bare.whole", 1)

    assert run_pending(raising=False) == 2
    assert reload(job_id).state == JobState.DEAD


def test_a_failure_is_raised_to_a_test_that_does_not_expect_it(bare_app: Flask) -> None:
    enqueue_now("bare.failing", "x")
    with pytest.raises(ValueError):
        run_pending()


def test_a_dead_job_can_be_tried_again_from_the_first_attempt(bare_app: Flask) -> None:
    job_id = enqueue_now("bare.fatal")
    run_pending(raising=False)
    with transaction():
        retry(reload(job_id), actor=None)

    job = reload(job_id)
    assert (job.state, job.attempts, job.error) == (JobState.QUEUED, 0, None)
    with pytest.raises(JobNotRetryable):
        retry(job, actor=None)


def test_a_cancelled_job_does_not_run_and_a_finished_one_cannot_be_cancelled(bare_app: Flask) -> None:
    cancelled, finished = enqueue_now("bare.whole", 1), enqueue_now("bare.whole", 2)
    with transaction():
        cancel(reload(cancelled), actor=None)
    run_pending()

    assert reload(cancelled).state == JobState.CANCELLED
    with pytest.raises(JobNotCancellable):
        cancel(reload(finished), actor=None)
    assert count_effects() == 1


def test_a_kind_that_is_left_to_others_stays_queued(bare_app: Flask) -> None:
    kept, whole = enqueue_now("bare.parts", 1), enqueue_now("bare.whole", 1)

    assert run_pending(but=["bare.parts"]) == 1

    assert (reload(kept).state, reload(whole).state) == (JobState.QUEUED, JobState.DONE)


def test_a_running_job_sees_its_cancellation_and_commits_nothing_more(bare_app: Flask) -> None:
    job_id = enqueue_now("bare.whole", 1)
    taken = claim()
    assert taken is not None
    with transaction():
        cancel(reload(job_id), actor=None)
    db.session.remove()

    run(bare_app, taken)

    assert reload(job_id).state == JobState.CANCELLED
    assert count_effects() == 0


def test_a_worker_that_lost_its_lease_commits_nothing(bare_app: Flask) -> None:
    job_id = enqueue_now("bare.whole", 1)
    slow = claim()
    let_lease_run_out(job_id)
    quick = claim()
    assert slow is not None and quick is not None

    run(bare_app, quick)
    run(bare_app, slow)

    job = reload(job_id)
    assert (job.state, job.attempts) == (JobState.DONE, 2)
    assert count_effects() == 1
    db.session.rollback()
    assert not extend(slow)


def test_a_unit_of_a_worker_that_lost_its_lease_is_refused(bare_app: Flask) -> None:
    job_id = enqueue_now("bare.parts", 1)
    slow = claim()
    assert slow is not None
    let_lease_run_out(job_id)
    assert claim() is not None
    context = JobContext(slow, Watch.alone())

    with pytest.raises(LeaseLost), context.unit():
        db.session.add(Effect(number=1))
    with pytest.raises(LeaseLost):
        context.progress(1, 3)
    assert count_effects() == 0


def test_a_lease_in_force_is_not_taken_and_an_extended_one_neither(bare_app: Flask) -> None:
    job_id = enqueue_now("bare.whole", 1)
    taken = claim()
    assert taken is not None
    assert claim() is None
    let_lease_run_out(job_id)
    assert extend(taken)
    assert claim() is None


def test_a_released_job_is_due_at_once(bare_app: Flask) -> None:
    enqueue_now("bare.whole", 1)
    taken = claim()
    assert taken is not None
    release(taken)

    assert run_pending() == 1


def test_a_job_whose_worker_vanished_at_the_last_attempt_is_dead(bare_app: Flask) -> None:
    job_id = enqueue_now("bare.deadly")
    for _attempt in range(3):
        assert claim() is not None
        let_lease_run_out(job_id)

    assert claim() is None
    job = reload(job_id)
    assert (job.state, job.attempts) == (JobState.DEAD, 3)
    assert "vanished" in (job.error or "")


def test_an_older_worker_leaves_newer_arguments_alone(bare_app: Flask) -> None:
    job_id = enqueue_now("bare.whole", 1)
    with transaction():
        db.session.execute(
            update(Job).where(Job.id == job_id).values(version=HANDLERS["bare.whole"].version + 1)
        )

    assert run_pending() == 0


def test_progress_is_kept_written_seldom_and_complete_at_the_end(bare_app: Flask) -> None:
    job_id = enqueue_now("bare.parts", 4)
    run_pending()

    job = reload(job_id)
    assert (job.done_n, job.total_n, job.message) == (3, 3, "parts")
    assert count_effects() == 3


def test_progress_inside_a_transaction_is_an_error_not_a_deadlock(bare_app: Flask) -> None:
    enqueue_now("bare.parts", 1)
    taken = claim()
    assert taken is not None
    context = JobContext(taken, Watch.alone())
    db.session.add(Effect(number=1))
    db.session.flush()

    with pytest.raises(TransactionOpen):
        context.progress(1)
    with pytest.raises(TransactionOpen), context.unit():
        pass


def test_higher_priority_runs_first_then_the_one_that_waits_longest(bare_app: Flask) -> None:
    with clock.frozen_at(NOON):
        late = enqueue_now("bare.whole", 1)
    with clock.frozen_at(NOON - timedelta(minutes=1)):
        early = enqueue_now("bare.whole", 2)
        urgent = enqueue_now("bare.whole", 3)
    with transaction():
        db.session.execute(update(Job).where(Job.id == urgent).values(priority=10))

    taken = [claim() for _ in range(3)]
    assert [one.id for one in taken if one] == [urgent, early, late]


def test_lists_and_counts_name_what_is_there(bare_app: Flask) -> None:
    with clock.frozen_at(NOON):
        first = enqueue_now("bare.whole", 1, agency_id=5)
        second = enqueue_now("bare.refused")
    with clock.frozen_at(NOON + timedelta(seconds=90)):
        assert get_oldest_due_seconds() == 90
    run_pending(raising=False)

    assert [job.id for job in list_jobs()] == [second, first]
    assert [job.id for job in list_jobs(before_id=second)] == [first]
    assert [job.id for job in list_jobs(states=[JobState.DEAD])] == [second]
    assert [job.id for job in list_jobs(agency_id=5, kind="bare.whole")] == [first]
    assert count_jobs() == {
        JobState.QUEUED: 0,
        JobState.RUNNING: 0,
        JobState.DONE: 1,
        JobState.DEAD: 1,
        JobState.CANCELLED: 0,
    }


def test_pauses_double_spread_by_half_and_end_at_an_hour(bare_app: Flask) -> None:
    handler = get_handler("bare.failing")
    for attempt, middle in ((1, 60), (2, 120), (3, 240), (20, 3600)):
        pause = compute_pause_seconds(handler, attempt)
        assert middle * 0.5 <= pause <= middle * 1.5
