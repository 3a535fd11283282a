"""The other cohorts of the demonstration: one long finished, one that waits for approval, one observed today, two open."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from uuid import uuid4

from sqlalchemy import select

from accounts.models import Person
from certification import issuer
from certification.demo.cast import KNOWN, Cast
from certification.demo.delivery import Delivery, plan
from certification.demo.timeline import Scene, at
from certification.models import ApprovalKind, Certificate, CertificateActionKind
from certification.services import actions, issuing
from curriculum.models import CohortState, GateKind, GateState
from curriculum.services import attempts
from foundation import clock
from foundation.db import db, transaction

CENTRE = {
    "en": "National Training Centre, Amman",
    "ar": "مركز التدريب الوطني، عمّان",
    "fr": "Centre national de formation, Amman",
}
RUBBLE_FIELD = {
    "en": "Rubble field, Zarqa",
    "ar": "ميدان الأنقاض، الزرقاء",
    "fr": "Champ de décombres, Zarqa",
}
COURSE_GATES = (GateKind.LANGUAGE, GateKind.DOCUMENT, GateKind.PREREQUISITE)
People = tuple[tuple[str, int, int], ...]


class Cohort:
    """What the cohorts below share: people of several agencies, cleared and seated before the first day."""

    people: People
    delivery: Delivery

    def __init__(self, cast: Cast) -> None:
        self.cast = cast

    def everybody(self) -> list[Person]:
        """Return the nominees, agency by agency."""
        return [one for code, first, last in self.people for one in self.cast.persons(code, first, last)]

    def prepare(self, first: date, **agreed: object) -> Iterator[Scene]:
        """Yield opening, nomination, gates, seats and beginning of a cohort in which nobody is held back."""
        one = self.delivery
        planned = plan(closes_on=first - timedelta(days=10), **agreed)  # type: ignore[arg-type]
        yield Scene(at(first - timedelta(days=50), "10:00"), lambda: one.open(first, plan=planned))
        yield from self.nominate(first - timedelta(days=30))
        yield Scene(at(first - timedelta(days=24), "10:00"), lambda: one.clear(*COURSE_GATES))
        yield Scene(
            at(first - timedelta(days=20), "10:30"), lambda: one.clear(GateKind.MEDICAL, valid_for_days=365)
        )
        yield Scene(at(first - timedelta(days=18), "15:00"), lambda: one.clear(GateKind.VETTING))
        yield Scene(at(first - timedelta(days=9), "09:00"), one.confirm_seats)
        yield Scene(at(first, "07:30"), lambda: one.move(CohortState.RUNNING))

    def nominate(self, day: date) -> Iterator[Scene]:
        """Yield the nominations of each agency, an hour apart."""
        for hour, (code, first, last) in enumerate(self.people):
            yield Scene(
                at(day, f"{9 + hour:02d}:15"),
                partial(self._nominate, code, first, last),
            )

    def _nominate(self, code: str, first: int, last: int) -> None:
        self.delivery.nominate(code, self.cast.persons(code, first, last))


class TriageCohort(Cohort):
    """M-TRI-101/1, long finished: six certificates near their end, one of them revoked, one proposed to be.

    The story's first nominee is in it: he is the trainee who can open his certificate.
    """

    people = (("CPD", 31, 33), ("UHO", 1, 3))
    FAILED_DRILL, FAILED_PAPER, REVOKED, DOUBTED = 6, 2, 5, 3

    def __init__(self, cast: Cast) -> None:
        super().__init__(cast)
        self.first = cast.timeline.last_sunday(days_ago=660)
        self.delivery = Delivery(cast, "M-TRI-101", 1, "director", ("second.lead", "instructor", "paramedic"))

    def everybody(self) -> list[Person]:
        return [self._first_nominee(), *super().everybody()]

    def _first_nominee(self) -> Person:
        return self.cast.person("CPD" if self.cast.world else KNOWN, 1)

    def scenes(self) -> Iterator[Scene]:
        """Yield what happened, to be played in the order of time."""
        one, first = self.delivery, self.first
        yield Scene(
            at(first - timedelta(days=30), "08:50"), lambda: one.nominate("CPD", [self._first_nominee()])
        )
        yield from self.prepare(first, seats=12, venue=CENTRE, languages=("ar", "en"))
        yield Scene(at(first, "12:30"), lambda: one.attend(1))
        yield Scene(at(first, "10:00"), self._observe)
        yield Scene(at(first + timedelta(days=8), "10:00"), self._retake)
        day = first + timedelta(days=10)
        yield Scene(at(day, "09:00"), lambda: one.move(CohortState.CLOSED))
        yield Scene(at(day, "10:00"), lambda: one.approve(ApprovalKind.DIRECTOR, "director"))
        yield Scene(at(day, "14:00"), lambda: one.approve(ApprovalKind.OFFICIAL, "official"))
        yield Scene(at(day + timedelta(days=1), "09:00"), self._issue)
        yield Scene(at(first + timedelta(days=210), "11:00"), lambda: self._propose(self.REVOKED, "manager"))
        yield Scene(at(first + timedelta(days=212), "15:00"), self._revoke)
        doubted_on = self.cast.timeline.day(-3)
        yield Scene(at(doubted_on, "10:20"), lambda: self._propose(self.DOUBTED, "director"))

    def _observe(self) -> None:
        one = self.delivery
        for number, person in enumerate(self.everybody()):
            with self.cast.timeline.later(number * 600):
                if number == self.FAILED_DRILL:
                    marks = one.usual_marks("DR", number, UND=12)
                    one.observe(
                        person, "DR", "instructor", marks, note="Three immediate casualties tagged delayed."
                    )
                else:
                    one.observe(person, "DR", "instructor", one.usual_marks("DR", number))
                failed = number == self.FAILED_PAPER
                marks = {"score": Decimal(72)} if failed else one.usual_marks("WP", number)
                one.observe(
                    person, "WP", "instructor", marks, note="To repeat in a week." if failed else None
                )

    def _retake(self) -> None:
        one, people = self.delivery, self.everybody()
        one.observe(people[self.FAILED_PAPER], "WP", "paramedic", {"score": Decimal(88)})
        marks = one.usual_marks("DR", 8, UND=9)
        note = "Under-triage again; to repeat the course."
        one.observe(people[self.FAILED_DRILL], "DR", "paramedic", marks, note=note)

    def _issue(self) -> None:
        """Issue as the command does; sealed on the day of issue where the installation's seal is old enough."""
        cohort_id = self.delivery.cohort.id
        with transaction():
            issuing.freeze_cohort(cohort_id, actor_id=self.cast.host("manager").id)
        with clock.frozen_at(max(clock.now(), issuer.seal_begins_at())):
            for version_id in issuing.list_unsealed(cohort_id):
                issuing.seal_version(version_id, unit=transaction)

    def _certificate(self, number: int) -> Certificate:
        enrolment = self.delivery.enrolment(self.everybody()[number])
        query = select(Certificate).where(Certificate.enrolment_id == enrolment.id)
        return db.session.execute(query).scalar_one()

    def _propose(self, number: int, by: str) -> None:
        reason = {
            self.REVOKED: "The first-aid certificate shown at nomination was forged; its issuer confirmed it in writing.",
            self.DOUBTED: "A sitting of the paper under another name has been reported; the invigilator's record supports it.",
        }[number]
        kind = CertificateActionKind.REVOKE
        actions.propose(self._certificate(number), kind, reason=reason, actor=self.cast.host(by))

    def _revoke(self) -> None:
        (action,) = self._certificate(self.REVOKED).actions
        actions.decide(
            action, approve=True, note="Letter of the issuer seen.", actor=self.cast.host("official")
        )


