"""Seats: who gets one, by the rule of `curriculum.seating`, and what that changes. The one way to an enrolment.

Confirming may be repeated: it gives what is free to whoever has become ready since, and changes nothing that stands.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import extract, func, select

from accounts.models import Agency, Agreement, Person, User
from curriculum import labels
from curriculum.models import (
    Cohort,
    CohortState,
    Enrolment,
    EnrolmentState,
    Gate,
    Nomination,
    NominationState,
)
from curriculum.seating import (
    GateRecord,
    Ground,
    NominationRecord,
    Seating,
    SeatReason,
    find_blocking_gates,
    judge_seats,
)
from curriculum.services import letters
from curriculum.services.cohorts import CohortClosed, require_planner
from foundation import audit, clock
from foundation.db import db
from foundation.errors import DomainError
from foundation.i18n import _
from foundation.tenancy import EVERYTHING, within

BEFORE_THE_FIRST_DAY = (CohortState.OPEN, CohortState.CONFIRMED)


class SeatRefused(DomainError):
    """This person cannot have a seat now; the sentence names him and every reason."""


@dataclass(frozen=True)
class SeatLine:
    """One nominee in a seating: who, of which agency, at which rank, and the reasons when there is no seat for him."""

    nomination_id: int
    person_ref: str
    name: str
    native_name: str | None
    agency_code: str
    agency_names: dict[str, str]
    rank: int
    grounds: tuple[Ground, ...]
    number: int | None

    @property
    def reasons(self) -> list[str]:
        """The reasons as sentences in the reader's language."""
        return labels.ground_sentences(self.grounds)


@dataclass(frozen=True)
class SeatsReport:
    """A cohort's seats judged: who gets one, who has one already, who waits (in order) and who is refused."""

    seats: int
    confirmed: Sequence[SeatLine]
    seated: Sequence[SeatLine]
    waiting: Sequence[SeatLine]
    refused: Sequence[SeatLine]

    @property
    def free(self) -> int:
        """Seats that stay free."""
        return max(0, self.seats - len(self.seated) - len(self.confirmed))


def preview_seats(cohort: Cohort) -> SeatsReport:
    """Return what confirming the seats would do now; nothing is changed."""
    with within(EVERYTHING):
        records = _read_nominations(cohort)
        seating = judge_seats(records, cohort.seats, read_quotas(cohort), day_of_judgement(cohort))
        return _report(cohort, seating)


def confirm_seats(cohort: Cohort, *, actor: User | None) -> SeatsReport:
    """Give the free seats by the rule, number the trainees, and tell the agencies. `actor` None is a command.

    The first seats confirmed end the nomination. Raises Forbidden and CohortClosed.
    """
    require_planner(cohort, actor)
    _require_before_first_day(cohort)
    report = _fill(cohort, actor=actor)
    if cohort.state is CohortState.OPEN and (report.confirmed or report.seated):
        changes = audit.changes_of(cohort, state=CohortState.CONFIRMED)
        audit.record("cohort:moved", cohort, actor=actor, changes=changes)
    return report


def confirm_seat(nomination: Nomination, *, actor: User | None) -> Enrolment:
    """Give one nominee his seat, when the rule gives him one now.

    Raises SeatRefused with his name and every reason, Forbidden, CohortClosed. Asked again for the same nominee it answers the
    enrolment that is there.
    """
    cohort = nomination.cohort
    require_planner(cohort, actor)
    _require_before_first_day(cohort)
    with within(EVERYTHING):
        _lock(cohort)
        db.session.refresh(nomination)
        known = _enrolments(cohort).get(nomination.id)
        if nomination.state is NominationState.CONFIRMED and known is not None:
            return known
        if nomination.state is NominationState.WITHDRAWN:
            name = nomination.person.latin_name
            raise SeatRefused(_("%(name)s was withdrawn. Nominate the person again first.", name=name))
        records = _read_nominations(cohort)
        seating = judge_seats(records, cohort.seats, read_quotas(cohort), day_of_judgement(cohort))
        if nomination.id not in seating.confirmed:
            refusal = seating.refused.get(nomination.id) or seating.waiting[nomination.id]
            reasons = " ".join(labels.ground_sentences(refusal))
            raise SeatRefused(
                _("No seat for %(name)s. %(reasons)s", name=nomination.person.latin_name, reasons=reasons)
            )
        enrolment = _give(cohort, [nomination.id], actor=actor)[0]
        letters.tell_agency(
            nomination.agency_id,
            "seat_confirmed",
            cohort=cohort,
            about=nomination.id,
            confirmed=letters.names_of([nomination.person]),
            waiting=[],
            refused=[],
        )
    return enrolment


