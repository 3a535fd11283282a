"""The teams of the demonstration: the story's, one like it, of search and rescue, medical, cyber; each with a history of snapshots."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from accounts.models import Person
from certification.demo.cast import NOMINEES, Cast, find_course
from certification.demo.mass_casualty import TO_THE_END, P, StoryCohort
from certification.demo.qualifications import LEADER, TRIAGE_CERTIFIED, TRIAGE_EQUIVALENT
from certification.demo.setting import FOUNDED
from certification.demo.timeline import Scene, at
from curriculum.models import QualificationKind
from curriculum.services.qualifications import QualificationValues, record_qualification
from equipment.models import Item
from foundation import clock
from foundation.dates import add_months
from readiness.demo.handovers import Handovers
from readiness.models import EvidenceState, Snapshot, Team
from readiness.services import records, snapshots, standards, team_items, team_members, teams
from readiness.services.records import EvidenceValues, ExerciseValues
from readiness.services.teams import TeamValues
from readiness.standards.data import ExerciseKind

RESERVES = 2
RESPONDERS = tuple(rank for rank in TO_THE_END if rank != P)[: 12 + RESERVES]
QUALIFIED_DAYS_AGO = 540
LASTS_MONTHS = 36


@dataclass(frozen=True)
class TeamPlan:
    """What a team is before anything happens to it: whose, its code, names and standard, and since which day.

    Its members begin with the agency's `first` person: those before are in the cohorts.
    """

    agency: str
    suffix: str
    names: dict[str, str]
    standard: str
    formed: int
    first: int = 1


STORY_TEAM = TeamPlan(
    "CPD",
    "MCM",
    {"en": "Mass-casualty team", "ar": "فريق الإصابات الجماعية", "fr": "Équipe afflux de victimes"},
    "mcm-team",
    -320,
)
RESCUE_TEAM = TeamPlan(
    "AFET",
    "USAR",
    {
        "en": "Search and rescue team of the coast",
        "ar": "فريق البحث والإنقاذ الساحلي",
        "fr": "Équipe de recherche et de sauvetage de la côte",
    },
    "insarag-usar-medium",
    -500,
    first=16,
)
MEDICAL_TEAM = TeamPlan(
    "UHO",
    "EMT",
    {
        "en": "Mobile emergency medical team",
        "ar": "الفريق الطبي الطارئ المتنقل",
        "fr": "Équipe médicale mobile",
    },
    "who-emt-type1-mobile",
    -450,
    first=13,
)
CYBER_TEAM = TeamPlan(
    "SGM",
    "CIRT",
    {"en": "Incident response team", "ar": "فريق الاستجابة للحوادث", "fr": "Équipe de réponse aux incidents"},
    "fema-cyber-irt",
    -240,
    first=8,
)
BRIGADE_TEAM = TeamPlan(
    "BNSP",
    "MCM",
    {
        "en": "Mass-casualty team of the fire brigade",
        "ar": "فريق الإصابات الجماعية في لواء الإطفاء",
        "fr": "Équipe afflux de victimes de la brigade",
    },
    "mcm-team",
    -300,
    first=20,
)

# How many members qualify for which post of their standard; of the posts that are left out nobody does.
RESCUE_POSTS = {
    "TL": 1,
    "PLO": 1,
    "SAF": 1,
    "STE": 1,
    "COO": 1,
    "TSS": 2,
    "RTM": 2,
    "RTE": 6,
    "MTM": 1,
    "MED": 2,
    "LTM": 1,
    "LGS": 1,
    "COM": 1,
}
MEDICAL_POSTS = {"TL": 1, "MDL": 1, "DOC": 2, "NUR": 5, "MWF": 1, "LGL": 1, "DRV": 1}
BRIGADE_POSTS = {"LDR": 2, "TRI": 4, "RSP": 11}
CYBER_POSTS = {"CIR1": 1, "CIR2": 1, "CND": 2, "DFS1": 1, "VOC": 1, "SYS": 1, "NET": 2}


class TeamStory:
    """One team from its forming on; the scenes of each are in the classes below."""

    plan: TeamPlan

    def __init__(self, cast: Cast) -> None:
        self.cast = cast

    @property
    def team(self) -> Team:
        """The team, once it is formed."""
        found = teams.find_team(f"{self.cast.code(self.plan.agency)}-{self.plan.suffix}")
        assert found is not None, self.plan.suffix
        return found

    def scene(self, day: int, time: str, act: Callable[[], object]) -> Scene:
        """Return what happens so many days from today."""
        return Scene(at(self.cast.timeline.day(day), time), act)

    def form(self) -> None:
        """Form the team, as the agency's officer does."""
        plan = self.plan
        names = {
            code: f"{name} {self.cast.world + 1}" if self.cast.world else name
            for code, name in plan.names.items()
        }
        values = TeamValues(names, standards.get_current(plan.standard).id)
        agency = self.cast.agency(plan.agency)
        code = f"{agency.code}-{plan.suffix}"
        teams.form_team(agency, code, values, formed_on=clock.today(), actor=self.cast.officer(plan.agency))

    def add(self, people: Sequence[Person]) -> None:
        """Put people into the team from today on."""
        team_members.add_members(
            self.team, people, starts_on=clock.today(), actor=self.cast.officer(self.plan.agency)
        )

    def allot(self, items: Sequence[Item]) -> None:
        """Let items count for the team from today on."""
        team_items.allot_items(
            self.team, items, starts_on=clock.today(), actor=self.cast.officer(self.plan.agency)
        )

    def freeze(self) -> Snapshot:
        """Freeze how the team stands today, as the manager does each quarter."""
        team = self.team
        return snapshots.freeze(team, team.edition, on=clock.today(), actor=self.cast.host("manager"))

    def exercise(self, kind: ExerciseKind, hours: int, note: str) -> None:
        """Record an exercise of today, accepted as a full one."""
        values = ExerciseValues(kind, clock.today(), Decimal(hours), True, note)
        records.record_exercise(self.team, values, actor=self.cast.officer(self.plan.agency))

    def show(self, states: Mapping[str, EvidenceState]) -> None:
        """Record what was shown for lines of the checklist today, valid for two years where it is met."""
        team, today = self.team, clock.today()
        values = [
            EvidenceValues(code, state, today, add_months(today, 24) if state is EvidenceState.MET else None)
            for code, state in states.items()
        ]
        records.record_evidence(team, team.edition.standard, values, actor=self.cast.host("manager"))

    def show_all(
        self, *, but: Mapping[str, EvidenceState] | None = None, unknown: Sequence[str] = ()
    ) -> None:
        """Record every line of the checklist as met, some of them otherwise, and nothing of those that are not known."""
        lines = records.list_evidence_codes(self.team.edition.definition)
        states = {code: EvidenceState.MET for code, _names in lines if code not in unknown}
        self.show(states | dict(but or {}))

    def qualify(self, posts: Mapping[str, int]) -> list[Person]:
        """Let people of the agency hold what posts of the standard ask for, and return them, post by post."""
        positions = {one.code: one for one in self.team.edition.definition.positions}
        people: list[Person] = []
        for code, number in posts.items():
            for _each in range(number):
                person = self.cast.person(self.plan.agency, self.plan.first + len(people))
                for course in positions[code].courses:
                    self._hold(person, course, spread=len(people))
                people.append(person)
        return people

    def _hold(self, person: Person, course: str, *, spread: int) -> None:
        starts_on = self.cast.timeline.day(-QUALIFIED_DAYS_AGO - 9 * spread)
        values = QualificationValues(
            course_id=find_course(course).id,
            kind=QualificationKind.LICENCE,
            issuer="National training institute",
            reference=f"{course}-{person.id}",
            starts_on=starts_on,
            ends_on=add_months(starts_on, LASTS_MONTHS),
        )
        record_qualification(person, values, actor=self.cast.host("manager"))


