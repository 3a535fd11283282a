"""Overviews: figures by hand on a small world, the worst agency first, each figure opens its list, and nobody looks over the fence."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, update

from accounts.models import Agency, User
from accounts.permissions import Role
from certification.models import (
    Certificate,
    CertificateAction,
    CertificateActionKind,
    CertificateActionState,
)
from certification.services import issuing
from certification.services.certificates import select_valid
from curriculum.models import CohortState
from equipment.models import CaseKind
from equipment.services import cases
from foundation import clock
from foundation.db import db
from readiness.models import Team
from readiness.services import overviews, snapshots
from readiness.services.overviews import DateKind
from tests.factories.accounts import make_agency, make_agreement, make_officer, make_user
from tests.factories.certification import approve_both, make_assessed_cohort
from tests.factories.curriculum import make_cohort, make_nomination
from tests.factories.equipment import hand_over, make_issued, make_items
from tests.factories.readiness import make_members, make_story_team, make_team
from tests.support.client import LintingClient

SignIn = Callable[[User], LintingClient]


@pytest.fixture
def manager(app: Flask) -> User:
    return make_user(Role.PROGRAMME_MANAGER, name="Maha Manager")


@pytest.fixture
def agency(app: Flask) -> Agency:
    return make_agency("ALPHA", names={"en": "Alpha Directorate"})


def certify(agency: Agency, number: int = 3) -> list[Certificate]:
    cohort = make_assessed_cohort(agency, competent=number)
    director, _official = approve_both(cohort)
    issuing.freeze_cohort(cohort.id, actor_id=director.id)
    db.session.commit()
    return list(db.session.query(Certificate).filter_by(cohort_id=cohort.id).order_by(Certificate.sequence))


def act(certificate: Certificate, kind: CertificateActionKind, minute: int, *, by: User) -> None:
    moment = clock.now() + timedelta(minutes=minute)
    db.session.add(
        CertificateAction(
            agency_id=certificate.agency_id,
            certificate_id=certificate.id,
            kind=kind,
            state=CertificateActionState.APPROVED,
            reason="A reason",
            proposed_at=moment,
            proposed_by_id=by.id,
            decided_at=moment,
            decided_by_id=by.id,
        )
    )
    db.session.commit()


def freeze(team: Team, actor: User) -> None:
    snapshots.freeze(team, team.edition, on=clock.today(), actor=actor)
    db.session.commit()


def count_statements(work: Callable[[], object]) -> int:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def test_figures_of_an_agency_are_those_counted_by_hand(agency: Agency, manager: User) -> None:
    make_agreement(agency, reference="MOU-1", ends_on=clock.today() + timedelta(days=40))
    team = make_story_team(agency, trained=False)
    freeze(team, manager)
    radio, *_more = hand_over(agency, make_items(2)).lines
    assert radio.item is not None
    report = cases.Report(CaseKind.DAMAGED, clock.today(), "It fell into the sea and is silent.")
    cases.report_case(radio.item, report, actor=make_officer(agency))
    issued = make_issued(agency, make_items(1))
    certify(agency, 3)
    opened = make_cohort(state=CohortState.OPEN, starts_on=clock.today() + timedelta(days=30))
    make_nomination(opened, agency)
    db.session.commit()

    found = overviews.describe(agency, viewer=manager, on=clock.today())

    assert (found.certified, found.valid, found.ending) == (3, 3, 0)
    assert (found.items, found.usable) == (14, 13)
    assert [line.snapshot.assessment.filled for line in found.teams if line.snapshot] == [5]
    assert [(row.code, row.nominated, row.confirmed) for row in found.cohorts if row.id == opened.id] == [
        (opened.code, 1, 0)
    ]
    ahead = {(one.kind, one.name) for one in found.ahead}
    assert {
        (DateKind.AGREEMENT, "MOU-1"),
        (DateKind.SIGNATURE, issued.number),
        (DateKind.COHORT, opened.code),
    } <= ahead


def test_certificate_counts_as_long_as_its_public_state_is_valid(agency: Agency, manager: User) -> None:
    revoked, suspended, lifted, kept = certify(agency, 4)
    act(revoked, CertificateActionKind.REVOKE, 0, by=manager)
    act(suspended, CertificateActionKind.SUSPEND, 0, by=manager)
    act(lifted, CertificateActionKind.SUSPEND, 0, by=manager)
    act(lifted, CertificateActionKind.LIFT, 1, by=manager)
    last_day = kept.current.expires_on
    assert last_day is not None

    def holders(on: object) -> set[int]:
        return {row.person_id for row in db.session.execute(select_valid(on))}  # type: ignore[arg-type]

    assert holders(clock.today()) == {lifted.person_id, kept.person_id}
    assert holders(last_day) == {lifted.person_id, kept.person_id}
    assert holders(last_day + timedelta(days=1)) == set()


def test_table_has_the_worst_first_and_those_without_a_team_last(agency: Agency, manager: User) -> None:
    ready, unknown, none = (make_agency(code) for code in ("BRAVO", "CHARLIE", "DELTA"))
    make_team(unknown)
    freeze(make_story_team(agency, trained=False), manager)
    good = make_team(ready, code="GOOD")
    make_members(good, 2, "M-MIM-320")
    freeze(good, manager)
    # What a snapshot says is frozen; this one only has to be better than the other.
    db.session.execute(update(Team).where(Team.id == good.id).values(closed_on=clock.today()))
    db.session.commit()

    rows = overviews.query_agencies(manager, on=clock.today()).subquery()
    ordered = db.session.execute(rows.select().order_by(rows.c.rank, rows.c.calm, rows.c.code)).all()

    assert [(row.code, row.rank) for row in ordered] == [
        ("ALPHA", 0),
        ("CHARLIE", 1),
        ("BRAVO", 5),
        ("DELTA", 5),
    ]
    assert [row["items"] for row in (one._mapping for one in ordered)] == [12, 0, 0, 0]
    assert none.code == "DELTA"


def test_table_pages_by_keys_in_both_directions(manager: User, sign_in: SignIn) -> None:
    for number in range(53):
        make_agency(f"AG-{number:03d}")
    db.session.commit()
    client = sign_in(manager)

    first = client.get("/overview").get_data(as_text=True)
    assert "AG-049" in first and "AG-050" not in first
    address = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = client.get(address).get_data(as_text=True)
    assert "AG-050" in second and "AG-052" in second and "AG-049" not in second


def test_table_is_narrowed_by_name_country_and_worst_team(
    agency: Agency, manager: User, sign_in: SignIn
) -> None:
    make_agency("BRAVO", country="SN", names={"en": "Brigade"})
    freeze(make_story_team(agency, trained=False), manager)
    client = sign_in(manager)

    for question, there, absent in (
        ("q=brig", "BRAVO", "ALPHA"),
        ("country=SN", "BRAVO", "ALPHA"),
        ("level=0", "ALPHA", "BRAVO"),
        ("level=5", "BRAVO", "ALPHA"),
    ):
        page = client.get(f"/overview?{question}").get_data(as_text=True)
        table = page[page.index("<tbody>") : page.index("</tbody>")]
        assert there in table
        assert absent not in table
    assert client.get("/overview?level=zzz&country=zz&sort=nothing&after=x").status_code == 200
    assert "No agency fits" in client.get("/overview?q=nobody").get_data(as_text=True)


def test_pages_show_the_level_the_reason_and_open_what_they_count(
    agency: Agency, manager: User, sign_in: SignIn
) -> None:
    team = make_story_team(agency, trained=False)
    freeze(team, manager)
    certify(agency, 2)
    client = sign_in(manager)

    page = client.get(f"/agencies/{agency.id}/overview").get_data(as_text=True)
    assert "4 · Not ready" in page
    assert "5 / 18" in page and "12 / 12" in page
    for address in (
        "/certificates?agency=ALPHA&amp;state=valid",
        "/certificates?agency=ALPHA&amp;state=ending",
        f"/equipment/holdings?holder={agency.id}",
        f"/teams/{team.id}",
    ):
        assert address in page
        assert client.get(address.replace("&amp;", "&")).status_code == 200
    valid = client.get("/certificates?agency=ALPHA&state=valid").get_data(as_text=True)
    ending = client.get("/certificates?agency=ALPHA&state=ending").get_data(as_text=True)
    other = client.get("/certificates?agency=NOBODY&state=valid").get_data(as_text=True)
    assert ("2 rows" in valid, "No certificate fits" in ending, "No certificate fits" in other) == (
        True,
        True,
        True,
    )
    assert f"/agencies/{agency.id}/overview" in client.get(f"/agencies/{agency.id}").get_data(as_text=True)


def test_officer_sees_the_overview_of_his_own_agency_alone(agency: Agency, sign_in: SignIn) -> None:
    other = make_agency("BRAVO")
    client = sign_in(make_officer(agency))

    assert client.get("/overview").location == f"/agencies/{agency.id}/overview"
    assert client.get(f"/agencies/{agency.id}/overview").status_code == 200
    assert client.get(f"/agencies/{other.id}/overview").status_code == 404


@pytest.mark.parametrize("role", [Role.INSTRUCTOR, Role.QUARTERMASTER, Role.TRAINEE])
def test_others_do_not_see_overviews(agency: Agency, role: Role, sign_in: SignIn) -> None:
    client = sign_in(make_user(role))

    assert client.get("/overview").status_code == 403
    assert client.get(f"/agencies/{agency.id}/overview").status_code in (403, 404)


def test_table_costs_the_same_number_of_statements_for_three_agencies_and_thirty(
    manager: User, sign_in: SignIn
) -> None:
    client = sign_in(manager)

    def fill(number: int) -> None:
        for _each in range(number):
            make_team(make_agency())
        db.session.commit()

    fill(3)
    client.get("/overview")
    few = count_statements(lambda: client.get("/overview"))
    fill(27)
    assert count_statements(lambda: client.get("/overview")) == few


def test_page_costs_the_same_number_of_statements_for_few_and_for_many(
    agency: Agency, manager: User, sign_in: SignIn
) -> None:
    client = sign_in(manager)

    def fill(number: int) -> None:
        for _each in range(number):
            freeze(make_team(agency), manager)
            make_nomination(make_cohort(state=CohortState.OPEN), agency)
        hand_over(agency, make_items(number))
        db.session.commit()

    fill(3)
    client.get(f"/agencies/{agency.id}/overview")
    few = count_statements(lambda: client.get(f"/agencies/{agency.id}/overview"))
    fill(9)
    assert count_statements(lambda: client.get(f"/agencies/{agency.id}/overview")) == few
