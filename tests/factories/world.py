"""The world: two agencies in the same cohorts, each with one of everything, and one user of every role.

Whoever proves that something holds for every route asks the world for an object of each kind. A route that names a kind the
world does not have makes such a proof fail until the kind is added here.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import cycle, product
from typing import Any

from werkzeug.routing import AnyConverter, Rule

from accounts.models import Affiliation, Agency, ApiScope, Person, User, UserSession
from accounts.permissions import HOST_ROLES, Role
from accounts.services import api_tokens
from accounts.services.persons import PersonValues, register_persons
from accounts.tokens import LinkPurpose, make_link_token
from certification.models import (
    Approval,
    ApprovalKind,
    Certificate,
    CertificateAction,
    CertificateActionKind,
    CertificateActionState,
    CertificateFile,
    CertificateVersion,
)
from certification.services import issuing
from certification.services.candidates import compute_digest, list_candidates
from curriculum.models import (
    Cohort,
    CohortState,
    EditionState,
    Enrolment,
    GateKind,
    GateState,
    ImportRow,
    MarkOperation,
    MedicalReason,
    Nomination,
    QualificationKind,
)
from curriculum.services import imports, qualifications
from equipment.models import Deed
from foundation import clock, jobs, sealing, storage
from foundation.audit import AuditEntry
from foundation.db import db, transaction
from foundation.i18n import LANGUAGES
from readiness.models import Team
from tests.factories import world_readiness
from tests.factories.accounts import make_agency, make_agreement, make_user
from tests.factories.curriculum import (
    make_cohort,
    make_competent,
    make_course,
    make_edition,
    make_enrolment,
    make_nomination,
    post_instructor,
    record_attempt,
)
from tests.factories.world_equipment import equip
from tests.support.story_sheet import csv_bytes

TODAY = date(2026, 11, 22)
Value = int | str
MOST_OF_A_KIND = 3  # enough for each state that a page can be in; every route is walked with all of them


class NothingToShow(LookupError):
    """A route names a kind of object of which the world has none."""


@dataclass
class Side:
    """One agency and what is its own: ids by table, and the stem that is in every name and note of it and in nobody else's."""

    stem: str
    native_stem: str
    objects: dict[str, list[Value]] = field(default_factory=dict)
    officer: int = 0
    trainee: int = 0
    token: str = ""

    def keep(self, *rows: Any) -> None:
        """Remember rows as the side's own."""
        for row in rows:
            self.objects.setdefault(row.__tablename__, []).append(row.id)


@dataclass
class World:
    """Side A, side B, what both share, and the staff: users by role, each able to reach side A's cohorts."""

    a: Side
    b: Side
    shared: dict[str, list[Value]] = field(default_factory=dict)
    staff: dict[Role, int] = field(default_factory=dict)
    officer_of_nobody: int = 0

    @property
    def users(self) -> dict[Role, int]:
        """One user of each role: the staff, and side A's officer and trainee."""
        return self.staff | {Role.AGENCY_OFFICER: self.a.officer, Role.TRAINEE: self.a.trainee}

    def keep(self, *rows: Any) -> None:
        """Remember rows as the host's, seen by both sides."""
        for row in rows:
            self.shared.setdefault(row.__tablename__, []).append(row.id)

    def is_owned(self, arguments: dict[str, Value], side: Side) -> bool:
        """Return whether any argument names something that is the side's own."""
        return any(value in side.objects.get(_kind_of(name), ()) for name, value in arguments.items())

    def values_for(self, parameter: str, side: Side) -> list[Value]:
        """Return what a URL parameter can be on a side, its own first, then what is shared; raise NothingToShow."""
        kind = _kind_of(parameter)
        found = [*side.objects.get(kind, ())[:MOST_OF_A_KIND], *self.shared.get(kind, ())]
        if not found:
            raise NothingToShow(f"tests/factories/world.py has no {kind} for a route with <{parameter}>")
        return found

    def fill(self, rule: Rule, side: Side) -> Iterator[dict[str, Value]]:
        """Yield the arguments of a route for each fitting object of a side; without parameters, one empty set."""
        names = sorted(rule.arguments)
        for values in product(*(_words_of(rule, name) or self.values_for(name, side) for name in names)):
            yield dict(zip(names, values, strict=True))


def _words_of(rule: Rule, parameter: str) -> list[Value]:
    """Return the words that a parameter may be, when the route lists them."""
    converter = rule._converters[parameter]
    return sorted(converter.items) if isinstance(converter, AnyConverter) else []


_ALIASES = {"session_id": "cohort_session", "run_id": "import_run"}


def _kind_of(parameter: str) -> str:
    return _ALIASES.get(parameter, parameter.removesuffix("_id"))


