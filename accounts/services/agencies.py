"""Partner agencies and their agreements: registering, editing, and which agreement covers a course on a day."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date

from sqlalchemy import select

from accounts.models import Agency, AgencyKind, Agreement, User
from foundation import audit, clock
from foundation.db import conflict_as, db
from foundation.errors import DomainConflict, DomainError
from foundation.i18n import _


class AgencyCodeTaken(DomainConflict):
    """Another agency has this code."""


class ReferenceTaken(DomainConflict):
    """Another agreement has this reference."""


class PeriodReversed(DomainError):
    """An agreement ends before it begins."""


@dataclass(frozen=True)
class AgencyValues:
    """What is known of an agency. `names` is {language: name}, English included; `country` two letters."""

    names: dict[str, str]
    country: str
    kind: AgencyKind
    contact_name: str | None = None
    contact_email: str | None = None
    contact_phone: str | None = None


@dataclass(frozen=True)
class AgreementValues:
    """What was signed: domains in scope, seats a year, and the days from and to, both included."""

    reference: str
    domains: tuple[str, ...]
    seats_per_year: int
    starts_on: date
    ends_on: date
    note: str | None = field(default=None)


_CONTACT = {"contact_name", "contact_email", "contact_phone"}


def register_agency(code: str, values: AgencyValues, *, actor: User | None) -> Agency:
    """Register a partner agency under a short code that sheets, addresses and commands use. Raises AgencyCodeTaken."""
    code = code.upper()
    agency = Agency(code=code, **asdict(values))
    with conflict_as("uq_agency_code", AgencyCodeTaken(_("Another agency has this code."), field="code")):
        db.session.add(agency)
    changes = {name: (None, value) for name, value in asdict(values).items() if value}
    audit.record(
        "agency:registered",
        agency,
        actor=actor,
        changes={"code": (None, code)} | changes,
        personal=_CONTACT,
        agency_id=agency.id,
    )
    return agency


def edit_agency(agency: Agency, values: AgencyValues, *, actor: User) -> None:
    """Change what is known of an agency; its code stays, because sheets and papers carry it."""
    changes = audit.changes_of(agency, **asdict(values))
    if changes:
        audit.record(
            "agency:changed", agency, actor=actor, changes=changes, personal=_CONTACT, agency_id=agency.id
        )


def close_agency(agency: Agency, *, reason: str, actor: User) -> None:
    """End the partnership: the agency stays on record and takes no new agreement. Raises DomainConflict when closed."""
    if agency.closed_at is not None:
        raise DomainConflict(_("This agency is closed already."))
    agency.closed_at = clock.now()
    audit.record("agency:closed", agency, actor=actor, reason=reason, agency_id=agency.id)


def reopen_agency(agency: Agency, *, actor: User) -> None:
    """Take the partnership up again. Raises DomainConflict when the agency is not closed."""
    if agency.closed_at is None:
        raise DomainConflict(_("This agency is not closed."))
    agency.closed_at = None
    audit.record("agency:reopened", agency, actor=actor, agency_id=agency.id)


def record_agreement(agency: Agency, values: AgreementValues, *, actor: User | None) -> Agreement:
    """Record what host and agency signed. Raises ReferenceTaken, PeriodReversed, DomainConflict for a closed agency."""
    _refuse_reversed(values)
    if agency.closed_at is not None:
        raise DomainConflict(_("This agency is closed; reopen it first."))
    agreement = Agreement(agency_id=agency.id, **_columns(values))
    with conflict_as("uq_agreement_reference", _reference_taken()):
        db.session.add(agreement)
    changes = {name: (None, value) for name, value in _columns(values).items() if value is not None}
    audit.record("agreement:recorded", agreement, actor=actor, changes=changes)
    return agreement


def edit_agreement(agreement: Agreement, values: AgreementValues, *, actor: User) -> None:
    """Correct or end an agreement. Raises ReferenceTaken, PeriodReversed."""
    _refuse_reversed(values)
    with conflict_as("uq_agreement_reference", _reference_taken()):
        changes = audit.changes_of(agreement, **_columns(values))
    if changes:
        audit.record("agreement:changed", agreement, actor=actor, changes=changes)


def find_agreement(agency: Agency, domain: str, on: date) -> Agreement | None:
    """Return the agreement that covers a domain on a day, or None: then nobody can be nominated.

    Where several do, the one that lasts longest.
    """
    rows = db.session.execute(
        select(Agreement)
        .where(Agreement.agency_id == agency.id, Agreement.starts_on <= on, Agreement.ends_on >= on)
        .order_by(Agreement.ends_on.desc(), Agreement.id)
    ).scalars()
    return next((agreement for agreement in rows if agreement.covers(domain, on)), None)


def find_agency(code: str) -> Agency | None:
    """Return the agency of a code, in any case, or None."""
    return db.session.execute(select(Agency).where(Agency.code == code.strip().upper())).scalar_one_or_none()


def list_open_agencies() -> Sequence[Agency]:
    """Return the agencies that are not closed, by code."""
    query = select(Agency).where(Agency.closed_at.is_(None)).order_by(Agency.code)
    return db.session.execute(query).scalars().all()


def _columns(values: AgreementValues) -> dict[str, object]:
    return asdict(values) | {"domains": list(values.domains)}


def _refuse_reversed(values: AgreementValues) -> None:
    if values.ends_on < values.starts_on:
        raise PeriodReversed(_("The agreement ends before it begins."), field="ends_on")


def _reference_taken() -> ReferenceTaken:
    return ReferenceTaken(_("Another agreement has this reference."), field="reference")