def free_seat(nomination: Nomination, *, reason: str, actor: User | None) -> SeatsReport | None:
    """Take a nominee's seat back and promote whoever waits next; None when he held no seat. The caller sets the nomination's state."""
    with within(EVERYTHING):
        cohort = nomination.cohort
        _lock(cohort)
        enrolment = _enrolments(cohort).get(nomination.id)
        if enrolment is None or enrolment.state is EnrolmentState.WITHDRAWN:
            return None
        changes = audit.changes_of(enrolment, state=EnrolmentState.WITHDRAWN, state_reason=reason)
        audit.record("enrolment:withdrawn", enrolment, actor=actor, reason=reason, changes=changes)
        db.session.flush()
        if cohort.state not in BEFORE_THE_FIRST_DAY:
            return None
        return _fill(cohort, actor=actor, waiting_alone=True)


def day_of_judgement(cohort: Cohort) -> date:
    """Return the day on which gates must be passed: the first day of the cohort, or today once it has begun."""
    return max(cohort.starts_on, clock.today(cohort.time_zone))


def read_quotas(cohort: Cohort) -> dict[int, int]:
    """Return {agency id: seats it may still be given}: the yearly seats of its latest agreement, less those given in that year.

    The year is that of the cohort's first day; an agency without an agreement on record has no quota.
    """
    agreements = db.session.execute(
        select(Agreement.agency_id, Agreement.seats_per_year)
        .where(
            Agreement.starts_on <= cohort.starts_on,
            Agreement.agency_id.in_(select(Nomination.agency_id).where(Nomination.cohort_id == cohort.id)),
        )
        .order_by(Agreement.ends_on, Agreement.id)
    )
    yearly = {row.agency_id: row.seats_per_year for row in agreements}
    used = db.session.execute(
        select(Enrolment.agency_id, func.count().label("seats"))
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(
            extract("year", Cohort.starts_on) == cohort.starts_on.year,
            Enrolment.state != EnrolmentState.WITHDRAWN,
        )
        .group_by(Enrolment.agency_id)
    )
    given = {row.agency_id: row.seats for row in used}
    return {agency: max(0, seats - given.get(agency, 0)) for agency, seats in yearly.items()}


def is_ready(nomination: Nomination) -> bool:
    """Return whether every gate of a nomination is passed on the day that counts."""
    records = [GateRecord(gate.kind, gate.state, gate.valid_until) for gate in nomination.gates]
    return not find_blocking_gates(records, day_of_judgement(nomination.cohort))


def _require_before_first_day(cohort: Cohort) -> None:
    if cohort.state not in BEFORE_THE_FIRST_DAY:
        raise CohortClosed(
            _("Cohort %(code)s has begun. Seats are confirmed before the first day.", code=cohort.code)
        )


def _lock(cohort: Cohort) -> None:
    """Let confirmations of one cohort follow each other, so that the last seat is given once."""
    db.session.flush()
    db.session.execute(select(Cohort.id).where(Cohort.id == cohort.id).with_for_update())


def _read_nominations(cohort: Cohort, *, waiting_alone: bool = False) -> list[NominationRecord]:
    """Return the cohort's nominations as the rule sees them; two statements, however many there are."""
    query = select(
        Nomination.id, Nomination.agency_id, Nomination.rank, Nomination.nominated_at, Nomination.state
    ).where(Nomination.cohort_id == cohort.id, Nomination.state != NominationState.WITHDRAWN)
    if waiting_alone:
        query = query.where(Nomination.state.in_((NominationState.WAITING, NominationState.CONFIRMED)))
    gates: dict[int, list[GateRecord]] = {}
    for row in db.session.execute(
        select(Gate.nomination_id, Gate.kind, Gate.state, Gate.valid_until)
        .join(Nomination, Nomination.id == Gate.nomination_id)
        .where(Nomination.cohort_id == cohort.id)
        .order_by(Gate.id)
    ):
        gates.setdefault(row.nomination_id, []).append(GateRecord(row.kind, row.state, row.valid_until))
    return [
        NominationRecord(
            id=row.id,
            agency_id=row.agency_id,
            rank=row.rank,
            nominated_at=row.nominated_at,
            gates=tuple(gates.get(row.id, ())),
            seated=row.state is NominationState.CONFIRMED,
        )
        for row in db.session.execute(query)
    ]


def _fill(cohort: Cohort, *, actor: User | None, waiting_alone: bool = False) -> SeatsReport:
    """Give the free seats and note why the others have none; with `waiting_alone` the waiting list alone moves up."""
    with within(EVERYTHING):
        _lock(cohort)
        records = _read_nominations(cohort, waiting_alone=waiting_alone)
        seating = judge_seats(records, cohort.seats, read_quotas(cohort), day_of_judgement(cohort))
        _give(cohort, seating.confirmed, actor=actor)
        if not waiting_alone:
            _note(seating.waiting, NominationState.WAITING, "nomination:put_on_waiting_list", actor=actor)
            _note(seating.refused, NominationState.REFUSED, "nomination:refused", actor=actor)
        db.session.flush()
        report = _report(cohort, seating)
        if seating.confirmed:
            _tell(cohort, report)
    return report