class StoryTeam(TeamStory):
    """CPD's mass-casualty team: 5 of 18 posts and no item before the course, all 12 items since its second day.

    The certificates of MCM-201/7 are still to be issued; with them 17 of 18 posts are filled. The gap is the second leader.
    """

    plan = STORY_TEAM

    def __init__(self, cast: Cast, story: StoryCohort, handovers: Handovers) -> None:
        super().__init__(cast)
        self.story, self.handovers = story, handovers

    def scenes(self) -> Iterator[Scene]:
        """Yield what happened, to be played in the order of time."""
        story, evidence = self.story, EvidenceState
        yield self.scene(self.plan.formed, "09:10", self.form)
        yield self.scene(self.plan.formed, "09:30", self._add_first)
        yield self.scene(-310, "12:00", lambda: self.show({"MC-01": evidence.MET, "MC-02": evidence.NOT_MET}))
        yield self.scene(-300, "10:00", self.freeze)
        yield self.scene(
            -255,
            "18:00",
            lambda: self.exercise(ExerciseKind.FIELD, 8, "Bus collision, forty played casualties."),
        )
        yield self.scene(-190, "10:00", self.freeze)
        yield self.scene(
            -75, "17:00", lambda: self.exercise(ExerciseKind.MOBILISATION, 3, "Call-out at dawn.")
        )
        yield self.scene(-74, "09:00", lambda: self.show({"MC-02": evidence.MET, "MC-03": evidence.MET}))
        yield Scene(at(story.day(-4), "11:20"), self._add_nominees)
        yield Scene(at(story.day(-2), "10:00"), self.freeze)
        yield Scene(at(story.day(2), "08:30"), lambda: self.allot(self.handovers.items("CPD")))
        yield Scene(at(story.day(3), "10:00"), self._report)

    def _report(self) -> None:
        """Freeze it once more, and have the report printed that shows before and after the handover."""
        snapshots.start_report(self.freeze(), actor=self.cast.host("manager"))

    def _add_first(self) -> None:
        self.add(
            [self.cast.person("CPD", number) for number in (LEADER, *TRIAGE_CERTIFIED, TRIAGE_EQUIVALENT)]
        )

    def _add_nominees(self) -> None:
        self.add([self.cast.person(NOMINEES, rank) for rank in RESPONDERS])