class SecondMedicalCohort(Cohort):
    """MCM-201/8: everything is signed, nine are eligible, one is short of a session; both approvals are still to come."""

    people = (("AFET", 1, 5), ("BNSP", 1, 3), ("UHO", 5, 6))
    SHORT, SESSIONS_MISSED = 7, (5, 6)

    def __init__(self, cast: Cast) -> None:
        super().__init__(cast)
        self.first = cast.timeline.day(-6)
        self.delivery = Delivery(cast, "MCM-201", 8, "director", ("second.lead", "paramedic", "instructor"))

    def scenes(self) -> Iterator[Scene]:
        """Yield what happened, to be played in the order of time."""
        first = self.first
        yield from self.prepare(first, seats=16, venue=CENTRE, languages=("en", "fr"))
        for position in range(1, 11):
            day = first + timedelta(days=(position - 1) // 2)
            yield Scene(
                at(day, "12:15" if position % 2 else "16:45"),
                partial(self._take_attendance, position),
            )
        for turn, (code, evaluator) in enumerate(
            (("ST1", "paramedic"), ("ST2", "second.lead"), ("ST3", "instructor"))
        ):
            yield Scene(
                at(first + timedelta(days=3), f"{8 + 3 * turn:02d}:30"),
                partial(self._observe, code, evaluator),
            )
        yield Scene(at(first + timedelta(days=4), "14:00"), lambda: self._observe("WP", "paramedic"))

    def _take_attendance(self, position: int) -> None:
        missing = {self.everybody()[self.SHORT].id: ""} if position in self.SESSIONS_MISSED else None
        self.delivery.attend(position, absent=missing)

    def _observe(self, code: str, evaluator: str) -> None:
        for number, person in enumerate(self.everybody()):
            with self.cast.timeline.later(number * 700):
                self.delivery.observe(person, code, evaluator, self.delivery.usual_marks(code, number + 3))


class RescueCohort(Cohort):
    """U-TEC-310/2, its seventh day today: sheets to finish, to sign, to take over and to decide."""

    people = (("AFET", 11, 15), ("BNSP", 11, 14), ("CPD", 41, 43))
    FAILED_SHORING = 2
    TO_SIGN, ASSISTED, HALF_DONE = (7, 8), (9, 10), 11
    SESSIONS_HELD = 12

    def __init__(self, cast: Cast) -> None:
        super().__init__(cast)
        self.first = cast.timeline.day(-6)
        self.delivery = Delivery(
            cast, "U-TEC-310", 2, "rescue.director", ("lead", "engineer", "instructor", "assistant")
        )

    def scenes(self) -> Iterator[Scene]:
        """Yield what happened, to be played in the order of time."""
        one, first = self.delivery, self.first
        yield from self.prepare(first, seats=16, venue=RUBBLE_FIELD, languages=("en", "ar"))
        for position in range(1, self.SESSIONS_HELD + 1):
            day = first + timedelta(days=(position - 1) // 2)
            yield Scene(
                at(day, "12:20" if position % 2 else "17:00"),
                partial(one.attend, position),
            )
        yield Scene(at(first + timedelta(days=4), "13:00"), self._shoring)
        yield Scene(at(first + timedelta(days=5), "13:00"), self._breaching)
        yield Scene(at(first + timedelta(days=6), "07:45"), self._lifting)

    def _shoring(self) -> None:
        """Everybody is signed; one failed by a critical item and has another try with another evaluator."""
        one = self.delivery
        for number, person in enumerate(self.everybody()):
            failed = number == self.FAILED_SHORING
            marks = one.usual_marks("SH", number, **({"S02": 1} if failed else {}))
            note = "Entered before the shore was set." if failed else None
            with self.cast.timeline.later(number * 600):
                one.observe(person, "SH", "engineer", marks, note=note)

    def _breaching(self) -> None:
        """Seven are signed; two wait for the instructor, two of the assistant's for somebody qualified, one is half done."""
        one = self.delivery
        for number, person in enumerate(self.everybody()):
            marks = one.usual_marks("BR", number + 1)
            if number == self.HALF_DONE:
                marks = dict(list(marks.items())[:6])
            evaluator = "assistant" if number in self.ASSISTED else "instructor"
            with self.cast.timeline.later(number * 600):
                draft = one.mark(person, "BR", evaluator, marks)
                if number < self.TO_SIGN[0]:
                    one.sign(draft, evaluator)

    def _lifting(self) -> None:
        """Begun this morning; on the first sheet two evaluators differ about one item."""
        one, people = self.delivery, self.everybody()
        for number, items in enumerate((10, 10, 4)):
            marks = dict(list(one.usual_marks("LV", number + 2, L03=4).items())[:items])
            with self.cast.timeline.later(number * 400):
                one.mark(people[number], "LV", "instructor", marks)
        with self.cast.timeline.later(900):
            attempts.save_mark(
                one.enrolment(people[0]),
                one.assessment("LV"),
                one.item("LV", "L03"),
                value=Decimal(2),
                base_version=0,
                uuid=uuid4(),
                actor=self.cast.host("engineer"),
            )


class CyberCohort(Cohort):
    """Y-INC-220/1, open for nomination: ten nominees, their gates half decided."""

    people = (("SGM", 1, 5), ("CPD", 51, 53), ("UHO", 11, 12))
    REFUSED = 4

    def __init__(self, cast: Cast) -> None:
        super().__init__(cast)
        self.first = cast.timeline.day(35)
        self.delivery = Delivery(cast, "Y-INC-220", 1, "director", ("second.lead", "engineer"))

    def scenes(self) -> Iterator[Scene]:
        """Yield what happened so far, to be played in the order of time."""
        one, day = self.delivery, self.cast.timeline.day
        planned = plan(seats=12, venue=CENTRE, languages=("en",), closes_on=day(20))
        yield Scene(at(day(-20), "11:00"), lambda: one.open(self.first, plan=planned))
        yield from self.nominate(day(-9))
        yield Scene(at(day(-7), "10:00"), lambda: one.clear(*COURSE_GATES, but=self.everybody()[4:]))
        yield Scene(
            at(day(-6), "10:00"),
            lambda: one.clear(GateKind.MEDICAL, but=self.everybody()[3:], valid_for_days=365),
        )
        yield Scene(at(day(-5), "10:00"), lambda: one.clear(GateKind.VETTING, but=self.everybody()[2:]))
        yield Scene(
            at(day(-4), "13:30"),
            lambda: one.decide(
                self.everybody()[self.REFUSED],
                GateKind.LANGUAGE,
                GateState.NOT_CLEARED,
                reason="Understands written English, and cannot yet follow a technical discussion.",
            ),
        )


class NextMedicalCohort(Cohort):
    """MCM-201/9, just opened: nobody is nominated yet, a sheet waits for CPD's officer."""

    people = ()

    def __init__(self, cast: Cast) -> None:
        super().__init__(cast)
        self.first = cast.timeline.last_sunday(days_ago=-70)
        self.delivery = Delivery(cast, "MCM-201", 9, "director", ("lead", "instructor", "paramedic"))

    def scenes(self) -> Iterator[Scene]:
        """Yield what happened so far, to be played in the order of time."""
        planned = plan(seats=20, venue=CENTRE, languages=("ar", "en"), closes_on=self.cast.timeline.day(40))
        yield Scene(
            at(self.cast.timeline.day(-3), "09:40"), lambda: self.delivery.open(self.first, plan=planned)
        )
