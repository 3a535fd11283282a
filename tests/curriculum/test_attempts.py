"""Attempts: nothing that was entered is lost, nobody's value is overwritten unseen, a signed sheet is locked."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from accounts.models import Agency, User
from accounts.permissions import Role
from curriculum.models import (
    Assessment,
    AssessmentItem,
    Attempt,
    AttemptState,
    Cohort,
    CohortState,
    Enrolment,
    EnrolmentState,
    EvaluatorQualification,
    Mark,
    MarkOperation,
)
from curriculum.services import attempts, signatures
from curriculum.services.attempts import (
    ConflictDecided,
    MarkRefused,
    OperationReused,
    RecordingClosed,
    SheetSigned,
)
from curriculum.services.signatures import SignatureRefused
from foundation.audit import AuditEntry, verify_chain
from foundation.db import db
from foundation.errors import Forbidden
from tests.factories.accounts import make_agency, make_user
from tests.factories.curriculum import make_cohort, make_enrolment, post_instructor
from tests.support.at_once import at_once


@dataclass
class Station:
    """A running cohort with one trainee, two instructors and a lead; items I1 (critical), I2, I3 on a scale of three."""

    agency: Agency
    cohort: Cohort
    enrolment: Enrolment
    assessment: Assessment
    grace: User
    omar: User
    lead: User

    def item(self, code: str) -> AssessmentItem:
        return next(item for item in self.assessment.items if item.code == code)

    def save(
        self,
        code: str,
        value: int | None,
        *,
        base: int = 0,
        actor: User | None = None,
        uuid: UUID | None = None,
        number: int | None = None,
    ) -> attempts.MarkSaved:
        return attempts.save_mark(
            self.enrolment,
            self.assessment,
            self.item(code),
            value=None if value is None else Decimal(value),
            base_version=base,
            uuid=uuid or uuid4(),
            actor=actor or self.grace,
            number=number,
        )

    def fill(self, value: int = 3, *, actor: User | None = None) -> Attempt:
        for code in ("I1", "I2", "I3"):
            saved = self.save(code, value, actor=actor)
        return saved.attempt

    def values(self) -> dict[str, Decimal]:
        rows = db.session.execute(
            select(AssessmentItem.code, Mark.value).join(Mark, Mark.item_id == AssessmentItem.id)
        )
        return {code: value for code, value in rows}


@pytest.fixture
def station(app: Flask) -> Station:
    agency = make_agency()
    cohort = make_cohort(starts_on=date(2026, 11, 16))
    grace, omar, lead = (make_user(Role.INSTRUCTOR, name=name) for name in ("Grace", "Omar", "Lead"))
    post_instructor(cohort, grace)
    post_instructor(cohort, omar)
    post_instructor(cohort, lead, lead=True)
    enrolment = make_enrolment(cohort, agency)
    db.session.commit()
    return Station(agency, cohort, enrolment, cohort.edition.assessments[0], grace, omar, lead)


def count(model: type) -> int:
    return db.session.execute(select(func.count()).select_from(model)).scalar_one()


# --- saving ------------------------------------------------------------------------------


def test_first_value_begins_the_attempt_and_is_audited(station: Station) -> None:
    saved = station.save("I1", 3)
    assert (saved.outcome, saved.value, saved.version) == ("applied", Decimal(3), 1)
    assert (saved.attempt.number, saved.attempt.state) == (1, AttemptState.DRAFT)
    actions = list(db.session.execute(select(AuditEntry.action).order_by(AuditEntry.id)).scalars())
    assert actions == ["attempt:started", "mark:recorded"]


def test_same_operation_twice_is_stored_once(station: Station) -> None:
    uuid = uuid4()
    station.save("I1", 3, uuid=uuid)
    again = station.save("I1", 3, uuid=uuid)
    assert (again.outcome, again.version) == ("applied", 1)
    assert (count(MarkOperation), count(Mark)) == (1, 1)


def test_replay_of_an_old_operation_does_not_bring_its_value_back(station: Station) -> None:
    uuid = uuid4()
    station.save("I1", 2, uuid=uuid)
    station.save("I1", 3, base=1)
    replayed = station.save("I1", 2, uuid=uuid)
    assert (replayed.value, replayed.version) == (Decimal(3), 2)
    assert station.values() == {"I1": Decimal(3)}


@pytest.mark.parametrize("change", ["value", "item", "actor", "trainee"])
def test_uuid_with_other_content_is_refused(station: Station, change: str) -> None:
    uuid = uuid4()
    station.save("I1", 3, uuid=uuid)
    if change == "trainee":
        station.enrolment = make_enrolment(station.cohort, station.agency)
    with pytest.raises(OperationReused):
        station.save(
            "I2" if change == "item" else "I1",
            2 if change == "value" else 3,
            uuid=uuid,
            actor=station.omar if change == "actor" else station.grace,
        )


def test_own_later_value_wins_whatever_version_it_was_entered_over(station: Station) -> None:
    station.save("I1", 2)
    assert station.save("I1", 3, base=0).outcome == "applied"
    assert station.values() == {"I1": Decimal(3)}


def test_colleague_who_saw_the_value_may_change_it(station: Station) -> None:
    station.save("I1", 2)
    assert station.save("I1", 3, base=1, actor=station.omar).outcome == "applied"


def test_value_entered_over_a_colleagues_unseen_one_is_kept_as_a_conflict(station: Station) -> None:
    station.save("I1", 2)
    saved = station.save("I1", 3, base=0, actor=station.omar)
    assert (saved.outcome, saved.value, saved.version) == ("conflict", Decimal(2), 1)
    assert station.values() == {"I1": Decimal(2)}
    assert [one.value for one in attempts.list_open_conflicts(saved.attempt)] == [Decimal(3)]


def test_two_evaluators_of_one_opinion_do_not_conflict(station: Station) -> None:
    station.save("I1", 3)
    assert station.save("I1", 3, base=0, actor=station.omar).outcome == "repeated"
    assert station.save("I1", 2, base=1).outcome == "applied"


def test_cleared_mark_never_returns_to_a_version_that_was_seen_before(station: Station) -> None:
    station.save("I1", 2)
    station.save("I1", None, base=1)
    assert station.save("I1", 3, base=2).version == 3
    stale = station.save("I1", 1, base=1, actor=station.omar)
    assert (stale.outcome, stale.value) == ("conflict", Decimal(3))


def test_while_a_dispute_is_open_nothing_but_a_decision_changes_the_mark(station: Station) -> None:
    station.save("I1", 2)
    station.save("I1", 3, base=0, actor=station.omar)
    assert station.save("I1", 3, base=1, actor=station.omar).outcome == "conflict"
    assert station.save("I1", 1, base=1).outcome == "conflict"
    assert station.values() == {"I1": Decimal(2)}


@pytest.mark.parametrize("value", [4, 5, -1, 100])
def test_value_outside_the_scale_is_refused(station: Station, value: int) -> None:
    with pytest.raises(MarkRefused):
        station.save("I1", value)
    assert count(MarkOperation) == 0


@pytest.mark.parametrize("state", [CohortState.OPEN, CohortState.CONFIRMED, CohortState.CLOSED])
def test_nothing_is_recorded_unless_the_cohort_runs(station: Station, state: CohortState) -> None:
    station.cohort.state = state
    with pytest.raises(RecordingClosed):
        station.save("I1", 3)


def test_nothing_is_recorded_for_a_trainee_who_left(station: Station) -> None:
    station.enrolment.state = EnrolmentState.LEFT
    with pytest.raises(RecordingClosed):
        station.save("I1", 3)


# --- signing -------------------------------------------------------------------------------


def test_signed_sheet_is_judged_and_locked(station: Station) -> None:
    attempt = station.fill(3)
    signatures.sign_attempt(attempt, note=None, actor=station.grace)
    assert (attempt.outcome, attempt.score_percent) == ("competent", Decimal(100))
    assert len(attempt.content_hash or "") == 64
    with pytest.raises(SheetSigned):
        station.save("I1", 1, base=1)
    with pytest.raises(SheetSigned):
        signatures.sign_attempt(attempt, note=None, actor=station.grace)
    assert station.values() == {"I1": Decimal(3), "I2": Decimal(3), "I3": Decimal(3)}


def test_every_reason_against_a_signature_is_given_at_once(station: Station) -> None:
    attempt = station.save("I1", 1).attempt
    station.save("I1", 3, base=0, actor=station.omar)
    stranger = make_user(Role.INSTRUCTOR)
    with pytest.raises(SignatureRefused) as refusal:
        signatures.sign_attempt(attempt, note="", actor=stranger)
    said = " | ".join(refusal.value.sentences)
    assert len(refusal.value.sentences) == 4
    for part in (
        "posted to this cohort",
        "qualification was not in date",
        "marked differently",
        "needs a note",
    ):
        assert part in said


def test_fail_needs_a_note(station: Station) -> None:
    attempt = station.fill(2)
    with pytest.raises(SignatureRefused, match="needs a note"):
        signatures.sign_attempt(attempt, note="  ", actor=station.grace)
    signatures.sign_attempt(attempt, note="Forgot the tag. Practise tagging.", actor=station.grace)
    assert attempt.outcome == "not_yet_competent"


def test_critical_item_fails_the_sheet_whatever_the_rest_and_may_be_signed_unfinished(
    station: Station,
) -> None:
    attempt = station.save("I1", 1).attempt
    signatures.sign_attempt(attempt, note="Unsafe: stopped.", actor=station.grace)
    assert attempt.outcome == "not_yet_competent"


def test_unfinished_sheet_cannot_be_signed(station: Station) -> None:
    attempt = station.save("I1", 3).attempt
    with pytest.raises(SignatureRefused, match="items still to be marked: 2"):
        signatures.sign_attempt(attempt, note=None, actor=station.grace)


def test_draft_of_an_assistant_whose_licence_lapsed_waits_for_a_qualified_colleague(station: Station) -> None:
    db.session.execute(
        update(EvaluatorQualification)
        .where(EvaluatorQualification.user_id == station.grace.id)
        .values(ends_on=date(2026, 10, 31))
    )
    attempt = station.fill(3)
    with pytest.raises(SignatureRefused, match="draft is kept"):
        signatures.sign_attempt(attempt, note=None, actor=station.grace)
    assert attempt.state == AttemptState.DRAFT
    signatures.sign_attempt(attempt, note=None, actor=station.omar)
    assert (attempt.state, attempt.evaluator_id) == (AttemptState.SIGNED, station.omar.id)


def test_nobody_signs_his_own_attempt(station: Station) -> None:
    attempt = station.fill(3)
    station.grace.person_id = station.enrolment.person_id
    with pytest.raises(SignatureRefused, match="Nobody signs"):
        signatures.sign_attempt(attempt, note=None, actor=station.grace)


# --- trying again -----------------------------------------------------------------------------


def failed(station: Station) -> Attempt:
    attempt = station.fill(2)
    signatures.sign_attempt(attempt, note="Practise.", actor=station.grace)
    return attempt


def test_retake_needs_another_evaluator_at_the_first_mark_and_at_every_later_one(station: Station) -> None:
    failed(station)
    with pytest.raises(SheetSigned, match="did not mark the attempt before"):
        station.save("I1", 3, number=2)
    second = station.save("I1", 3, actor=station.omar, number=2).attempt
    assert second.number == 2
    with pytest.raises(MarkRefused, match="did not mark the attempt before"):
        station.save("I2", 3, number=2)


def test_value_meant_for_a_signed_sheet_never_begins_the_next_attempt(station: Station) -> None:
    failed(station)
    with pytest.raises(SheetSigned, match="was not recorded"):
        station.save("I2", 3, actor=station.omar, number=1)
    assert count(Attempt) == 1


def test_competent_trainee_gets_no_further_attempt(station: Station) -> None:
    signatures.sign_attempt(station.fill(3), note=None, actor=station.grace)
    with pytest.raises(SheetSigned, match="already judged competent"):
        station.save("I1", 3, actor=station.omar, number=2)


def test_last_attempt_is_the_last(station: Station) -> None:
    failed(station)
    for code in ("I1", "I2", "I3"):
        saved = station.save(code, 2, actor=station.omar, number=2)
    signatures.sign_attempt(saved.attempt, note="Again.", actor=station.omar)
    with pytest.raises(SheetSigned, match="all attempts are used"):
        station.save("I1", 3, actor=station.lead, number=3)


def test_retake_waits_as_long_as_the_scheme_says(station: Station) -> None:
    station.assessment.retake_wait_days = 30
    attempt = failed(station)
    with pytest.raises(SheetSigned, match="or later"):
        station.save("I1", 3, actor=station.omar, number=2)
    attempt.observed_on = date(2026, 1, 1)
    assert station.save("I1", 3, actor=station.omar, number=2).attempt.number == 2


# --- conflicts ------------------------------------------------------------------------------


@pytest.fixture
def dispute(station: Station) -> Attempt:
    station.save("I1", 2)
    return station.save("I1", 3, base=0, actor=station.omar).attempt


def test_lead_decides_with_a_reason_and_both_values_stay(station: Station, dispute: Attempt) -> None:
    attempts.decide_conflict(
        dispute, station.item("I1"), value=Decimal(3), reason="Video seen.", uuid=uuid4(), actor=station.lead
    )
    assert station.values() == {"I1": Decimal(3)}
    assert attempts.list_open_conflicts(dispute) == []
    history = [(one.value, one.outcome) for one in attempts.list_operations(dispute)]
    assert history == [(Decimal(2), "applied"), (Decimal(3), "conflict"), (Decimal(3), "decided")]
    assert verify_chain().problems == ()


def test_only_the_lead_decides(station: Station, dispute: Attempt) -> None:
    with pytest.raises(Forbidden):
        attempts.decide_conflict(
            dispute, station.item("I1"), value=Decimal(3), reason="x", uuid=uuid4(), actor=station.grace
        )


@pytest.mark.parametrize(("value", "reason"), [(Decimal(3), None), (Decimal(1), "A third opinion")])
def test_decision_needs_a_reason_and_one_of_the_values_entered(
    station: Station, dispute: Attempt, value: Decimal, reason: str | None
) -> None:
    with pytest.raises(MarkRefused):
        attempts.decide_conflict(
            dispute, station.item("I1"), value=value, reason=reason, uuid=uuid4(), actor=station.lead
        )


def test_conflict_is_decided_once(station: Station, dispute: Attempt) -> None:
    def decide() -> None:
        attempts.decide_conflict(
            dispute, station.item("I1"), value=Decimal(2), reason="Seen.", uuid=uuid4(), actor=station.lead
        )

    decide()
    with pytest.raises(ConflictDecided):
        decide()


# --- the same whatever the order ------------------------------------------------------------


CELLS = ("I1", "I2", "I3")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sequences=st.fixed_dictionaries(
        {code: st.lists(st.sampled_from([None, 0, 1, 2, 3]), max_size=4) for code in CELLS}
    ),
    data=st.data(),
)
def test_any_interleaving_and_repetition_of_the_same_operations_gives_the_same_marks(
    station: Station, sequences: dict[str, list[int | None]], data: st.DataObject
) -> None:
    db.session.rollback()
    queues = {code: [(uuid4(), value) for value in values] for code, values in sequences.items()}
    sent: list[tuple[str, UUID, int | None]] = []
    while any(queues.values()):
        code = data.draw(st.sampled_from([code for code in CELLS if queues[code]]))
        uuid, value = queues[code].pop(0)
        station.save(code, value, uuid=uuid)
        sent.append((code, uuid, value))
        repeated = data.draw(st.lists(st.sampled_from(sent), max_size=2))
        for again_code, again_uuid, again_value in repeated:
            station.save(again_code, again_value, uuid=again_uuid)
    expected = {
        code: Decimal(values[-1]) for code, values in sequences.items() if values and values[-1] is not None
    }
    assert station.values() == expected
    assert count(MarkOperation) == sum(len(values) for values in sequences.values())
    db.session.rollback()


# --- two at once ------------------------------------------------------------------------------


def saver(
    station: Station, code: str, value: int, actor_id: int, uuid: UUID | None = None
) -> Callable[[], tuple[str, int]]:
    enrolment_id, assessment_id, item_id = station.enrolment.id, station.assessment.id, station.item(code).id
    uuid = uuid or uuid4()

    def act() -> tuple[str, int]:
        saved = attempts.save_mark(
            db.session.get_one(Enrolment, enrolment_id),
            db.session.get_one(Assessment, assessment_id),
            db.session.get_one(AssessmentItem, item_id),
            value=Decimal(value),
            base_version=0,
            uuid=uuid,
            actor=db.session.get_one(User, actor_id),
            number=1,
        )
        return saved.outcome, saved.attempt.number

    return act


def test_two_instructors_who_begin_one_sheet_at_once_write_on_the_same_sheet(
    app: Flask, station: Station
) -> None:
    acts = saver(station, "I1", 3, station.grace.id), saver(station, "I2", 2, station.omar.id)
    assert at_once(app, *acts) == [("applied", 1), ("applied", 1)]
    db.session.rollback()
    assert count(Attempt) == 1
    assert station.values() == {"I1": Decimal(3), "I2": Decimal(2)}


def test_two_instructors_on_one_item_at_once_make_one_mark_and_one_conflict(
    app: Flask, station: Station
) -> None:
    acts = saver(station, "I1", 3, station.grace.id), saver(station, "I1", 2, station.omar.id)
    outcomes = sorted(str(result[0]) for result in at_once(app, *acts))  # type: ignore[index]
    assert outcomes == ["applied", "conflict"]
    db.session.rollback()
    assert (count(Mark), count(MarkOperation)) == (1, 2)


def test_one_operation_sent_twice_at_once_is_stored_once(app: Flask, station: Station) -> None:
    uuid = uuid4()
    acts = [saver(station, "I1", 3, station.grace.id, uuid) for _ in range(3)]
    assert at_once(app, *acts) == [("applied", 1)] * 3
    db.session.rollback()
    assert (count(Mark), count(MarkOperation)) == (1, 1)


def test_signature_and_mark_at_once_never_change_a_signed_sheet(app: Flask, station: Station) -> None:
    attempt_id = station.fill(3).id
    grace_id = station.grace.id
    db.session.commit()

    def sign() -> str:
        signatures.sign_attempt(
            db.session.get_one(Attempt, attempt_id), note="Note.", actor=db.session.get_one(User, grace_id)
        )
        return "signed"

    signed, marked = at_once(app, sign, saver(station, "I2", 2, grace_id))
    db.session.rollback()
    attempt = db.session.get_one(Attempt, attempt_id)
    assert signed == "signed"
    assert attempt.state == AttemptState.SIGNED
    if isinstance(marked, SheetSigned):
        assert attempt.score_percent == Decimal(100)
    else:
        assert attempt.score_percent == Decimal("83.3")
    assert verify_chain().problems == ()
