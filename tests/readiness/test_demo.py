"""The demonstration: the acceptance story's numbers, work for everybody, and never anything but an empty database."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask, current_app
from sqlalchemy import func, select

import accounts.desk
import certification.desk
import curriculum.desk
import equipment.desk
import readiness.desk
from accounts.demo.accounts import DEMO_ACCOUNTS, DEMO_PASSWORD
from accounts.models import Affiliation, Agency, Person, User
from accounts.services import credentials
from accounts.services.credentials import SignInFailed, find_user_by_email
from certification.models import Certificate, CertificateActionState
from certification.services import certificates, issuing
from certification.services.approvals import is_approved, list_approvals
from certification.services.candidates import compute_digest, list_candidates
from certification.status import CertificateStatus
from curriculum.models import (
    Attempt,
    AttemptState,
    Cohort,
    CohortState,
    Enrolment,
    Gate,
    GateState,
    ImportRun,
    ImportState,
    Nomination,
)
from curriculum.services.attempts import list_open_conflicts
from equipment.models import Deed, DeedState, SignatureSide
from equipment.services.deed_files import PRINT_JOB
from equipment.services.ledger import verify_ledger
from foundation import audit, clock
from foundation.audit import AuditEntry
from foundation.db import db
from foundation.desk import Waiting
from foundation.jobs import Job, JobState
from foundation.registry import list_holdings
from foundation.tenancy import EVERYTHING, within
from readiness.assessment import Assessment, Level
from readiness.demo import world
from readiness.demo.world import Content
from readiness.models import Snapshot, Team
from readiness.services import teams
from readiness.services.assessing import assess
from readiness.services.snapshots import REPORT_JOB
from tests.conftest import DATABASES, TestDatabase
from tests.factories.accounts import make_agency
from tests.support.client import sign_in_client


@pytest.fixture(scope="module", params=DATABASES)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The demonstration of scale 1, built once for each kind of database; the tests below only look at it."""
    database = TestDatabase(request.param, tmp_path_factory.mktemp(f"demo-{request.param}"))
    database.reset()
    with database.app.app_context():
        world.build()
        db.session.remove()
    yield database.app
    database.close()


@pytest.fixture
def demo(built: Flask) -> Iterator[Flask]:
    with built.app_context():
        yield built
        db.session.rollback()
        db.session.remove()


def get_cohort(code: str) -> Cohort:
    return db.session.execute(select(Cohort).where(Cohort.code == code)).scalar_one()


def count_by(column: object, cohort: Cohort) -> dict[str, int]:
    model = Nomination if column is Nomination.state else Enrolment
    rows = db.session.execute(select(column).where(model.cohort_id == cohort.id)).scalars()  # type: ignore[call-overload]
    return {state.value: count for state, count in Counter(rows).items()}


def test_numbers_of_the_story_close(demo: Flask) -> None:
    cohort = get_cohort("MCM-201/7")

    assert count_by(Nomination.state, cohort) == {"confirmed": 20, "refused": 3, "withdrawn": 1}
    assert count_by(Enrolment.state, cohort) == {"enrolled": 18, "no_show": 1, "left": 1, "withdrawn": 1}
    candidates = list_candidates(cohort, on=clock.today())
    assert sum(candidate.eligibility.eligible for candidate in candidates) == 17
    assert is_approved(list_approvals(cohort, compute_digest(candidates)))
    assert cohort.state is CohortState.CLOSED


def test_two_of_the_nominees_share_their_name_and_one_serves_two_agencies(demo: Flask) -> None:
    cohort = get_cohort("MCM-201/7")
    of_cohort = select(Nomination.person_id).where(Nomination.cohort_id == cohort.id)
    names = db.session.execute(
        select(Person.folded_latin, func.count())
        .where(Person.id.in_(of_cohort))
        .group_by(Person.folded_latin)
    )
    served = db.session.execute(
        select(Affiliation.person_id)
        .where(Affiliation.person_id.in_(of_cohort))
        .order_by(Affiliation.person_id)
    ).scalars()

    assert sorted(count for _name, count in names) == [1] * 22 + [2]
    assert sorted(Counter(served).values()) == [1] * 23 + [2]


def test_issuing_the_story_cohort_gives_seventeen_numbers_without_gaps(demo: Flask) -> None:
    cohort = get_cohort("MCM-201/7")

    report = issuing.freeze_cohort(cohort.id, actor_id=None)

    numbers = db.session.execute(
        select(Certificate.number).where(Certificate.cohort_id == cohort.id).order_by(Certificate.sequence)
    ).scalars()
    assert list(numbers) == [f"MCM201-7-{number:03d}" for number in range(1, 18)]
    assert (len(report.already), len(report.refused)) == (0, 3)