def make_world() -> World:
    """Build the world and commit it."""
    world = World(a=Side("Qamarzad", "قمرزاد"), b=Side("Tuwaiqan", "طويقان"))
    for role, language in zip(sorted(HOST_ROLES), cycle(LANGUAGES)):  # a third of them in each language
        world.staff[role] = make_user(role, name=f"Staff {role}", native_name="موظف", language=language).id
    staff = {role: db.session.get_one(User, user_id) for role, user_id in world.staff.items()}
    world.officer_of_nobody = make_user(Role.AGENCY_OFFICER, name="Officer of nobody").id
    opened, running, finished = _make_cohorts(world, staff)
    agencies = {side.stem: _make_people(side) for side in (world.a, world.b)}
    for side in (world.a, world.b):
        agency = agencies[side.stem]
        people = [db.session.get_one(Person, person_id) for person_id in side.objects["person"]]
        _nominate(side, agency, opened, people[:2], staff)
        _assess(side, agency, running, people[1:3], staff)
        graduate = make_enrolment(finished, agency, people[0])
        make_competent(graduate, staff[Role.INSTRUCTOR])
        side.objects["enrolment"].append(graduate.id)
        _import(side, agency, opened)
        _qualify(side, people, opened, staff)
        world_readiness.furnish(world, side, agency, people, staff)
    _serve_both(world, agencies)
    _certify(world, finished, staff)
    equip(world, agencies, staff)
    for side in (world.a, world.b):
        _call_the_api(side)
        entries = db.session.query(AuditEntry.id).filter_by(agency_id=side.objects["agency"][0])
        side.objects["audit_entry"] = [
            entry_id for (entry_id,) in entries.order_by(AuditEntry.id.desc()).limit(2)
        ]
        side.objects["token"] = [
            make_link_token(db.session.get_one(User, side.officer), LinkPurpose.INVITATION)
        ]
    manager = staff[Role.PROGRAMME_MANAGER]
    world.keep(jobs.enqueue(issuing.ISSUE_JOB, finished.id, actor=manager))
    world.shared["cohort_code"] = [_get(Cohort, one).code for one in world.shared["cohort"]]
    world.shared |= {"to": ["closed"], "word": ["verify"], "number": [1], "ending": ["csv", "xlsx"]}
    db.session.commit()
    return world


def _make_cohorts(world: World, staff: dict[Role, User]) -> tuple[Cohort, Cohort, Cohort]:
    director = staff[Role.COURSE_DIRECTOR]
    course = make_course("WRL-1", director=director)
    edition = make_edition(course, prerequisites=[])
    draft = make_edition(course, number="2.0", state=EditionState.DRAFT)
    opened = make_cohort(edition, state=CohortState.OPEN, starts_on=date(2027, 1, 10))
    running = make_cohort(edition, state=CohortState.RUNNING)
    finished = make_cohort(edition, state=CohortState.RUNNING, starts_on=date(2026, 10, 5))
    world.keep(course, edition, draft, running, opened, finished)
    for cohort in (running, opened, finished):
        for role in (Role.LEAD_INSTRUCTOR, Role.INSTRUCTOR):
            lead = role is Role.LEAD_INSTRUCTOR
            posting = post_instructor(cohort, staff[role], lead=lead, qualified=cohort is running)
            if cohort is running and not lead:
                world.keep(posting)
    world.keep(*running.sessions[:1], *edition.assessments, edition.assessments[0].items[0])
    return opened, running, finished


def _make_people(side: Side) -> Agency:
    agency = make_agency(
        f"{side.stem[:4].upper()}",
        names={
            "en": f"{side.stem} Directorate",
            "ar": f"مديرية {side.native_stem}",
            "fr": f"Direction {side.stem}",
        },
        contact_name=f"{side.stem} contact",
    )
    side.keep(agency, make_agreement(agency, reference=f"MOU-{side.stem}", note=f"{side.stem} note"))
    values = [
        PersonValues(
            family_name=side.stem,
            given_names=f"Given{letter}",
            native_name=f"سمير {side.native_stem}",
            birth_date=date(1988, 3, number + 1),
            nationality="JO",
            email=f"{letter}@{side.stem}.example".lower(),
            phone="+962 6 000 0000",
            languages=("ar", "en"),
            rank=f"{side.stem} captain",
        )
        for number, letter in enumerate("ABCD")
    ]
    people = register_persons(values, agency=agency, actor=None)
    side.keep(*people[:3])
    side.keep(*db.session.query(Affiliation).filter_by(agency_id=agency.id).order_by(Affiliation.id).limit(1))
    officer = make_user(Role.AGENCY_OFFICER, agency=agency, name=f"{side.stem} officer")
    trainee = make_user(Role.TRAINEE, agency=agency, person=people[0], name=f"{side.stem} trainee")
    side.officer, side.trainee = officer.id, trainee.id
    side.keep(officer, trainee)
    now = clock.now()
    session = UserSession(
        token_hash=f"{side.stem:>064}",
        user_id=officer.id,
        credential_version=1,
        created_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(hours=12),
        network="192.0.2.0/24",
    )
    db.session.add(session)
    db.session.flush()
    side.keep(session)
    return agency


