"""The whole main job, as its people do it: from a spreadsheet to a certificate that anybody can check, and to its revocation.

One installation with real processes, real files and a real browser; on PostgreSQL two webs and two workers behind one port, of
which one each is lost on the way. What is tedious for a person (the twentieth sheet of marks) is sent by the same addresses with
the same person's session; the first of each kind is done by hand in the page.
"""

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from pathlib import Path
from unicodedata import normalize

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from certification.models import Certificate
from curriculum.models import (
    Assessment,
    Attempt,
    AttemptState,
    Cohort,
    Enrolment,
    EnrolmentState,
    Gate,
    GateKind,
    GateState,
    Nomination,
)
from foundation import clock
from foundation.audit import verify_chain
from foundation.db import db
from tests.conftest import POSTGRES
from tests.factories.story import PASSWORD, Story, let_days_pass, make_story
from tests.journeys import handover, readiness
from tests.journeys.device import SLOW, Device
from tests.support.installation import Installation, installation
from tests.support.postgres import fresh_database
from tests.support.replicas import Replicas, replicas
from tests.support.story_sheet import correct_story_workbook, story_xlsx
from tests.support.waiting import eventually

pytestmark = pytest.mark.browser
BIDI_CONTROLS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]")
LEFT, NO_SHOW, FAILS_PAPER = 3, 5, 8
CERTIFIED = 17


@pytest.fixture(
    params=["sqlite", pytest.param("replicas", marks=pytest.mark.postgres)] if POSTGRES else ["sqlite"]
)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    if request.param == "sqlite":
        with installation(tmp_path) as made:
            yield made
        return
    with fresh_database() as url, replicas(tmp_path, url) as made:
        yield made


@pytest.fixture
def story(server: Installation) -> Story:
    with server.app.app_context():
        made = make_story()
        db.session.remove()
        db.engine.dispose()
    server.start()
    return made


@pytest.fixture
def device(browser: Browser, server: Installation, tmp_path: Path) -> Iterator[Callable[[], Device]]:
    """Return a function that gives somebody a browser of his own."""
    pictures = Path(os.environ.get("IJAZA_SCREENSHOTS") or tmp_path / "pictures")
    pictures.mkdir(parents=True, exist_ok=True)
    faults: list[str] = []
    made: list[Device] = []

    def start() -> Device:
        made.append(Device(browser, server.url, pictures, faults))
        return made[-1]

    yield start
    for one in made:
        one.context.close()
    assert faults == []


def test_from_the_spreadsheet_to_a_certificate_and_to_its_revocation(
    server: Installation, story: Story, device: Callable[[], Device], tmp_path: Path
) -> None:
    journey = Journey(server, story, device, tmp_path)
    journey.import_people()
    journey.form_team()
    journey.clear_gates()
    journey.confirm_seats()
    journey.teach()
    journey.hand_over()
    journey.assess()
    if isinstance(server, Replicas):
        assert all(server.balancer.served.get(port) for port in server.webs)
        server.lose_one()
    journey.approve_and_issue()
    journey.measure()
    journey.collect()
    journey.check_the_paper()
    journey.revoke()
    with server.app.app_context():
        assert verify_chain().problems == ()