@pytest.mark.parametrize("account", DEMO_ACCOUNTS, ids=lambda account: account.email)
def test_account_enters_with_the_shared_password_where_it_is_allowed(demo: Flask, account: object) -> None:
    email = account.email  # type: ignore[attr-defined]

    user = credentials.sign_in(email, DEMO_PASSWORD, demo_allowed=True)

    assert user.roles == {account.role}  # type: ignore[attr-defined]
    with pytest.raises(SignInFailed):
        credentials.sign_in(email, DEMO_PASSWORD, demo_allowed=False)


@pytest.mark.parametrize("account", DEMO_ACCOUNTS, ids=lambda account: account.email)
def test_start_page_opens_for_every_account(demo: Flask, account: object) -> None:
    user = find_user_by_email(account.email)  # type: ignore[attr-defined]
    assert user is not None

    assert sign_in_client(demo, user).get("/").status_code == 200


def test_trainee_holds_a_valid_certificate_and_two_others_are_in_doubt(demo: Flask) -> None:
    trainee = find_user_by_email("trainee@cpd.example")
    assert trainee is not None
    held = db.session.execute(select(Certificate).order_by(Certificate.sequence)).scalars().all()
    today = clock.today()

    statuses = [certificates.status_of(certificate.current, on=today) for certificate in held]

    assert Counter(statuses) == {CertificateStatus.VALID: 5, CertificateStatus.REVOKED: 1}
    own = next(certificate for certificate in held if certificate.person_id == trainee.person_id)
    assert certificates.status_of(own.current, on=today) is CertificateStatus.VALID
    assert certificates.read_file(own.current).startswith(b"%PDF")
    proposed = [
        action for one in held for action in one.actions if action.state is CertificateActionState.PROPOSED
    ]
    assert len(proposed) == 1


def test_second_medical_cohort_waits_for_both_approvals(demo: Flask) -> None:
    cohort = get_cohort("MCM-201/8")

    candidates = list_candidates(cohort, on=clock.today())

    assert [candidate.eligibility.eligible for candidate in candidates].count(True) == 9
    assert list_approvals(cohort, compute_digest(candidates)) == []


def test_rescue_cohort_has_sheets_to_sign_and_one_conflict_to_decide(demo: Flask) -> None:
    cohort = get_cohort("U-TEC-310/2")
    drafts = db.session.execute(
        select(Attempt)
        .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
        .where(Enrolment.cohort_id == cohort.id, Attempt.state == AttemptState.DRAFT)
    ).scalars()

    found = [(attempt.evaluator.email, len(list_open_conflicts(attempt))) for attempt in drafts]

    assert sorted(Counter(found).items()) == [
        (("assistant@host.example", 0), 2),
        (("instructor@host.example", 0), 5),
        (("instructor@host.example", 1), 1),
    ]


def test_cyber_cohort_is_open_and_its_gates_are_half_decided(demo: Flask) -> None:
    cohort = get_cohort("Y-INC-220/1")
    query = select(Gate.state).join(Nomination).where(Nomination.cohort_id == cohort.id)

    states = Counter(db.session.execute(query).scalars())

    assert cohort.state is CohortState.OPEN
    assert states == {GateState.OPEN: 32, GateState.CLEARED: 17, GateState.NOT_CLEARED: 1}


def test_sheet_of_the_directorate_is_rehearsed_and_waits(demo: Flask) -> None:
    run = db.session.execute(select(ImportRun)).scalar_one()

    assert run.state is ImportState.REHEARSED
    assert run.counts == {
        "new": 8,
        "known": 2,
        "probable_duplicate": 1,
        "exact_duplicate": 1,
        "error": 2,
    }


def test_trail_of_the_demonstration_is_whole_and_nothing_lies_ahead(demo: Flask) -> None:
    assert audit.verify_chain().problems == ()
    latest = db.session.execute(select(func.max(AuditEntry.at))).scalar_one()
    assert latest <= clock.now()


def test_people_are_enough_to_turn_pages(demo: Flask) -> None:
    rows = db.session.execute(
        select(Agency.code, func.count())
        .join(Affiliation, Affiliation.agency_id == Agency.id)
        .group_by(Agency.code)
    )
    assert {code: count for code, count in rows} == {
        "CPD": 144,
        "UHO": 37,
        "AFET": 40,
        "SGM": 24,
        "BNSP": 40,
        "BPBD": 30,
    }