def _give(cohort: Cohort, nomination_ids: Sequence[int], *, actor: User | None) -> list[Enrolment]:
    """Enrol nominees under the next numbers of the cohort; somebody who was withdrawn before gets his old number again."""
    if not nomination_ids:
        return []
    known = _enrolments(cohort)
    number = max((one.number for one in known.values()), default=0)
    nominations = _nominations(nomination_ids)
    given = []
    for nomination_id in nomination_ids:
        nomination = nominations[nomination_id]
        before = nomination.state
        nomination.state, nomination.decided_reason = NominationState.CONFIRMED, None
        enrolment = known.get(nomination_id)
        if enrolment is None:
            number += 1
            enrolment = Enrolment(
                cohort_id=cohort.id,
                agency_id=nomination.agency_id,
                person_id=nomination.person_id,
                nomination_id=nomination.id,
                number=number,
                state=EnrolmentState.ENROLLED,
                enrolled_at=clock.now(),
            )
            db.session.add(enrolment)
        else:
            enrolment.state, enrolment.state_reason = EnrolmentState.ENROLLED, None
        audit.record(
            "enrolment:confirmed",
            enrolment,
            actor=actor,
            changes={
                "number": (None, enrolment.number),
                "nomination_state": (before, NominationState.CONFIRMED),
            },
        )
        given.append(enrolment)
    return given


def _note(
    judged: Mapping[int, tuple[Ground, ...]], state: NominationState, action: str, *, actor: User | None
) -> None:
    nominations = _nominations(judged)
    for nomination_id, grounds in judged.items():
        nomination = nominations[nomination_id]
        changes = audit.changes_of(nomination, state=state, decided_reason=write_grounds(grounds))
        if changes:
            audit.record(action, nomination, actor=actor, changes=changes)


def _nominations(ids: Iterable[int]) -> dict[int, Nomination]:
    query = select(Nomination).where(Nomination.id.in_(list(ids)))
    return {one.id: one for one in db.session.execute(query).scalars()}


def _enrolments(cohort: Cohort) -> dict[int, Enrolment]:
    query = select(Enrolment).where(Enrolment.cohort_id == cohort.id)
    return {one.nomination_id: one for one in db.session.execute(query).scalars()}


def write_grounds(grounds: Sequence[Ground]) -> str:
    """Return reasons as they are stored: codes, so that they can be read in any language later."""
    return " ".join(f"{one.reason}:{one.gate}" if one.gate else str(one.reason) for one in grounds)


def read_grounds(stored: str | None) -> tuple[Ground, ...]:
    """Return stored reasons; anything that is no code (a person's own words) is left out."""
    grounds = []
    for part in (stored or "").split():
        reason, _colon, gate = part.partition(":")
        if reason in set(SeatReason):
            grounds.append(Ground(SeatReason(reason), gate or None))
    return tuple(grounds)


def _report(cohort: Cohort, seating: Seating) -> SeatsReport:
    rows = db.session.execute(
        select(
            Nomination.id,
            Nomination.rank,
            Person.public_ref,
            Person.given_names,
            Person.family_name,
            Person.native_name,
            Agency.code,
            Agency.names,
            Enrolment.number,
        )
        .join(Person, Person.id == Nomination.person_id)
        .join(Agency, Agency.id == Nomination.agency_id)
        .outerjoin(Enrolment, Enrolment.nomination_id == Nomination.id)
        .where(Nomination.cohort_id == cohort.id)
    )
    found: dict[int, Any] = {row.id: row for row in rows}

    def lines(ids: Iterable[int], grounds: Mapping[int, tuple[Ground, ...]]) -> list[SeatLine]:
        return [_line(found[one], grounds.get(one, ())) for one in ids]

    by_agency = sorted(seating.refused, key=lambda one: (found[one].code, found[one].rank))
    return SeatsReport(
        seats=cohort.seats,
        confirmed=lines(seating.confirmed, {}),
        seated=sorted(lines(seating.seated, {}), key=lambda one: one.number or 0),
        waiting=lines(seating.waiting, seating.waiting),
        refused=lines(by_agency, seating.refused),
    )


def _line(row: Any, grounds: tuple[Ground, ...]) -> SeatLine:
    return SeatLine(
        nomination_id=row.id,
        person_ref=row.public_ref,
        name=f"{row.given_names} {row.family_name}".strip(),
        native_name=row.native_name,
        agency_code=row.code,
        agency_names=row.names,
        rank=row.rank,
        grounds=grounds,
        number=row.number,
    )


def _tell(cohort: Cohort, report: SeatsReport) -> None:
    """Tell each agency about its own people, and the planners about all."""
    agencies = {line.agency_code for line in report.confirmed}
    ids = dict(db.session.execute(select(Agency.code, Agency.id).where(Agency.code.in_(agencies))).all())
    for code in sorted(agencies):
        own = {
            name: [line.name for line in lines if line.agency_code == code]
            for name, lines in (
                ("confirmed", report.confirmed),
                ("waiting", report.waiting),
                ("refused", report.refused),
            )
        }
        letters.tell_agency(ids[code], "seat_confirmed", cohort=cohort, about=code, **own)