def _nominate(
    side: Side, agency: Agency, cohort: Cohort, people: list[Person], staff: dict[Role, User]
) -> None:
    """Nominate for the open cohort: one with all gates open, one refused on medical grounds."""
    for person, state in zip(people, (GateState.OPEN, GateState.NOT_CLEARED), strict=True):
        nomination = make_nomination(
            cohort,
            agency,
            person,
            gates=state,
            note=f"{side.stem} wish",
            nominated_by=db.session.get(User, side.officer),
        )
        side.keep(nomination)
        for gate in nomination.gates:
            gate.reason = None if gate.kind is GateKind.MEDICAL else f"{side.stem} reason"
            if gate.kind in (GateKind.MEDICAL, GateKind.VETTING, GateKind.LANGUAGE):
                side.keep(gate)
        db.session.add(
            MedicalReason(
                gate_id=next(gate.id for gate in nomination.gates if gate.kind is GateKind.MEDICAL),
                agency_id=agency.id,
                sealed=sealing.seal(f"{side.stem} asthma"),
                recorded_at=clock.now(),
                recorded_by_id=staff[Role.MEDICAL_REVIEWER].id,
            )
        )


def _assess(
    side: Side, agency: Agency, cohort: Cohort, people: list[Person], staff: dict[Role, User]
) -> None:
    """Enrol in the running cohort: a draft sheet with a mark in dispute, and a signed one."""
    station = cohort.edition.assessments[0]
    evaluator = staff[Role.INSTRUCTOR]
    for person, signed in zip(people, (False, True), strict=True):
        enrolment = make_enrolment(cohort, agency, person)
        attempt = record_attempt(
            enrolment,
            station,
            evaluator,
            {item.code: Decimal(3) for item in station.items[: 3 if signed else 1]},
            signed=signed,
            note=f"{side.stem} observed",
        )
        side.keep(enrolment, attempt, *attempt.marks[:1])
        for value, outcome in ((Decimal(3), "applied"), (Decimal(1), "conflict")):
            operation = MarkOperation(
                agency_id=agency.id,
                uuid=f"{side.stem}-{attempt.id}-{outcome}",
                attempt_id=attempt.id,
                item_id=station.items[0].id,
                value=value,
                base_version=0,
                outcome=outcome,
                recorded_by_id=evaluator.id if outcome == "applied" else staff[Role.LEAD_INSTRUCTOR].id,
                recorded_at=clock.now(),
            )
            db.session.add(operation)
    db.session.flush()
    # The sheet with the dispute first: more can be done with it.
    for nomination_id in db.session.query(Nomination.id).filter_by(agency_id=agency.id, cohort_id=cohort.id):
        side.objects["nomination"].append(nomination_id[0])


def _import(side: Side, agency: Agency, cohort: Cohort) -> None:
    """Bring a sheet of one good row and one in error, rehearsed."""
    headings = ["family_name", "given_names", "native_name", "birth_date", "nationality"]
    rows = [[side.stem, "Newcomer", "", "1991-05-02", "JO"], [side.stem, "Unborn", "", "2091-05-02", "JO"]]
    run = imports.upload_sheet(
        csv_bytes([headings, *rows]),
        file_name=f"{side.stem}.csv",
        agency=agency,
        cohort=cohort,
        options=imports.ImportOptions(),
        actor=db.session.get_one(User, side.officer),
    )
    db.session.commit()
    imports.rehearse(run.id, unit=_unit, progress=lambda *_: None)
    side.keep(run, *db.session.query(ImportRow).filter_by(run_id=run.id).order_by(ImportRow.row))
    side.objects["job"] = [run.job_id or 0]


def _qualify(side: Side, people: list[Person], cohort: Cohort, staff: dict[Role, User]) -> None:
    """Record a licence with its paper, and an equivalence that was revoked."""
    manager, course_id = staff[Role.PROGRAMME_MANAGER], cohort.edition.course_id
    for person, kind in zip(people, (QualificationKind.LICENCE, QualificationKind.EQUIVALENCE), strict=False):
        values = qualifications.QualificationValues(
            course_id=course_id,
            kind=kind,
            issuer=f"{side.stem} council",
            reference=f"{side.stem}-{kind}",
            starts_on=date(2025, 3, 1),
            ends_on=date(2028, 2, 29),
            note=f"{side.stem} seen",
        )
        paper = f"%PDF-1.7 {side.stem} {kind}".encode()
        entry = qualifications.record_qualification(person, values, paper=paper, actor=manager)
        if kind is QualificationKind.EQUIVALENCE:
            reason = f"{side.stem} paper was forged"
            qualifications.revoke_qualification(entry, reason=reason, actor=manager)
        side.keep(entry)


