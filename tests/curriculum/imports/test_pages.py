"""Import of personnel in the pages: the officer's way from the sheet to the people, and every door that stays shut."""

import io
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.demo.people import STORY_KNOWN
from accounts.models import Agency, Person, User
from accounts.permissions import Role
from accounts.services.persons import register_persons
from curriculum.models import (
    Cohort,
    CohortState,
    ImportRow,
    ImportRun,
    ImportState,
    Nomination,
    RowClass,
    RowDecision,
)
from curriculum.personnel.problems import Refusal, describe_refusal
from curriculum.services import imports
from foundation import clock, jobs
from foundation.audit import AuditEntry
from foundation.db import db
from foundation.mail import OutboxMail
from tests.factories.accounts import make_agency, make_agreement, make_officer, make_user
from tests.support import hostile_sheets
from tests.support.client import LintingClient
from tests.support.story_sheet import (
    correct_story_workbook,
    csv_bytes,
    known_values,
    story_csv,
    story_xlsx,
)

HEADINGS = ["family_name", "given_names", "birth_date"]
SignIn = Callable[[User], LintingClient]


@pytest.fixture
def hospital(app: Flask) -> User:
    """The officer of agency UHO, which the physician of the story serves."""
    agency = make_agency("UHO")
    make_agreement(agency)
    return make_officer(agency)


@pytest.fixture
def officer(hospital: User) -> User:
    agency = make_agency("CPD")
    make_agreement(agency)
    officer = make_officer(agency)
    for person in STORY_KNOWN:
        owner = agency if person.agencies == ("CPD",) else hospital.agency
        assert owner is not None
        register_persons([known_values(person)], agency=owner, actor=None)
    db.session.commit()
    return officer


def send(
    client: LintingClient,
    data: bytes,
    name: str = "nominees.xlsx",
    *,
    cohort: Cohort | None = None,
    **fields: str,
) -> int:
    """Send a sheet by the form and let the worker rehearse it; return the run's id."""
    form = {"file": (io.BytesIO(data), name), "cohort": str(cohort.id) if cohort else "", **fields}
    response = client.post("/imports/new", data=form, content_type="multipart/form-data")
    assert response.status_code == 303, response.get_data(as_text=True)
    jobs.run_pending()
    return int(response.location.rsplit("/", 1)[1])


def get_run(run_id: int) -> ImportRun:
    return db.session.get_one(ImportRun, run_id)


def count(model: type) -> int:
    return db.session.execute(select(func.count(model.id))).scalar_one()  # type: ignore[attr-defined]


def find_row(run_id: int, row_class: RowClass) -> ImportRow:
    query = select(ImportRow).where(ImportRow.run_id == run_id, ImportRow.row_class == row_class)
    return db.session.execute(query).scalars().first()  # type: ignore[return-value]


def test_story_from_the_arabic_sheet_to_24_nominees(officer: User, cohort: Cohort, sign_in: SignIn) -> None:
    client = sign_in(officer)
    run_id = send(client, story_csv(), "المرشحون.csv", cohort=cohort)

    page = client.get(f"/imports/{run_id}").get_data(as_text=True)
    assert "Windows-1256" in page
    assert "One person or two?" in page
    assert "/write/good" in page
    probable = find_row(run_id, RowClass.PROBABLE_DUPLICATE)
    client.post(f"/imports/{run_id}/decisions", data={f"row-{probable.row}": "same"})
    workbook = client.get(f"/imports/{run_id}/errors.xlsx").data
    confirmation = client.get(f"/imports/{run_id}/write/good").get_data(as_text=True)
    assert "Write 24 rows" in confirmation
    assert "2 rows are left out" in confirmation
    client.post(f"/imports/{run_id}/write/good")
    jobs.run_pending()
    assert get_run(run_id).written == 19

    corrected = send(client, correct_story_workbook(workbook), "to correct.xlsx", cohort=cohort)
    assert get_run(corrected).counts["new"] == 2
    client.post(f"/imports/{corrected}/write/all")
    jobs.run_pending()

    assert get_run(corrected).state is ImportState.WRITTEN
    assert count(Person) == 24
    ranks = db.session.execute(select(Nomination.rank).order_by(Nomination.rank)).scalars().all()
    assert list(ranks) == list(range(1, 25))
    assert "2 people were put on record" in client.get(f"/imports/{corrected}").get_data(as_text=True)


