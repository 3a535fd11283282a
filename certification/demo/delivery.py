"""One cohort of the demonstration as its people run it: opened, nominated for, cleared, seated, attended, observed and approved."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

from sqlalchemy import select

from accounts.models import Person, User
from certification.demo.cast import Cast, find_course
from certification.demo.timeline import HOST_ZONE
from certification.models import ApprovalKind
from certification.services import approvals
from certification.services.candidates import compute_digest, list_candidates
from curriculum.models import (
    Assessment,
    AssessmentItem,
    Attempt,
    Cohort,
    CohortSession,
    CohortState,
    Edition,
    Enrolment,
    Gate,
    GateKind,
    GateState,
    Nomination,
    PostingRole,
    Presence,
)
from curriculum.schemes import Measure
from curriculum.services import (
    attendances,
    cohorts,
    enrolments,
    gates,
    nominations,
    postings,
    seats,
    signatures,
)
from curriculum.services.sheets import SheetEntry, save_sheet
from foundation import clock
from foundation.db import db

SECONDS_AN_ITEM = 35


@dataclass
class Delivery:
    """A cohort of a course in one world, and who directs, leads and teaches it (names of host users, the lead first)."""

    cast: Cast
    course: str
    number: int
    director: str
    staff: Sequence[str]
    _cohort: Cohort | None = None
    _enrolments: dict[int, Enrolment] = field(default_factory=dict)

    @property
    def cohort(self) -> Cohort:
        """The cohort, once it is open."""
        assert self._cohort is not None
        return self._cohort

    @property
    def lead(self) -> User:
        return self.cast.host(self.staff[0])

    def open(self, starts_on: date, *, plan: cohorts.CohortPlan) -> None:
        """Open the cohort of the course's newest edition and post its staff."""
        manager = self.cast.host("manager")
        edition = (
            db.session.execute(
                select(Edition)
                .where(Edition.course_id == find_course(self.course).id)
                .order_by(Edition.id.desc())
            )
            .scalars()
            .first()
        )
        assert edition is not None
        cohort = cohorts.open_cohort(
            edition, starts_on=starts_on, plan=plan, actor=manager, number=self.cast.number(self.number)
        )
        self._cohort = cohort
        for position, name in enumerate(self.staff):
            role = PostingRole.INSTRUCTOR if position else PostingRole.LEAD
            postings.post_instructor(cohort, self.cast.host(name), role=role, actor=manager)
        db.session.expire(cohort, ["postings"])

    def nominate(self, code: str, persons: Sequence[Person]) -> None:
        """Nominate an agency's people in this order."""
        nominations.nominate(
            self.cohort, persons, agency=self.cast.agency(code), actor=self.cast.officer(code)
        )

    def nomination(self, person: Person) -> Nomination:
        """Return a person's nomination."""
        query = select(Nomination).where(
            Nomination.cohort_id == self.cohort.id, Nomination.person_id == person.id
        )
        return db.session.execute(query).scalar_one()

    def withdraw(self, code: str, person: Person, *, reason: str) -> None:
        """Withdraw one of an agency's nominees."""
        nominations.withdraw(self.nomination(person), reason=reason, actor=self.cast.officer(code))

    def list_gates(self, *kinds: GateKind, but: Iterable[Person] = ()) -> list[Gate]:
        """Return the gates of these kinds, without those of some people."""
        left_out = [person.id for person in but]
        query = (
            select(Gate)
            .join(Nomination, Nomination.id == Gate.nomination_id)
            .where(
                Nomination.cohort_id == self.cohort.id,
                Gate.kind.in_(kinds),
                Nomination.person_id.not_in(left_out),
            )
            .order_by(Nomination.rank, Gate.id)
        )
        return list(db.session.execute(query).scalars())

    def clear(self, *kinds: GateKind, but: Iterable[Person] = (), valid_for_days: int | None = None) -> None:
        """Clear the gates of these kinds for everybody but some people, each by whoever decides it."""
        until = clock.today() + timedelta(days=valid_for_days) if valid_for_days else None
        for gate in self.list_gates(*kinds, but=but):
            actor = self._decider(gate.kind)
            gates.decide_gate(gate, decision=GateState.CLEARED, actor=actor, valid_until=until)

    def decide(
        self,
        person: Person,
        kind: GateKind,
        decision: GateState,
        *,
        reason: str | None = None,
        limits: str | None = None,
        valid_until: date | None = None,
    ) -> None:
        """Decide one gate of one nominee."""
        gate = next(gate for gate in self.nomination(person).gates if gate.kind is kind)
        gates.decide_gate(
            gate,
            decision=decision,
            actor=self._decider(kind),
            reason=reason,
            limits=limits,
            valid_until=valid_until,
        )

    def _decider(self, kind: GateKind) -> User:
        names = {GateKind.MEDICAL: "medical", GateKind.VETTING: "vetting"}
        return self.cast.host(names.get(kind, self.director))

    def confirm_seats(self) -> None:
        """Confirm the seats by the rule."""
        seats.confirm_seats(self.cohort, actor=self.cast.host("manager"))

    def move(self, to: CohortState) -> None:
        """Move the cohort on."""
        cohorts.move_cohort(self.cohort, to=to, actor=self.cast.host("manager"))

    def enrolment(self, person: Person) -> Enrolment:
        """Return a person's place among the trainees."""
        if person.id not in self._enrolments:
            query = select(Enrolment).where(Enrolment.cohort_id == self.cohort.id)
            self._enrolments = {one.person_id: one for one in db.session.execute(query).scalars()}
        return self._enrolments[person.id]

    def set_state(self, person: Person, state: object, *, reason: str | None = None) -> None:
        """Say that a trainee did not come, or left."""
        enrolments.set_state(self.enrolment(person), state=state, actor=self.lead, reason=reason)  # type: ignore[arg-type]

    def session(self, position: int) -> CohortSession:
        """Return one session of the cohort, counted from 1."""
        return next(one for one in self.cohort.sessions if one.position == position)

    def attend(self, position: int, *, absent: Mapping[int, str] | None = None) -> None:
        """Take the attendance of a session: `absent` {person id: reason, empty without one}, everybody else present."""
        session, actor = self.session(position), self.lead
        for person_id, reason in (absent or {}).items():
            entry = attendances.AttendanceEntry(
                Presence.EXCUSED if reason else Presence.ABSENT, reason or None
            )
            enrolment = self.enrolment(db.session.get_one(Person, person_id))
            attendances.record_attendance(enrolment, session, entry, actor=actor)
        attendances.record_all_present(self.cohort, session, actor=actor)

    def make_up(self, person: Person, position: int, *, reason: str) -> None:
        """Record that a missed session was made up."""
        entry = attendances.AttendanceEntry(Presence.MADE_UP, reason, seen=Presence.ABSENT)
        attendances.record_attendance(self.enrolment(person), self.session(position), entry, actor=self.lead)

    def assessment(self, code: str) -> Assessment:
        """Return one instrument of the cohort's edition."""
        return next(one for one in self.cohort.edition.assessments if one.code == code)

    def mark(self, person: Person, code: str, evaluator: str, marks: Mapping[str, Decimal]) -> Attempt:
        """Put marks down as an evaluator does: the first half of the items, and some minutes later the rest."""
        enrolment, assessment = self.enrolment(person), self.assessment(code)
        entries = [
            SheetEntry(item, marks[item.code], uuid4()) for item in assessment.items if item.code in marks
        ]
        half = (len(entries) + 1) // 2
        attempt = save_sheet(enrolment, assessment, entries[:half], actor=self.cast.host(evaluator))
        if entries[half:]:
            with self.cast.timeline.later(len(entries) * SECONDS_AN_ITEM):
                save_sheet(enrolment, assessment, entries[half:], actor=self.cast.host(evaluator))
        return attempt

    def sign(self, attempt: Attempt, evaluator: str, *, note: str | None = None) -> None:
        """Sign a sheet some minutes after its first mark."""
        with self.cast.timeline.later(15 * SECONDS_AN_ITEM):
            signatures.sign_attempt(attempt, note=note, actor=self.cast.host(evaluator))

    def observe(
        self,
        person: Person,
        code: str,
        evaluator: str,
        marks: Mapping[str, Decimal],
        *,
        note: str | None = None,
    ) -> None:
        """Fill a sheet and sign it."""
        self.sign(self.mark(person, code, evaluator, marks), evaluator, note=note)

    def item(self, assessment: str, code: str) -> AssessmentItem:
        """Return one item of an instrument."""
        return next(one for one in self.assessment(assessment).items if one.code == code)

    def usual_marks(self, code: str, seed: int, **other: int) -> dict[str, Decimal]:
        """Return the marks of a good trainee, a little different for each `seed`; `other` {item: value} replaces some."""
        assessment = self.assessment(code)
        values = {
            item.code: _usual_value(item, seed * 7 + position * 3, pass_mark=assessment.pass_mark)
            for position, item in enumerate(assessment.items)
        }
        return values | {item: Decimal(value) for item, value in other.items()}

    def weak_marks(self, code: str, seed: int) -> dict[str, Decimal]:
        """Return marks that pass every critical item of a station and fail it by the score."""
        return {
            item.code: Decimal(3 if item.critical else 1 + (seed + position) % 2)
            for position, item in enumerate(self.assessment(code).items)
        }

    def approve(self, kind: ApprovalKind, by: str) -> None:
        """Approve the list of eligible trainees as it stands."""
        candidates = list_candidates(self.cohort, on=clock.today())
        approvals.approve(
            self.cohort,
            kind,
            candidates=candidates,
            seen_digest=compute_digest(candidates),
            actor=self.cast.host(by),
        )


def _usual_value(item: AssessmentItem, spread: int, *, pass_mark: Decimal) -> Decimal:
    if item.measure is Measure.PERCENT:
        return min(Decimal(98), pass_mark + 2 + spread % 19)
    if item.measure is Measure.BOUNDED:
        return _within(item, spread)
    if item.critical or spread % 5:
        return Decimal(4 if spread % 3 else 3)
    return Decimal(2 if spread % 2 else 3)


def _within(item: AssessmentItem, spread: int) -> Decimal:
    if item.at_most is not None:
        return Decimal(int(item.at_most * (60 + spread % 35) / 100))
    assert item.at_least is not None
    return min(Decimal(100), item.at_least + spread % 9)


def plan(
    *, seats: int, venue: Mapping[str, str], languages: Sequence[str], country: str = "JO", closes_on: date
) -> cohorts.CohortPlan:
    """Return the plan of a cohort at the host's place and time."""
    return cohorts.CohortPlan(
        seats=seats,
        venue=venue,
        country=country,
        languages=languages,
        time_zone=HOST_ZONE,
        nominations_close_on=closes_on,
    )