def test_one_may_lead_and_four_may_sort_before_the_course_and_none_of_them_is_in_it(demo: Flask) -> None:
    cohort = get_cohort("MCM-201/7")
    agency_id = db.session.execute(select(Agency.id).where(Agency.code == "CPD")).scalar_one()
    people = set(
        db.session.execute(select(Affiliation.person_id).where(Affiliation.agency_id == agency_id)).scalars()
    )
    nominees = dict(
        db.session.execute(
            select(Nomination.person_id, Nomination.rank).where(Nomination.cohort_id == cohort.id)
        ).all()
    )
    for on in (cohort.starts_on, clock.today()):
        held = list_holdings(sorted(people), on=on)
        by_code = {
            code: {one.person_id for one in held if one.qualification == code}
            for code in ("M-MIM-320", "M-TRI-101", "MCM-201", "C-FA-110")
        }

        assert len(by_code["M-MIM-320"]) == 1
        assert len(by_code["M-TRI-101"] - set(nominees)) == 4
        assert by_code["M-MIM-320"].isdisjoint(by_code["M-TRI-101"] | set(nominees))
        assert [nominees[one] for one in by_code["M-TRI-101"] & set(nominees)] == [1]
        assert by_code["MCM-201"] == set()
        assert by_code["C-FA-110"] == set(nominees)


def get_team(code: str) -> Team:
    team = teams.find_team(code)
    assert team is not None
    return team


def assess_today(code: str) -> Assessment:
    team = get_team(code)
    return assess(team, team.edition, on=clock.today())


def list_snapshots(code: str) -> list[Assessment]:
    query = select(Snapshot).where(Snapshot.team_id == get_team(code).id).order_by(Snapshot.id)
    return [snapshot.assessment for snapshot in db.session.execute(query).scalars()]


def list_work(email: str) -> list[Waiting]:
    user = find_user_by_email(email)
    assert user is not None
    with current_app.test_request_context("/"), within(EVERYTHING):
        floors = (accounts, curriculum, equipment, certification, readiness)
        return [line for floor in floors for line in floor.desk.list_waiting(user, clock.today())]


def test_team_of_the_story_fills_5_of_18_posts_and_17_once_the_certificates_are_issued(demo: Flask) -> None:
    before = assess_today("CPD-MCM")
    issuing.freeze_cohort(get_cohort("MCM-201/7").id, actor_id=None)
    after = assess_today("CPD-MCM")

    assert [(one.id, one.filled, one.need) for one in before.positions] == [
        ("LDR", 1, 2),
        ("TRI", 4, 4),
        ("RSP", 0, 12),
    ]
    assert (before.filled, after.filled, after.required) == (5, 17, 18)
    (gap,) = after.bottlenecks
    assert (gap.positions, gap.need, gap.qualified, gap.short) == (("LDR",), 2, 1, 1)
    first_nominee = find_user_by_email("trainee@cpd.example")
    assert first_nominee is not None
    assert first_nominee.person_id in {one.person_id for one in gap.candidates}
    for found in (before, after):
        assert (found.items_on_hand, found.items_usable, found.items_required) == (12, 12, 12)


def test_history_of_the_team_tells_of_no_item_before_the_course_and_twelve_since(demo: Flask) -> None:
    kept = list_snapshots("CPD-MCM")

    assert [(one.filled, one.items_on_hand) for one in kept] == [(4, 0), (5, 0), (5, 0), (5, 12)]
    begins = get_cohort("MCM-201/7").starts_on
    assert [one.on < begins for one in kept] == [True, True, True, False]


def test_other_teams_are_filled_in_part_and_each_has_a_history(demo: Flask) -> None:
    found = {code: assess_today(code) for code in ("AFET-USAR", "UHO-EMT", "SGM-CIRT", "BNSP-MCM")}

    assert {code: (one.filled, one.required) for code, one in found.items()} == {
        "AFET-USAR": (21, 40),
        "UHO-EMT": (12, 15),
        "SGM-CIRT": (9, 15),
        "BNSP-MCM": (17, 18),
    }
    assert {code: len(list_snapshots(code)) for code in found} == {
        "AFET-USAR": 4,
        "UHO-EMT": 3,
        "SGM-CIRT": 2,
        "BNSP-MCM": 2,
    }
    assert {code for code, one in found.items() if one.level is not Level.NOT_READY} == {"BNSP-MCM"}
    assert all(one.exercises and one.items_usable for one in found.values())
    assert all(any(line.state == "met" for line in one.requirements) for one in found.values())