def test_file_with_an_arabic_name_gives_its_workbook_back_under_that_name(
    officer: User, cohort: Cohort, sign_in: SignIn
) -> None:
    client = sign_in(officer)
    run_id = send(client, story_csv(), "مرشحون.csv", cohort=cohort)

    header = client.get(f"/imports/{run_id}/errors.xlsx").headers["Content-Disposition"]

    assert header.isascii()
    assert quote("مرشحون") in header


def test_person_of_another_agency_is_known_and_nothing_else_and_its_officer_is_told(
    officer: User, hospital: User, sign_in: SignIn
) -> None:
    physician = next(person for person in STORY_KNOWN if person.agencies != ("CPD",))
    client = sign_in(officer)
    run_id = send(client, story_xlsx())
    reference = db.session.execute(
        select(Person.public_ref).where(Person.email == physician.email)
    ).scalar_one()

    page = client.get(f"/imports/{run_id}?class=known").get_data(as_text=True)
    assert "Known person." in page
    assert reference not in page
    assert "UHO" not in page
    assert count(OutboxMail) == 0
    entry = db.session.execute(select(AuditEntry).where(AuditEntry.action == "import:rehearsed")).scalar_one()
    assert entry.changes["known_elsewhere"] == [None, 1]

    client.post(f"/imports/{run_id}/write/good")
    jobs.run_pending()
    letter = db.session.execute(select(OutboxMail)).scalar_one()
    assert letter.to == hospital.email
    assert physician.family_name in letter.body_text
    assert "CPD" not in letter.body_text + letter.body_html + letter.subject


def test_probable_duplicate_of_another_agency_shows_no_more_than_known(
    officer: User, hospital: User, sign_in: SignIn
) -> None:
    physician = next(person for person in STORY_KNOWN if person.agencies != ("CPD",))
    row = [f"{physician.family_name}x", physician.given_names, physician.birth_date.isoformat()]
    heading = [*HEADINGS, "document_type", "document_issuer", "document_number"]
    line = [*row, physician.document_type, physician.document_issuer, physician.document_number]
    client = sign_in(officer)
    run_id = send(client, csv_bytes([heading, line]), "people.csv")

    page = client.get(f"/imports/{run_id}").get_data(as_text=True)
    assert get_run(run_id).counts["probable_duplicate"] == 1
    assert "Known person." in page
    assert f">{physician.family_name}<" not in page
    assert "The document is the same" not in page


@pytest.mark.parametrize(
    ("data", "name", "refusal"),
    [
        (b"", "people.csv", Refusal.EMPTY),
        (b"%PDF-1.7 a paper", "people.pdf", Refusal.NOT_A_SHEET),
        (hostile_sheets.zip_bomb(), "people.xlsx", Refusal.UNPACKED_TOO_BIG),
        (hostile_sheets.macro_workbook(), "people.xlsx", Refusal.MACRO),
        (hostile_sheets.macro_type(), "people.xlsx", Refusal.MACRO),
        (hostile_sheets.entity_bomb(), "people.xlsx", Refusal.FORBIDDEN_XML),
        (b"name;colour\r\nAnn;red\r\n", "people.csv", Refusal.NO_HEADINGS),
    ],
)
def test_hostile_or_useless_file_is_refused_beside_its_field_and_nothing_is_kept(
    officer: User, sign_in: SignIn, data: bytes, name: str, refusal: Refusal
) -> None:
    form = {"file": (io.BytesIO(data), name), "cohort": ""}
    response = sign_in(officer).post("/imports/new", data=form, content_type="multipart/form-data")

    assert response.status_code == 422
    page = response.get_data(as_text=True)
    assert describe_refusal(refusal, {"limit": 10, "columns": ""})[:30] in page
    assert 'href="#file"' in page
    assert (count(ImportRun), count(ImportRow), count(Person)) == (0, 0, 3)


def test_no_file_and_unknown_choices_are_refused(officer: User, sign_in: SignIn) -> None:
    client = sign_in(officer)
    assert client.post("/imports/new", data={"cohort": ""}).status_code == 422
    form = {"file": (io.BytesIO(story_xlsx()), "a.xlsx"), "cohort": "", "encoding": "ebcdic"}
    response = client.post("/imports/new", data=form, content_type="multipart/form-data")
    assert (response.status_code, count(ImportRun)) == (422, 0)