class Journey:
    """The stations in their order; each leaves behind what the next one finds."""

    def __init__(
        self, server: Installation, story: Story, device: Callable[[], Device], folder: Path
    ) -> None:
        self.server, self.story, self.device, self.folder = server, story, device, folder
        self.cohort = f"/cohorts/{story.cohort_id}"
        self.officer = device().sign_in(story.officer)
        self.people: dict[str, Device] = {}
        self.pdf = folder / "certificate.pdf"
        self.certificate_id = 0
        self.names = ("", "")
        self.code = ""
        self.team = ""

    def staff(self, key: str) -> Device:
        if key not in self.people:
            self.people[key] = self.device().sign_in(self.story.staff[key])
        return self.people[key]

    # --- an agency's officer brings her people -----------------------------------------------------------------------

    def import_people(self) -> None:
        officer = self.officer
        page = self._send(story_xlsx(), "nominees.xlsx")
        officer.station("01-rehearsal")
        for count, word in (
            (19, "New"),
            (3, "Known"),
            (1, "Repeated"),
            (1, "Probable duplicate"),
            (2, "Error"),
        ):
            expect(page.locator(".figures")).to_contain_text(re.compile(rf"{count}\s*{word}"))
        page.locator("input[type=radio][value=same]").check()
        officer.press("Save the decisions")
        officer.follow(re.compile("Write the .* good rows"))
        officer.press(re.compile("Write .* rows"))
        self._await_result(page)
        expect(page.locator("main")).to_contain_text("put on record")
        officer.station("02-written")
        with page.expect_download() as download:
            page.get_by_role("link", name="Download the rows to correct").click()
        corrected = correct_story_workbook(Path(download.value.path()).read_bytes())
        page = self._send(corrected, "nominees corrected.xlsx")
        officer.follow(re.compile("Write all .* rows"))
        officer.press(re.compile("Write .* rows"))
        self._await_result(page)
        expect(page.locator("main")).to_contain_text("put on record")
        officer.open(f"{self.cohort}/people")
        officer.station("03-nominees")
        with self.server.app.app_context():
            assert db.session.query(Nomination).filter_by(cohort_id=self.story.cohort_id).count() == 24

    def _send(self, data: bytes, name: str) -> Page:
        page = self.officer.open("/imports/new")
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        page.set_input_files("input[name=file]", {"name": name, "mimeType": kind, "buffer": data})
        page.select_option("select[name=cohort]", str(self.story.cohort_id))
        self.officer.press("Rehearse")
        self._await_result(page)
        return page

    def _await_result(self, page: Page) -> None:
        """Watch the progress of a background job to its end, and follow it to what came of it."""
        expect(page.get_by_role("link", name="See the result")).to_be_visible(timeout=SLOW)
        with page.expect_navigation():
            page.get_by_role("link", name="See the result").click()

    def _await(self, page: Page, text: str) -> None:
        expect(page.locator("main")).to_contain_text(text, timeout=SLOW)

    # --- is the team ready? -------------------------------------------------------------------------------------------

    def form_team(self) -> None:
        self.team = readiness.form_team(self.officer, today=clock.today().isoformat())
        expect(self.officer.page.locator("main")).to_contain_text("people are in the team")
        texts = readiness.measure(self.officer, self.team, station="25-before")
        self._read_reports(texts, positions=5, items=0)

    def measure(self) -> None:
        """17 of the course's trainees hold the certificate now: what is left is one leader, and somebody could become it."""
        texts = readiness.measure(self.officer, self.team, station="36-after")
        self._read_reports(texts, positions=17, items=12)

    def _read_reports(self, texts: dict[str, str], *, positions: int, items: int) -> None:
        """Each language says the two figures, names the missing leader, and who is nearest to that post."""
        for code, of, leader in (
            ("en", "of", "Mass-casualty team leader"),
            ("fr", "sur", "Chef d’équipe d’afflux de victimes"),
            ("ar", "من", "قائد فريق الإصابات الجماعية"),
        ):
            text = texts[code]
            for part, whole in ((positions, 18), (items, 12)):
                # In Arabic the reader of the paper finds commas before, and words without a blank after their numbers.
                assert re.search(rf"(?<!\d){part}\W*{of}\W*{whole}(?!\d)", text), (code, part, whole, text)
            assert leader in text and "M-MIM-320" in text, (code, text)

    # --- equipment, day 1 ---------------------------------------------------------------------------------------------

    def hand_over(self) -> None:
        quartermaster = self.staff("quartermaster")
        serials = handover.fill_the_store(quartermaster)
        texts = handover.hand_over(
            quartermaster, agency_id=self.story.agency_id, cohort_id=self.story.cohort_id, folder=self.folder
        )
        for text in texts.values():
            assert [serial for serial in serials if serial not in text] == []
            assert "TT-2026-A" in text and handover.RECEIVER in text and "D-20" in text
        assert "مديرية الدفاع المدني" in texts["ar"]
        readiness.allot_everything(self.officer, self.team)

    # --- three offices look at each nominee --------------------------------------------------------------------------

    def clear_gates(self) -> None:
        with self.server.app.app_context():
            query = (
                select(Gate.id, Gate.kind, Nomination.rank)
                .join(Nomination, Nomination.id == Gate.nomination_id)
                .where(Nomination.cohort_id == self.story.cohort_id)
                .order_by(Nomination.rank)
            )
            gates = {(kind, rank): gate_id for gate_id, kind, rank in db.session.execute(query)}
        director = self.staff("director")
        page = director.open("/gates")
        director.station("04-gates")
        clearable = [
            gate_id
            for (kind, _rank), gate_id in gates.items()
            if kind not in (GateKind.MEDICAL, GateKind.VETTING)
        ]
        page.locator("tbody input[type=checkbox]").first.check()
        director.press("Clear")
        director.station("05-clear")
        director.press(re.compile("^Clear"))
        for gate_id in clearable:
            self._decide(director, gate_id, GateState.CLEARED)
        medical, vetting = self.staff("medical"), self.staff("vetting")
        page = medical.open(f"/gates/{gates[GateKind.MEDICAL, 8]}")
        page.check("input[name=decision][value=not_cleared]")
        page.fill("textarea[name=reason]", "Surgery is planned. To be seen again after three months.")
        medical.station("06-medical")
        medical.send()
        for rank in range(1, 25):
            if rank != 8:
                self._decide(medical, gates[GateKind.MEDICAL, rank], GateState.CLEARED)
            if rank == 15:
                reason = "The references could not be confirmed."
                self._decide(vetting, gates[GateKind.VETTING, rank], GateState.NOT_CLEARED, reason)
            elif rank != 22:
                self._decide(vetting, gates[GateKind.VETTING, rank], GateState.CLEARED)

    def _decide(self, device: Device, gate_id: int, decision: GateState, reason: str = "") -> None:
        device.post(f"/gates/{gate_id}", {"decision": decision.value, "reason": reason})

    # --- seats, a withdrawal, and the one who waited -----------------------------------------------------------------

    def confirm_seats(self) -> None:
        manager = self.staff("manager")
        manager.open(f"{self.cohort}/seats")
        manager.station("07-seats")
        manager.press("Confirm 20 seats")
        self._await(manager.page, "20 seats are confirmed")
        with self.server.app.app_context():
            nomination_id = db.session.execute(
                select(Nomination.id).where(
                    Nomination.cohort_id == self.story.cohort_id, Nomination.rank == 10
                )
            ).scalar_one()
        page = self.officer.open(f"/nominations/{nomination_id}/withdraw")
        page.fill("textarea[name=reason]", "Called to a national exercise.")
        self.officer.station("08-withdraw")
        self.officer.send()
        self._await(page, "is withdrawn")
        assert len(self._enrolled()) == 20
        with self.server.app.app_context():
            let_days_pass(self.story.cohort_id, 20)
            db.session.remove()
        manager.open(f"{self.cohort}/move/running")
        manager.press("Begin the cohort")
        manager.station("09-running")

    def _enrolled(self) -> list[tuple[int, int]]:
        """Return (number, id) of the trainees."""
        with self.server.app.app_context():
            query = (
                select(Enrolment.number, Enrolment.id)
                .where(
                    Enrolment.cohort_id == self.story.cohort_id, Enrolment.state == EnrolmentState.ENROLLED
                )
                .order_by(Enrolment.number)
            )
            return [(number, enrolment_id) for number, enrolment_id in db.session.execute(query)]

    # --- the course ----------------------------------------------------------------------------------------------------

    def teach(self) -> None:
        instructor, manager = self.staff("instructor"), self.staff("manager")
        trainees = self._enrolled()
        page = manager.open(f"/enrolments/{trainees[NO_SHOW][1]}/state")
        page.check("input[name=state][value=no_show]")
        manager.press("Save")
        left = {"state": "left", "reason": "Family reasons; may rejoin."}
        manager.post(f"/enrolments/{trainees[LEFT][1]}/state", left)
        with self.server.app.app_context():
            sessions = [one.id for one in db.session.get_one(Cohort, self.story.cohort_id).sessions]
        instructor.open(f"{self.cohort}/sessions/{sessions[0]}/attendance")
        instructor.press("All present")
        self._await(instructor.page, "recorded present")
        instructor.station("10-attendance")
        for session_id in sessions[1:]:
            instructor.post(f"{self.cohort}/sessions/{session_id}/attendance/all-present", {})

    # --- what they can do ------------------------------------------------------------------------------------------------

    def assess(self) -> None:
        instructor = self.staff("instructor")
        with self.server.app.app_context():
            edition_id = db.session.get_one(Cohort, self.story.cohort_id).edition_id
            query = (
                select(Assessment).where(Assessment.edition_id == edition_id).order_by(Assessment.position)
            )
            instruments = [
                (one.id, {item.id: _best(one, item.measure.value) for item in one.items})
                for one in db.session.execute(query).scalars()
            ]
        trainees = self._enrolled()
        assert len(trainees) == CERTIFIED + 1
        for number, (assessment_id, best) in enumerate(instruments):
            grid = f"{self.cohort}/assessments/{assessment_id}"
            rest = trainees
            if number == 0:
                self._mark_by_hand(instructor, grid, trainees[0][1], best)
                rest = trainees[1:]
            for position, (_number, enrolment_id) in enumerate(rest):
                is_paper = set(best.values()) == {"92"}
                marks = dict.fromkeys(best, "41") if is_paper and position == FAILS_PAPER else best
                self._mark(instructor, assessment_id, enrolment_id, marks)
            page = instructor.open(f"{grid}/sign")
            if number == 0:
                instructor.station("12-sign")
            instructor.press("Sign these sheets")
            self._await(page, "signed")
        self._sign_the_failed_sheet(instructor)

    def _mark_by_hand(self, instructor: Device, grid: str, enrolment_id: int, best: dict[int, str]) -> None:
        page = instructor.open(grid)
        page.locator("[data-grid-row]").first.locator("input").first.focus()
        for value in best.values():
            page.keyboard.press(value)
        expect(page.locator("[data-saved]")).to_have_attribute("data-state", "saved", timeout=30_000)
        expect(page.locator("[data-grid-row]").first.locator("[data-row-done]")).to_have_text(str(len(best)))
        instructor.station("11-grid")

    def _mark(self, instructor: Device, assessment_id: int, enrolment_id: int, marks: dict[int, str]) -> None:
        form = {f"m-{enrolment_id}-{item_id}": value for item_id, value in marks.items()}
        path = f"/enrolments/{enrolment_id}/assessments/{assessment_id}/row"
        instructor.post(path, form | {"attempt": "1", f"v-{enrolment_id}": ""})

    def _sign_the_failed_sheet(self, instructor: Device) -> None:
        with self.server.app.app_context():
            query = select(Attempt.id).where(Attempt.state == AttemptState.DRAFT)
            (attempt_id,) = db.session.execute(query).scalars()
        page = instructor.open(f"/attempts/{attempt_id}")
        page.fill("textarea[name=note]", "To read chapters 3 and 5 again.")
        instructor.press("Sign this sheet")
        self._await(page, "signed and locked")
        instructor.station("13-failed-sheet")

    # --- what they earned ------------------------------------------------------------------------------------------------

    def approve_and_issue(self) -> None:
        for key, station in (("director", "14-approval"), ("official", "15-approved")):
            page = self.staff(key).open(f"{self.cohort}/certification")
            self.staff(key).press(f"Approve {CERTIFIED} trainees")
            self._await(page, "Your approval is recorded")
            self.staff(key).station(station)
        manager = self.staff("manager")
        page = manager.open(f"{self.cohort}/certification")
        manager.press(f"Issue {CERTIFIED} certificates")
        expect(page.locator("progress, [role=progressbar]").first).to_be_visible()
        self._await(page, f"{CERTIFIED} certificates were issued")
        manager.station("16-issued")
        with self.server.app.app_context():
            numbers = list(
                db.session.execute(select(Certificate.number).order_by(Certificate.sequence)).scalars()
            )
        assert numbers == [f"MCM201-7-{number:03d}" for number in range(1, CERTIFIED + 1)]

    def collect(self) -> None:
        """A trainee gets his account by mail, and fetches his certificate."""
        with self.server.app.app_context():
            certificate = db.session.query(Certificate).order_by(Certificate.sequence).first()
            assert certificate is not None
            person = certificate.person
            self.certificate_id = certificate.id
            self.names = (person.name_for_certificate, person.native_name or "")
            reference, name = person.public_ref, person.latin_name
        admin = self.staff("admin")
        page = admin.open("/users/invite")
        page.fill("input[name=email]", "trainee@cpd.example")
        page.fill("input[name=name]", name)
        page.check("input[name=roles][value=trainee]")
        page.select_option("select[name=agency]", str(self.story.agency_id))
        page.fill("input[name=person]", reference)
        admin.station("17-invite")
        admin.press("Send the invitation")
        trainee = self.device()
        page = trainee.open(self._mailed_link("trainee@cpd.example"))
        page.fill("input[name=password]", PASSWORD)
        page.fill("input[name=again]", PASSWORD)
        trainee.station("18-welcome")
        trainee.press("Set the password and sign in")
        trainee.open("/my/certificates")
        trainee.station("19-own")
        with page.expect_download() as download:
            page.get_by_role("link", name="Download MCM201-7-001").click()
        download.value.save_as(self.pdf)

    def _mailed_link(self, address: str) -> str:
        def find() -> str:
            for path in (self.server.folder / "outbox").glob("*.eml"):
                letter = message_from_bytes(path.read_bytes(), policy=policy.default)
                if letter["To"] == address:
                    body = letter.get_body(("plain",))
                    assert body is not None
                    return re.findall(r"https?://\S+/invitations/\S+", body.get_content())[0]
            return ""

        assert eventually(lambda: find() != "", within=30), self.server.said()
        return find()

    def check_the_paper(self) -> None:
        """Judges from outside: the seal, the text layer in both scripts, the code that a phone reads."""
        seal = _run("pdfsig", "-nocert", self.pdf)
        assert "Signature is Valid" in seal, seal
        assert "Total document signed" in seal, seal
        text = BIDI_CONTROLS.sub("", normalize("NFC", _run("pdftotext", "-layout", self.pdf, "-")))
        for name in self.names:
            assert normalize("NFC", name) in text, text
        _run("pdftoppm", "-r", "200", "-png", "-f", "1", "-l", "1", self.pdf, self.folder / "page")
        (picture,) = self.folder.glob("page*.png")
        address = _run("zbarimg", "--quiet", "--raw", picture).strip().splitlines()[0]
        visitor = self.device()
        page = visitor.open(address)
        visitor.station("20-verified")
        expect(page.locator("main")).to_contain_text("Valid")
        expect(page.locator("main")).to_contain_text(self.names[0])
        expect(page.locator("main")).to_contain_text("MCM201-7-001")
        self.code = address
        page = visitor.open("/verify")
        page.set_input_files("input[name=file]", self.pdf)
        visitor.press("Check")
        self._await(page, "Byte for byte the file that was issued")
        changed = bytearray(self.pdf.read_bytes())
        changed[len(changed) // 2] ^= 1
        page = visitor.open("/verify")
        forged = {"name": "forged.pdf", "mimeType": "application/pdf", "buffer": bytes(changed)}
        page.set_input_files("input[name=file]", forged)
        visitor.press("Check")
        self._await(page, "Not genuine")

    def revoke(self) -> None:
        manager, official = self.staff("manager"), self.staff("official")
        page = manager.open(f"/certificates/{self.certificate_id}/actions/new")
        page.check("input[name=kind][value=revoke]")
        page.fill(
            "textarea[name=reason]", "The prerequisite that was shown is forged; its issuer confirmed it."
        )
        manager.station("21-propose")
        manager.press("Propose to the certifying official")
        self._await(page, "waits for a certifying official")
        page = official.open(f"/certificates/{self.certificate_id}")
        official.follow("Read the proposal")
        page.check("input[name=decision][value=approve]")
        official.station("22-decide")
        official.press("Record the decision")
        self._await(page, "recorded and public")
        visitor = self.device()
        page = visitor.open(self.code)
        expect(page.locator("main")).to_contain_text("Revoked")
        visitor.station("23-revoked")


def _best(assessment: Assessment, measure: str) -> str:
    """Return the best mark of an item: the level with the whole share, or a good percentage."""
    if measure != "level":
        return "92"
    return str(max(assessment.scale, key=lambda level: float(level["share"]))["value"])


def _run(*command: object) -> str:
    ended = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    assert ended.returncode in (0, 1), ended.stderr
    return ended.stdout