class RescueTeam(TeamStory):
    """AFET's team against INSARAG Medium: about half of the posts, exercised in autumn, equipment of which one kit is overdue."""

    plan = RESCUE_TEAM

    def __init__(self, cast: Cast, handovers: Handovers) -> None:
        super().__init__(cast)
        self.handovers = handovers

    def scenes(self) -> Iterator[Scene]:
        """Yield what happened, to be played in the order of time."""
        yield self.scene(self.plan.formed, "10:00", self.form)
        yield self.scene(-490, "10:00", lambda: self.add(self.qualify(RESCUE_POSTS)))
        yield self.scene(-480, "10:00", self.freeze)
        yield self.scene(-375, "10:00", lambda: self.allot(self.handovers.items("AFET")))
        yield self.scene(
            -330, "18:00", lambda: self.exercise(ExerciseKind.FIELD, 26, "Collapsed school, two work sites.")
        )
        yield self.scene(
            -320,
            "11:00",
            lambda: self.show_all(
                but={
                    "3.1": EvidenceState.NOT_MET,
                    "8.5": EvidenceState.NOT_MET,
                    "10.2": EvidenceState.NOT_MET,
                    "15.3": EvidenceState.NOT_APPLICABLE,
                }
            ),
        )
        yield self.scene(-310, "10:00", self.freeze)
        yield self.scene(
            -150, "16:00", lambda: self.exercise(ExerciseKind.MOBILISATION, 5, "Mustered in seven hours.")
        )
        yield self.scene(-120, "10:00", self.freeze)
        yield self.scene(
            -28, "19:00", lambda: self.exercise(ExerciseKind.FIELD, 30, "Night and day at the rubble field.")
        )
        yield self.scene(-20, "10:00", self.freeze)