def body_of(size: int) -> dict[str, object]:
    """Return a request whose file has so many bytes, made by hand so that nothing of it is spooled to a disk."""
    head = b'--seam\r\nContent-Disposition: form-data; name="file"; filename="people.csv"\r\n\r\n'
    tail = b'\r\n--seam\r\nContent-Disposition: form-data; name="cohort"\r\n\r\n\r\n--seam--\r\n'
    return {"data": head + b"a" * size + tail, "content_type": "multipart/form-data; boundary=seam"}


def test_file_just_above_the_limit_is_refused_with_a_sentence_and_a_huge_one_unread(
    officer: User, sign_in: SignIn
) -> None:
    client = sign_in(officer)
    response = client.post("/imports/new", **body_of(10 * 1024 * 1024 + 1))  # type: ignore[arg-type]
    assert response.status_code == 422
    assert "larger than 10 MB" in response.get_data(as_text=True)

    response = client.post("/imports/new", **body_of(12 * 1024 * 1024))  # type: ignore[arg-type]
    assert response.status_code == 413
    assert "too large" in response.get_data(as_text=True)


def test_other_pages_keep_their_small_limit(officer: User, sign_in: SignIn) -> None:
    response = sign_in(officer).post("/imports/1/discard", **body_of(3 * 1024 * 1024))  # type: ignore[arg-type]
    assert response.status_code == 413


def test_formula_in_a_cell_is_an_error_of_that_row_alone(officer: User, sign_in: SignIn) -> None:
    rows = [HEADINGS, ["=HYPERLINK(0)", "Ann", "1990-01-01"], ["Berg", "Ann", "1990-01-02"]]
    client = sign_in(officer)
    run_id = send(client, csv_bytes(rows), "people.csv")

    assert (get_run(run_id).counts["error"], get_run(run_id).counts["new"]) == (1, 1)
    page = client.get(f"/imports/{run_id}?class=error").get_data(as_text=True)
    assert "is a formula" in page
    assert "family_name" in page


ROUTES = [
    ("get", ""),
    ("get", "/progress"),
    ("get", "/errors.xlsx"),
    ("get", "/write/all"),
    ("get", "/write/good"),
    ("get", "/discard"),
    ("post", "/read-again"),
    ("post", "/decisions"),
    ("post", "/write/all"),
    ("post", "/write/good"),
    ("post", "/discard"),
    ("post", "/try-again"),
]


def test_run_of_another_agency_is_not_found_on_any_route(
    officer: User, hospital: User, sign_in: SignIn
) -> None:
    run_id = send(sign_in(officer), story_xlsx())
    stranger = sign_in(hospital)

    for method, path in ROUTES:
        foreign = getattr(stranger, method)(f"/imports/{run_id}{path}")
        missing = getattr(stranger, method)(f"/imports/999999{path}")
        assert (path, foreign.status_code, missing.status_code) == (path, 404, 404)
    assert "nominees.xlsx" not in stranger.get("/imports").get_data(as_text=True)
    assert get_run(run_id).state is ImportState.REHEARSED


def test_manager_and_auditor_read_but_do_not_act(officer: User, sign_in: SignIn) -> None:
    run_id = send(sign_in(officer), story_xlsx())
    for role in (Role.PROGRAMME_MANAGER, Role.AUDITOR):
        reader = sign_in(make_user(role))
        assert "nominees.xlsx" in reader.get("/imports").get_data(as_text=True)
        page = reader.get(f"/imports/{run_id}").get_data(as_text=True)
        assert "/write/" not in page
        assert "/discard" not in page
        for method, path in ROUTES[2:]:
            assert getattr(reader, method)(f"/imports/{run_id}{path}").status_code == 403
        assert reader.get("/imports/new").status_code == 403
    assert sign_in(make_user(Role.INSTRUCTOR)).get("/imports").status_code == 403


def test_confirmation_sent_twice_is_a_conflict_and_writes_once(
    officer: User, cohort: Cohort, sign_in: SignIn
) -> None:
    colleague = make_officer(officer.agency)  # type: ignore[arg-type]
    first, second = sign_in(officer), sign_in(colleague)
    run_id = send(first, story_xlsx(), cohort=cohort)

    assert first.post(f"/imports/{run_id}/write/good").status_code == 303
    for client, path in (
        (first, "write/good"),
        (second, "write/all"),
        (second, "discard"),
        (second, "decisions"),
    ):
        assert client.post(f"/imports/{run_id}/{path}").status_code == 409
    jobs.run_pending()

    assert first.post(f"/imports/{run_id}/write/good").status_code == 409
    assert (count(Person), count(Nomination)) == (22, 22)


