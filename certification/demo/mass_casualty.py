"""The acceptance story's cohort, MCM-201/7: 24 nominated, 18 to the end, 17 competent, approved by both, ready to be issued.

Who is who by rank among the nominees: see the constants. Appeals are not heard yet, so W passes the paper's retake himself.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from uuid import uuid4

from accounts.models import Person
from certification.demo.cast import NOMINEES, Cast
from certification.demo.delivery import Delivery, plan
from certification.demo.timeline import Scene, at
from certification.models import ApprovalKind
from curriculum.models import CohortState, EnrolmentState, GateKind, GateState
from curriculum.services import attempts

PHYSICIAN = 6
MEDICALLY_EXCLUDED, VETTING_REFUSED, VETTING_UNFINISHED = 8, 15, 22
WITHDREW, NO_SHOW, LEFT = 10, 17, 19
FIRST_AID_EXPIRED = 13
LIMITED = 18
SHORT_OF_SESSIONS = 23
SESSIONS_MISSED = (3, 4)
P, W = 12, 20
FAILED_CRITICAL = {2: ("ST1", "T06"), 9: ("ST2", "C04")}
FAILED_SCORE = {16: "ST2", P: "ST3"}
PAPER_FAILED = {5: (64, 78), 21: (66, 74), W: (62, 70)}
DISPUTED = 14
ASSISTED = 24
NOT_SEATED = (MEDICALLY_EXCLUDED, VETTING_REFUSED, VETTING_UNFINISHED, WITHDREW)
TO_THE_END = tuple(rank for rank in range(1, 25) if rank not in (*NOT_SEATED, NO_SHOW, LEFT))
STATIONS = {"ST1": "instructor", "ST2": "paramedic", "ST3": "lead"}
RETAKERS = {"ST1": "paramedic", "ST2": "lead", "ST3": "instructor"}
COURSE_GATES = (GateKind.LANGUAGE, GateKind.DOCUMENT, GateKind.PREREQUISITE)
MINUTES_A_SHEET = 12


class StoryCohort:
    """MCM-201/7 from its opening to its approval; the first day is a Sunday, the week has five."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.first = cast.timeline.last_sunday(days_ago=9)
        self.delivery = Delivery(
            cast, "MCM-201", 7, "director", ("lead", "instructor", "paramedic", "assistant")
        )

    def scenes(self) -> Iterator[Scene]:
        """Yield what happened, to be played in the order of time."""
        yield from self._nominate()
        yield from self._screen()
        yield from self._attend()
        yield from self._observe()
        yield from self._retake()
        yield from self._conclude()

    def day(self, number: int) -> date:
        """Return a day of the course, the first is 1; days before it are 0 and less."""
        return self.first + timedelta(days=number - 1)

    def trainee(self, rank: int) -> Person:
        """Return a nominee by his rank."""
        return self.cast.person(NOMINEES, rank)

    def _nominate(self) -> Iterator[Scene]:
        one = self.delivery
        agreed = plan(
            seats=20,
            venue={
                "en": "National Training Centre, Amman",
                "ar": "مركز التدريب الوطني، عمّان",
                "fr": "Centre national de formation, Amman",
            },
            languages=("ar", "en"),
            closes_on=self.day(-6),
        )
        yield Scene(at(self.day(-48), "09:30"), lambda: one.open(self.first, plan=agreed))
        yield Scene(
            at(self.day(-27), "10:40"), lambda: one.nominate("CPD", self.cast.persons(NOMINEES, 1, 24))
        )

    def _screen(self) -> Iterator[Scene]:
        """Every gate of 21 is passed; three are not, and keep their nominees from a seat."""
        one, trainee = self.delivery, self.trainee
        yield Scene(
            at(self.day(-24), "11:00"),
            lambda: one.clear(*COURSE_GATES, but=[trainee(FIRST_AID_EXPIRED)]),
        )
        yield Scene(
            at(self.day(-23), "09:00"),
            lambda: one.clear(GateKind.LANGUAGE, GateKind.DOCUMENT, but=self._all_but(FIRST_AID_EXPIRED)),
        )
        yield Scene(
            at(self.day(-23), "09:10"),
            lambda: one.decide(
                trainee(FIRST_AID_EXPIRED),
                GateKind.PREREQUISITE,
                GateState.WAIVED,
                reason="First-aid certificate ended last month; hospital refresher of this spring accepted as equivalent.",
                valid_until=self.day(60),
            ),
        )
        yield Scene(
            at(self.day(-20), "10:00"),
            lambda: one.clear(
                GateKind.MEDICAL, but=[trainee(MEDICALLY_EXCLUDED), trainee(LIMITED)], valid_for_days=365
            ),
        )
        yield Scene(
            at(self.day(-20), "11:30"),
            lambda: one.decide(
                trainee(MEDICALLY_EXCLUDED),
                GateKind.MEDICAL,
                GateState.NOT_CLEARED,
                reason="Unrepaired hernia; surgery is planned. To be seen again after three months.",
            ),
        )
        yield Scene(
            at(self.day(-20), "11:40"),
            lambda: one.decide(
                trainee(LIMITED),
                GateKind.MEDICAL,
                GateState.CLEARED_WITH_LIMITS,
                reason="Recovering from a sprained wrist.",
                limits="Lifts no more than 10 kg until the end of the year.",
                valid_until=self.day(90),
            ),
        )
        yield Scene(
            at(self.day(-15), "14:00"),
            lambda: one.clear(GateKind.VETTING, but=[trainee(VETTING_REFUSED), trainee(VETTING_UNFINISHED)]),
        )
        yield Scene(
            at(self.day(-14), "09:00"),
            lambda: one.decide(
                trainee(VETTING_REFUSED),
                GateKind.VETTING,
                GateState.NOT_CLEARED,
                reason="The references named in the form could not be confirmed.",
            ),
        )
        yield Scene(at(self.day(-5), "10:00"), one.confirm_seats)
        yield Scene(
            at(self.day(-3), "15:20"),
            lambda: one.withdraw("CPD", trainee(WITHDREW), reason="Called to a national exercise."),
        )

    def _all_but(self, rank: int) -> list[Person]:
        return [self.trainee(other) for other in range(1, 25) if other != rank]

    def _attend(self) -> Iterator[Scene]:
        """Ten half days: one never came, one left on the third day, one missed two sessions and made one up."""
        one, trainee = self.delivery, self.trainee
        yield Scene(at(self.day(1), "07:40"), lambda: one.move(CohortState.RUNNING))
        yield Scene(at(self.day(1), "09:30"), lambda: one.set_state(trainee(NO_SHOW), EnrolmentState.NO_SHOW))
        for position in range(1, 11):
            day, half = (position + 1) // 2, "12:10" if position % 2 else "16:40"
            yield Scene(
                at(self.day(day), half),
                partial(self._take_attendance, position),
            )
        yield Scene(
            at(self.day(3), "13:00"),
            lambda: one.set_state(
                trainee(LEFT),
                EnrolmentState.LEFT,
                reason="Withdrawn for family reasons; may rejoin a later cohort.",
            ),
        )
        yield Scene(
            at(self.day(5), "17:10"),
            lambda: one.make_up(
                trainee(SHORT_OF_SESSIONS), 4, reason="Evening session of day 4 with the lead instructor."
            ),
        )

    def _take_attendance(self, position: int) -> None:
        missing = {self.trainee(SHORT_OF_SESSIONS).id: ""} if position in SESSIONS_MISSED else None
        self.delivery.attend(position, absent=missing)

    def _observe(self) -> Iterator[Scene]:
        """Three stations on the fourth day, each with its evaluator, the trainees going round; the paper on the fifth."""
        for number, rank in enumerate(TO_THE_END):
            for turn, code in enumerate(STATIONS):
                minutes = (number + 6 * turn) % len(TO_THE_END) * MINUTES_A_SHEET + 4 * turn
                start = at(self.day(4), "08:30") + timedelta(minutes=minutes)
                yield Scene(start, partial(self._station, rank, code))
            yield Scene(
                at(self.day(5), "14:00") + timedelta(minutes=number),
                partial(self._paper, rank, PAPER_FAILED.get(rank, (70 + rank * 13 % 27,))[0]),
            )

    def _station(self, rank: int, code: str) -> None:
        one, person, evaluator = self.delivery, self.trainee(rank), STATIONS[code]
        if FAILED_CRITICAL.get(rank, ("", ""))[0] == code:
            item = FAILED_CRITICAL[rank][1]
            marks = one.usual_marks(code, rank, **{item: 2})
            one.observe(person, code, evaluator, marks, note=f"{item}: done too late to save the casualty.")
        elif FAILED_SCORE.get(rank) == code:
            note = "Loses the overview when several casualties arrive together; to practise priorities."
            one.observe(person, code, evaluator, one.weak_marks(code, rank), note=note)
        elif (rank, code) == (DISPUTED, "ST2"):
            self._dispute(person)
        elif (rank, code) == (ASSISTED, "ST1"):
            # The assistant may put marks down, and her lapsed licence keeps her from signing.
            draft = one.mark(person, code, "assistant", one.usual_marks(code, rank))
            one.sign(draft, evaluator)
        else:
            one.observe(person, code, evaluator, one.usual_marks(code, rank))

    def _dispute(self, person: Person) -> None:
        """Two evaluators marked one item differently; the lead instructor decided with a reason."""
        one, item = self.delivery, self.delivery.item("ST2", "C05")
        draft = one.mark(person, "ST2", STATIONS["ST2"], one.usual_marks("ST2", DISPUTED, C05=4))
        lead = one.lead
        with self.cast.timeline.later(480):
            attempts.save_mark(
                one.enrolment(person),
                one.assessment("ST2"),
                item,
                value=Decimal(3),
                base_version=0,
                uuid=uuid4(),
                actor=self.cast.host("instructor"),
            )
        with self.cast.timeline.later(500):
            attempts.decide_conflict(
                draft,
                item,
                value=Decimal(3),
                reason="The second evaluator stood nearer and saw the report being given late.",
                uuid=uuid4(),
                actor=lead,
            )
        one.sign(draft, STATIONS["ST2"])

    def _paper(self, rank: int, percent: int) -> None:
        note = None if percent >= 70 else "To read chapters 3 and 5 again before the second try."
        self.delivery.observe(self.trainee(rank), "WP", "paramedic", {"score": Decimal(percent)}, note=note)

    def _retake(self) -> Iterator[Scene]:
        """Other evaluators see the four again and P alone fails; the paper's second try is two days after the course."""
        failed = {rank: code for rank, (code, _item) in FAILED_CRITICAL.items()} | FAILED_SCORE
        for number, (rank, code) in enumerate(failed.items()):
            yield Scene(
                at(self.day(5), "09:00") + timedelta(minutes=MINUTES_A_SHEET * number),
                partial(self._second_try, rank, code),
            )
        for rank, (_first, second) in PAPER_FAILED.items():
            yield Scene(
                at(self.day(7), "10:00") + timedelta(minutes=rank),
                partial(self._paper, rank, second),
            )

    def _second_try(self, rank: int, code: str) -> None:
        one, again = self.delivery, rank == P
        marks = one.weak_marks(code, rank + 1) if again else one.usual_marks(code, rank + 1)
        note = "Second try; the priorities are still not kept." if again else None
        one.observe(self.trainee(rank), code, RETAKERS[code], marks, note=note)

    def _conclude(self) -> Iterator[Scene]:
        one = self.delivery
        yield Scene(at(self.day(8), "09:15"), lambda: one.approve(ApprovalKind.DIRECTOR, "director"))
        yield Scene(at(self.day(9), "11:05"), lambda: one.approve(ApprovalKind.OFFICIAL, "official"))
        yield Scene(at(self.day(9), "11:30"), lambda: one.move(CohortState.CLOSED))