def _call_the_api(side: Side) -> None:
    """Give the agency's system a token for everything, and remember how the API names what is the agency's."""
    agency = db.session.get_one(Agency, side.objects["agency"][0])
    token, side.token = api_tokens.give_token(
        agency,
        label=f"{side.stem} system",
        scopes=list(ApiScope),
        expires_on=TODAY + timedelta(days=30),
        actor=None,
    )
    side.keep(token)
    side.objects["person_public_ref"] = [_get(Person, one).public_ref for one in side.objects["person"]]
    side.objects["certificate_number"] = [
        _get(Certificate, one).number for one in side.objects["certificate"]
    ]
    side.objects["team_code"] = [_get(Team, one).code for one in side.objects["team"]]
    numbers = [_get(Deed, one).number for one in side.objects["deed"]]
    side.objects["deed_number"] = [number for number in numbers if number is not None]
    for model, kind in ((Nomination, "nomination"), (Enrolment, "enrolment")):
        rows: list[Any] = [_get(model, one) for one in side.objects[kind]]
        side.objects[f"{kind}_place"] = [f"{row.cohort.code}/{row.person.public_ref}" for row in rows]


def _get(model: Any, row_id: Value) -> Any:
    return db.session.get_one(model, row_id)


def _unit() -> AbstractContextManager[None]:
    return transaction()


def _serve_both(world: World, agencies: dict[str, Agency]) -> None:
    """Let one more person serve both agencies: each sees its own nominations of him, not the other's."""
    person = register_persons(
        [
            PersonValues(
                family_name="Bothways", given_names="Dual", birth_date=date(1980, 1, 1), languages=("en",)
            )
        ],
        agency=agencies[world.a.stem],
        actor=None,
    )[0]
    db.session.add(Affiliation(agency_id=agencies[world.b.stem].id, person_id=person.id, starts_on=TODAY))
    db.session.flush()
    opened = db.session.get_one(Cohort, world.shared["cohort"][1])
    nomination = make_nomination(
        opened,
        agencies[world.a.stem],
        person,
        gates=GateState.OPEN,
        note=f"{world.a.stem} about the dual one",
    )
    world.a.keep(nomination)
    world.shared["person_of_both"] = [person.id]


def _certify(world: World, cohort: Cohort, staff: dict[Role, User]) -> None:
    """Approve and freeze the finished cohort; a stand-in for the sealed file, which takes a second to print; one proposal."""
    db.session.commit()
    candidates = list_candidates(cohort, on=clock.today())
    for kind, role in (
        (ApprovalKind.DIRECTOR, Role.COURSE_DIRECTOR),
        (ApprovalKind.OFFICIAL, Role.CERTIFYING_OFFICIAL),
    ):
        db.session.add(
            Approval(
                cohort=cohort,
                kind=kind,
                digest=compute_digest(candidates),
                eligible=len(candidates),
                approved_at=clock.now(),
                approved_by_id=staff[role].id,
            )
        )
    db.session.commit()
    with transaction():
        issuing.freeze_cohort(cohort.id, actor_id=staff[Role.CERTIFYING_OFFICIAL].id)
    for side in (world.a, world.b):
        agency_id = side.objects["agency"][0]
        certificate = db.session.query(Certificate).filter_by(agency_id=agency_id).one()
        version = db.session.query(CertificateVersion).filter_by(certificate_id=certificate.id).one()
        stored = storage.put(f"%PDF-1.7 {side.stem}".encode(), suffix=".pdf")
        db.session.add(
            CertificateFile(
                version_id=version.id,
                agency_id=agency_id,
                storage_key=stored.key,
                sha256=stored.sha256,
                size=stored.size,
                sealed_at=clock.now(),
            )
        )
        action = CertificateAction(
            agency_id=agency_id,
            certificate_id=certificate.id,
            kind=CertificateActionKind.SUSPEND,
            state=CertificateActionState.PROPOSED,
            reason=f"{side.stem} is being looked into",
            proposed_at=clock.now(),
            proposed_by_id=staff[Role.PROGRAMME_MANAGER].id,
        )
        db.session.add(action)
        db.session.flush()
        side.keep(certificate, version, action)
        side.objects["code"] = [version.code]


__all__ = ["TODAY", "NothingToShow", "Side", "World", "make_world"]