def test_deed_of_the_story_has_twelve_serials_and_two_hundred_tags_and_both_signatures(demo: Flask) -> None:
    cohort = get_cohort("MCM-201/7")
    deed = db.session.execute(select(Deed).where(Deed.cohort_id == cohort.id)).scalar_one()

    assert deed.agency.code == "CPD"
    assert deed.closed_on == cohort.starts_on
    assert Counter(line.thing.item_type.code for line in deed.lines) == {
        "TRIAGE-KIT": 4,
        "RADIO-VHF": 6,
        "SUCTION-UNIT": 2,
        "TRIAGE-TAG": 1,
    }
    assert sum(line.quantity for line in deed.lines if line.lot) == 200
    assert {one.side for one in deed.signatures} == set(SignatureSide)


def test_deeds_wait_for_signatures_and_the_custody_ledger_is_whole(demo: Flask) -> None:
    states = Counter(db.session.execute(select(Deed.state)).scalars())

    assert states == {DeedState.CLOSED: 7, DeedState.ISSUED: 2, DeedState.DRAFT: 1}
    assert verify_ledger().problems == ()


def test_what_takes_long_to_print_is_left_to_the_worker(demo: Flask) -> None:
    query = select(Job.kind, func.count()).where(Job.state == JobState.QUEUED).group_by(Job.kind)

    assert {kind: count for kind, count in db.session.execute(query)} == {PRINT_JOB: 7, REPORT_JOB: 1}


def test_quartermaster_finds_deeds_to_sign_a_draft_a_case_inspections_and_an_overdue_return(
    demo: Flask,
) -> None:
    lines = list_work("quartermaster@host.example")
    today = clock.today()

    by_act = Counter(line.act for line in lines)
    assert (by_act["Issue"], by_act["Sign"], by_act["Decide"], by_act["Inspect"]) == (1, 2, 1, 1)
    returns = [line for line in lines if line.act is None]
    assert [(line.count, line.due_on is not None and line.due_on < today) for line in returns] == [
        (6, True),
        (8, False),
    ]


def test_manager_and_officers_find_the_teams_that_are_not_ready(demo: Flask) -> None:
    of_manager = " ".join(line.sentence for line in list_work("manager@host.example"))
    of_officer = " ".join(line.sentence for line in list_work("officer@cpd.example"))

    assert "Mass-casualty team is not ready: People 5/18." in of_manager
    assert "Search and rescue team of the coast is not ready" in of_manager
    assert "can be issued" in of_manager
    assert "Mass-casualty team is not ready" in of_officer


def run_demo(
    app: Flask, monkeypatch: pytest.MonkeyPatch, *arguments: str, **settings: object
) -> tuple[int, str]:
    config = replace(app.extensions["ijaza_config"], **{"demo": None, **settings})
    monkeypatch.setitem(app.extensions, "ijaza_config", config)
    result = app.test_cli_runner().invoke(args=["demo", *arguments])
    return result.exit_code, result.output + (result.stderr if result.stderr_bytes else "")


def test_command_leaves_a_demonstration_alone(demo: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    code, said = run_demo(demo, monkeypatch)
    assert code == 1
    assert "holds the demonstration already" in said

    assert run_demo(demo, monkeypatch, "--if-empty")[0] == 0


def test_accounts_of_a_whole_demonstration_are_told_again(
    demo: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(demo.extensions, "ijaza_config", replace(demo.extensions["ijaza_config"], demo=None))
    command = demo.cli.commands["demo"]

    told = command.main(["--if-empty"], prog_name="demo", standalone_mode=False)

    assert [line.split()[0] for line in told] == [account.email for account in DEMO_ACCOUNTS]


def test_command_refuses_a_database_that_holds_something(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    make_agency("CPD")
    db.session.commit()

    code, said = run_demo(app, monkeypatch)

    assert code == 1
    assert "not empty" in said
    assert run_demo(app, monkeypatch, "--if-empty") == (0, "")
    assert db.session.execute(select(func.count(User.id))).scalar_one() == 0


def test_command_names_a_build_that_was_interrupted(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    audit.record(world.BEGUN, make_agency("CPD"), actor=None)
    db.session.commit()
    assert world.look_at_database() is Content.HALF_A_DEMO

    code, said = run_demo(app, monkeypatch)

    assert code == 1
    assert "interrupted" in said


@pytest.mark.parametrize("settings", [{"demo": False}, {"env": "production"}])
def test_command_refuses_where_no_demonstration_is_allowed(
    app: Flask, monkeypatch: pytest.MonkeyPatch, settings: dict[str, object]
) -> None:
    assert run_demo(app, monkeypatch, **settings)[0] == 1
    assert world.look_at_database() is Content.EMPTY
