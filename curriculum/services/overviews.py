"""How a cohort stands, in figures, and what comes next for whoever looks at it."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, exists, func, select

from accounts.models import User
from accounts.permissions import Permission
from curriculum.models import (
    Cohort,
    CohortState,
    Enrolment,
    EnrolmentState,
    Gate,
    GateState,
    Nomination,
    NominationState,
)
from foundation import clock
from foundation.access import visible
from foundation.db import db
from foundation.i18n import _, ngettext

NOT_PASSED = (GateState.OPEN, GateState.NOT_CLEARED)


@dataclass(frozen=True)
class PeopleFigures:
    """How many persons of a cohort stand where, as far as the viewer may know: `ready` have every gate passed and no seat yet."""

    nominated: int
    ready: int
    undecided: int
    confirmed: int
    waiting: int
    refused: int
    withdrawn: int
    absent: int


@dataclass(frozen=True)
class NextStep:
    """What comes next: a sentence, the endpoint where it is done, and the verb on the button."""

    sentence: str
    endpoint: str | None = None
    act: str | None = None


def count_people(cohort: Cohort, *, viewer: User) -> PeopleFigures:
    """Return the figures of a cohort's people in the viewer's sight, in one statement."""
    gate = select(Gate.id).where(Gate.nomination_id == Nomination.id)
    undecided = exists(gate.where(Gate.state == GateState.OPEN))
    blocked = exists(gate.where(Gate.state.in_(NOT_PASSED)))
    seatless = Nomination.state.in_((NominationState.NOMINATED, NominationState.REFUSED))
    absent = Enrolment.state.in_((EnrolmentState.NO_SHOW, EnrolmentState.LEFT))

    def count(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((and_(*conditions), 1), else_=0)), 0)

    row = db.session.execute(
        select(
            count(Nomination.state != NominationState.WITHDRAWN),
            count(seatless, ~blocked),
            count(Nomination.state != NominationState.WITHDRAWN, undecided),
            count(Nomination.state == NominationState.CONFIRMED),
            count(Nomination.state == NominationState.WAITING),
            count(Nomination.state == NominationState.REFUSED),
            count(Nomination.state == NominationState.WITHDRAWN),
            count(absent),
        )
        .select_from(Nomination)
        .outerjoin(Enrolment, Enrolment.nomination_id == Nomination.id)
        .where(Nomination.cohort_id == cohort.id, visible(Nomination, viewer))
    ).one()
    return PeopleFigures(*(int(value) for value in row))


def find_next_step(cohort: Cohort, *, viewer: User) -> NextStep:
    """Return what comes next in a cohort for a viewer."""
    figures = count_people(cohort, viewer=viewer)
    if cohort.state is CohortState.OPEN:
        return _next_while_open(cohort, figures, viewer)
    if cohort.state is CohortState.CONFIRMED:
        if figures.ready and viewer.may(Permission.COHORT_PLAN, cohort):
            return NextStep(
                ngettext(
                    "%(num)s nominee has all gates passed and no seat yet.",
                    "%(num)s nominees have all gates passed and no seat yet.",
                    figures.ready,
                ),
                "seats.confirm",
                _("Confirm seats"),
            )
        return NextStep(_("The seats are confirmed. The cohort begins on its first day."))
    if cohort.state is CohortState.RUNNING:
        over = cohort.ends_on < clock.today(cohort.time_zone)
        return NextStep(
            _("The last day has passed: complete the sheets, then judge who is certified.")
            if over
            else _("The cohort is running: attendance and assessments are recorded day by day.")
        )
    return NextStep(_("The cohort is closed. Its record stays as it is."))


def _next_while_open(cohort: Cohort, figures: PeopleFigures, viewer: User) -> NextStep:
    if viewer.may(Permission.NOMINATION_MAKE) and not figures.nominated:
        return NextStep(_("You have nominated nobody yet."), "nominations.new", _("Nominate"))
    if figures.ready and viewer.may(Permission.COHORT_PLAN, cohort):
        sentence = ngettext(
            "%(num)s nominee is ready for a seat.", "%(num)s nominees are ready for a seat.", figures.ready
        )
        return NextStep(sentence, "seats.confirm", _("Confirm seats"))
    if figures.undecided:
        sentence = ngettext(
            "%(num)s nominee has a gate that is still open.",
            "%(num)s nominees have a gate that is still open.",
            figures.undecided,
        )
        return NextStep(sentence, "nominations.index", _("See who"))
    if not figures.nominated:
        return NextStep(_("Open for nomination: no agency has nominated anybody yet."))
    return NextStep(_("Nominations are in. The host confirms the seats next."))


def may_seat(nomination: Nomination, viewer: User) -> bool:
    """Return whether a viewer may ask for the seat of a nomination now."""
    return (
        nomination.state in (NominationState.NOMINATED, NominationState.WAITING, NominationState.REFUSED)
        and nomination.cohort.state in (CohortState.OPEN, CohortState.CONFIRMED)
        and viewer.may(Permission.COHORT_PLAN, nomination)
    )