class MedicalTeam(TeamStory):
    """UHO's team against WHO Type 1 Mobile: near to full, the pharmacist and water post open, its defibrillator damaged."""

    plan = MEDICAL_TEAM

    def __init__(self, cast: Cast, handovers: Handovers) -> None:
        super().__init__(cast)
        self.handovers = handovers

    def scenes(self) -> Iterator[Scene]:
        """Yield what happened, to be played in the order of time."""
        yield self.scene(self.plan.formed, "10:20", self.form)
        yield self.scene(-440, "10:00", lambda: self.add(self.qualify(MEDICAL_POSTS)))
        yield self.scene(-430, "11:00", self.freeze)
        yield self.scene(-235, "10:00", lambda: self.allot(self.handovers.items("UHO")))
        yield self.scene(
            -210,
            "18:00",
            lambda: self.exercise(ExerciseKind.FIELD, 24, "Set up and ran for a day in the valley."),
        )
        yield self.scene(-205, "12:00", lambda: self.show_all(unknown=("T1M-01",)))
        yield self.scene(-200, "11:00", self.freeze)
        yield self.scene(-90, "14:00", lambda: self.exercise(ExerciseKind.TABLE_TOP, 5, "Train derailment."))
        yield self.scene(-60, "11:00", lambda: self.show({"T1M-01": EvidenceState.MET}))
        yield self.scene(-15, "11:00", self.freeze)


class BrigadeTeam(TeamStory):
    """BNSP's team against the story's standard: what the story's team will be, one responder short, exercised and equipped."""

    plan = BRIGADE_TEAM

    def __init__(self, cast: Cast, handovers: Handovers) -> None:
        super().__init__(cast)
        self.handovers = handovers

    def scenes(self) -> Iterator[Scene]:
        """Yield what happened, to be played in the order of time."""
        yield self.scene(self.plan.formed, "11:00", self.form)
        yield self.scene(-290, "10:00", lambda: self.add(self.qualify(BRIGADE_POSTS)))
        yield self.scene(-280, "13:00", self.freeze)
        yield self.scene(-205, "10:00", lambda: self.allot(self.handovers.items("BNSP")))
        yield self.scene(
            -150, "18:00", lambda: self.exercise(ExerciseKind.FIELD, 9, "Ferry accident, sixty casualties.")
        )
        yield self.scene(-149, "12:00", self.show_all)
        yield self.scene(
            -50, "17:00", lambda: self.exercise(ExerciseKind.MOBILISATION, 3, "Call-out at night.")
        )
        yield self.scene(-25, "13:00", self.freeze)


class CyberTeam(TeamStory):
    """SGM's team against the cyber standard of FEMA: ten of fifteen posts, its laboratory lent by the host."""

    plan = CYBER_TEAM

    def __init__(self, cast: Cast, handovers: Handovers) -> None:
        super().__init__(cast)
        self.handovers = handovers

    def scenes(self) -> Iterator[Scene]:
        """Yield what happened, to be played in the order of time."""
        yield self.scene(self.plan.formed, "10:40", self.form)
        yield self.scene(-230, "10:00", lambda: self.add(self.qualify(CYBER_POSTS)))
        yield self.scene(-220, "12:00", self.freeze)
        yield self.scene(-145, "10:00", lambda: self.allot(self.handovers.items("SGM")))
        yield self.scene(
            -100,
            "17:00",
            lambda: self.exercise(ExerciseKind.TECHNICAL, 9, "Ransomware in a hospital network."),
        )
        yield self.scene(-95, "12:00", lambda: self.show_all(but={"CY-04": EvidenceState.NOT_MET}))
        yield self.scene(-40, "12:00", self.freeze)


def team_scenes(cast: Cast, story: StoryCohort, handovers: Handovers) -> Iterator[Scene]:
    """Yield the standards, loaded once, and what became of every team of a world."""
    if cast.world == 0:
        yield Scene(at(cast.timeline.day(FOUNDED), "08:30"), standards.load_standards)
    for team in (
        StoryTeam(cast, story, handovers),
        RescueTeam(cast, handovers),
        MedicalTeam(cast, handovers),
        BrigadeTeam(cast, handovers),
        CyberTeam(cast, handovers),
    ):
        yield from team.scenes()