def test_requests_without_a_token_change_nothing(officer: User, sign_in: SignIn) -> None:
    client = sign_in(officer)
    run_id = send(client, story_xlsx())
    for path in ("write/good", "discard", "decisions", "read-again", "try-again"):
        assert client.post(f"/imports/{run_id}/{path}", with_token=False).status_code == 400
    form = {"file": (io.BytesIO(story_xlsx()), "again.xlsx"), "cohort": ""}
    response = client.post("/imports/new", data=form, content_type="multipart/form-data", with_token=False)
    assert (response.status_code, count(ImportRun)) == (400, 1)
    assert get_run(run_id).state is ImportState.REHEARSED


def test_file_written_before_is_pointed_out_and_adds_nobody(officer: User, sign_in: SignIn) -> None:
    client = sign_in(officer)
    data = story_xlsx()
    first = send(client, data)
    client.post(f"/imports/{first}/write/good")
    jobs.run_pending()
    second = send(client, data, "the same again.xlsx")

    page = client.get(f"/imports/{second}").get_data(as_text=True)
    assert "This very file was written" in page
    assert f'href="/imports/{first}"' in page
    client.post(f"/imports/{second}/write/good")
    jobs.run_pending()
    assert (get_run(second).written, count(Person)) == (0, 22)


def test_forty_first_sheet_within_an_hour_is_refused_until_later(officer: User, sign_in: SignIn) -> None:
    client = sign_in(officer)
    run_id = send(client, story_xlsx())
    first = get_run(run_id)
    for _number in range(imports.UPLOADS_AN_HOUR - 1):
        values = {c.name: getattr(first, c.name) for c in ImportRun.__table__.columns if c.name != "id"}
        db.session.add(ImportRun(**values))
    db.session.commit()
    form = {"file": (io.BytesIO(story_xlsx()), "a.xlsx"), "cohort": ""}
    response = client.post("/imports/new", data=form, content_type="multipart/form-data")
    assert response.status_code == 429
    assert "40 sheets within an hour" in response.get_data(as_text=True)
    assert count(ImportRun) == 40

    with clock.frozen_at(clock.now() + timedelta(minutes=61)):
        send(sign_in(officer), story_xlsx(), "later.xlsx")


def test_read_again_with_another_order_of_dates(officer: User, sign_in: SignIn) -> None:
    rows = [HEADINGS, ["Berg", "Ann", "03/04/1990"]]
    client = sign_in(officer)
    run_id = send(client, csv_bytes(rows), "people.csv")
    assert "1 birth date could be read in another order" in client.get(f"/imports/{run_id}").get_data(
        as_text=True
    )
    assert find_row(run_id, RowClass.NEW).shown["birth_date"] == "1990-04-03"

    client.post(f"/imports/{run_id}/read-again", data={"encoding": "", "date_order": "mdy"})
    jobs.run_pending()
    assert find_row(run_id, RowClass.NEW).shown["birth_date"] == "1990-03-04"
    assert client.post(f"/imports/{run_id}/read-again", data={"date_order": "xyz"}).status_code == 422


def test_discarded_sheet_keeps_no_names_and_cannot_be_written(officer: User, sign_in: SignIn) -> None:
    client = sign_in(officer)
    run_id = send(client, story_xlsx())
    assert client.get(f"/imports/{run_id}/discard").status_code == 200
    assert client.post(f"/imports/{run_id}/discard").status_code == 303

    assert (count(ImportRow), count(Person)) == (0, 3)
    assert client.post(f"/imports/{run_id}/write/good").status_code == 409
    assert client.get(f"/imports/{run_id}/errors.xlsx").status_code == 404
    assert client.get(f"/imports/{run_id}").status_code == 200


def test_rows_are_paged_and_cost_the_same_number_of_statements(
    officer: User, sign_in: SignIn, count_statements: Callable[[Callable[[], object]], int]
) -> None:
    client = sign_in(officer)

    def sheet(rows: int) -> bytes:
        lines = [["Berg", "Ann", f"{1950 + n // 12}-{1 + n % 12:02d}-03"] for n in range(rows)]
        return csv_bytes([HEADINGS, *lines])

    few, many = send(client, sheet(3), "few.csv"), send(client, sheet(60), "many.csv")
    page = client.get(f"/imports/{many}").get_data(as_text=True)
    assert page.count('data-label="Row"') == 50
    assert "after=" in page
    statements = [count_statements(lambda run=run: client.get(f"/imports/{run}")) for run in (few, many)]  # type: ignore[misc]
    assert statements[0] == statements[1]


@pytest.fixture
def count_statements(app: Flask) -> Callable[[Callable[[], object]], int]:
    from sqlalchemy import event

    def run(work: Callable[[], object]) -> int:
        seen: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            work()
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    return run


def test_progress_answers_the_fragment_until_the_work_is_done(officer: User, sign_in: SignIn) -> None:
    client = sign_in(officer)
    form = {"file": (io.BytesIO(story_xlsx()), "a.xlsx"), "cohort": ""}
    response = client.post("/imports/new", data=form, content_type="multipart/form-data")
    page = client.get(response.location).get_data(as_text=True)
    assert f'data-progress-url="{response.location}/progress"' in page
    jobs.run_pending()
    fragment = client.get(f"{response.location}/progress").get_data(as_text=True)
    assert "data-progress-url" not in fragment
    assert "See the result" in fragment


def test_stopped_rehearsal_can_go_on(officer: User, sign_in: SignIn) -> None:
    client = sign_in(officer)
    form = {"file": (io.BytesIO(story_xlsx()), "a.xlsx"), "cohort": ""}
    location = client.post("/imports/new", data=form, content_type="multipart/form-data").location
    run = db.session.execute(select(ImportRun)).scalar_one()
    job = imports.find_job(run)
    assert job is not None
    assert client.post(f"{location}/try-again").status_code == 409
    job = imports.find_job(run)
    assert job is not None
    job.state = jobs.JobState.DEAD
    db.session.commit()
    assert "Go on" in client.get(location).get_data(as_text=True)
    client.post(f"{location}/try-again")
    jobs.run_pending()
    assert db.session.execute(select(ImportRun.state)).scalar_one() is ImportState.REHEARSED


@pytest.mark.parametrize("language", ["en", "ar", "fr"])
def test_template_comes_in_the_readers_language_and_is_read_back(
    officer: User, sign_in: SignIn, language: str
) -> None:
    from curriculum.personnel.sheets import open_sheet

    officer.language = language
    db.session.commit()
    client = sign_in(officer)
    for kind in ("csv", "xlsx"):
        response = client.get(f"/imports/template.{kind}")
        assert response.headers["Content-Disposition"] == f"attachment; filename=personnel-{language}.{kind}"
        assert len(open_sheet(response.data).columns.positions) == 13
    assert client.get("/imports/template.exe").status_code == 404


def test_cohort_that_takes_no_nominations_is_refused_before_reading(
    officer: User, cohort: Cohort, sign_in: SignIn
) -> None:
    cohort.state = CohortState.CLOSED
    db.session.commit()
    client = sign_in(officer)
    assert client.get(f"/imports/new?cohort_id={cohort.id}").status_code == 409
    assert client.get("/imports/new?cohort_id=99999").status_code == 404
    form = {"file": (io.BytesIO(story_xlsx()), "a.xlsx"), "cohort": str(cohort.id)}
    response = client.post("/imports/new", data=form, content_type="multipart/form-data")
    assert (response.status_code, count(ImportRun)) == (422, 0)


def test_decision_for_a_row_that_is_no_duplicate_is_passed_over(officer: User, sign_in: SignIn) -> None:
    client = sign_in(officer)
    run_id = send(client, story_xlsx())
    error, probable = find_row(run_id, RowClass.ERROR), find_row(run_id, RowClass.PROBABLE_DUPLICATE)
    data = {
        f"row-{error.row}": "different",
        f"row-{probable.row}": "different",
        "row-x": "same",
        "row-9": "maybe",
    }
    client.post(f"/imports/{run_id}/decisions", data=data)

    assert find_row(run_id, RowClass.ERROR).decision is None
    assert find_row(run_id, RowClass.PROBABLE_DUPLICATE).decision is RowDecision.DIFFERENT
    assert isinstance(officer.agency, Agency)
