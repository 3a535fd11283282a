"""The acceptance story before it begins: a host with its staff, the catalogue, agency CPD with its officer, cohort MCM-201/7 open."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select, update

from accounts import passwords
from accounts.demo.people import STORY_KNOWN
from accounts.models import Agency, User
from accounts.permissions import Role
from accounts.services.persons import PersonValues, register_persons
from curriculum.models import (
    Cohort,
    CohortState,
    Course,
    Edition,
    EditionState,
    PostingRole,
    QualificationKind,
)
from curriculum.services import cohorts, courses, postings
from curriculum.services.qualifications import QualificationValues, record_qualification
from equipment.services import items
from foundation import clock
from foundation.db import db, transaction
from readiness.services import standards
from tests.factories.accounts import make_agency, make_agreement, make_user
from tests.support.story_sheet import known_values

PASSWORD = "a long enough phrase for the story"
ZONE = "Asia/Amman"
# Who could be deployed before the course: one may lead, four may sort. {qualification: names}
QUALIFIED = {
    "M-MIM-320": ("Amal Sayegh",),
    "M-TRI-101": ("Suha Tarawneh", "Waleed Halabi", "Iman Abbadi", "Faris Najjar"),
}
STAFF = {
    "manager": (Role.PROGRAMME_MANAGER, "Mona Haddad", "منى حداد"),
    "director": (Role.COURSE_DIRECTOR, "Dina Khoury", "دينا خوري"),
    "official": (Role.CERTIFYING_OFFICIAL, "Omar Nassar", "عمر نصار"),
    "medical": (Role.MEDICAL_REVIEWER, "Rim Aziz", "ريم عزيز"),
    "vetting": (Role.VETTING_OFFICER, "Sami Darwish", "سامي درويش"),
    "lead": (Role.LEAD_INSTRUCTOR, "Grace Mwangi", ""),
    "instructor": (Role.INSTRUCTOR, "Khaled Mansour", "خالد منصور"),
    "quartermaster": (Role.QUARTERMASTER, "Yusuf Adeyemi", ""),
    "admin": (Role.ADMINISTRATOR, "Ada Lind", ""),
}


@dataclass(frozen=True)
class Story:
    """What the story starts with: ids, and addresses to sign in with."""

    agency_id: int
    cohort_id: int
    officer: str
    staff: dict[str, str]


def make_story(*, number: int = 7, seats: int = 20, instructors: int = 2) -> Story:
    """Set the stage and commit it; every account signs in with PASSWORD. The catalogue is loaded when it is not there yet."""
    password_hash = passwords.hash_password(PASSWORD)
    with transaction():
        courses.load_catalogue()
        items.load_item_types()
        standards.load_standards()
    with transaction():
        staff = {
            key: make_user(
                role,
                name=name,
                native_name=native or None,
                email=f"{key}@host.example",
                password_hash=password_hash,
            )
            for key, (role, name, native) in STAFF.items()
        }
        for extra in range(2, instructors):
            staff[f"instructor{extra}"] = make_user(
                Role.INSTRUCTOR,
                name=f"Instructor {extra}",
                email=f"instructor{extra}@host.example",
                password_hash=password_hash,
            )
        agency = make_agency(
            "CPD", names={"en": "Civil Protection Directorate", "ar": "مديرية الدفاع المدني"}
        )
        other = make_agency("UHO", names={"en": "University Hospital", "ar": "المستشفى الجامعي"})
        for one in (agency, other):
            make_agreement(one)
        officer = make_user(
            Role.AGENCY_OFFICER,
            agency=agency,
            name="Lina Qasem",
            email="officer@cpd.example",
            password_hash=password_hash,
        )
        for person in STORY_KNOWN:
            owner = agency if person.agencies == ("CPD",) else other
            register_persons([known_values(person)], agency=owner, actor=None)
        _register_qualified(agency, recorder=staff["manager"])
        cohort = _open_cohort(staff, number=number, seats=seats)
        return Story(agency.id, cohort.id, officer.email, {key: user.email for key, user in staff.items()})


def _register_qualified(agency: Agency, *, recorder: User) -> None:
    today = clock.today()
    names = [(code, *name.split()) for code, people in QUALIFIED.items() for name in people]
    values = [
        PersonValues(
            family_name=family, given_names=given, birth_date=date(1980, 1, 1) + timedelta(days=401 * place)
        )
        for place, (_code, given, family) in enumerate(names)
    ]
    course_ids = dict(db.session.execute(select(Course.code, Course.id)).all())
    for (code, _given, family), person in zip(
        names, register_persons(values, agency=agency, actor=None), strict=True
    ):
        licence = QualificationValues(
            course_id=course_ids[code],
            kind=QualificationKind.LICENCE,
            issuer="Council of Disaster Medicine",
            reference=f"L-{family}",
            starts_on=today - timedelta(days=200),
            ends_on=today + timedelta(days=700),
        )
        record_qualification(person, licence, actor=recorder)


def _open_cohort(staff: dict[str, User], *, number: int, seats: int) -> Cohort:
    edition = (
        db.session.query(Edition)
        .join(Edition.course)
        .filter_by(code="MCM-201")
        .filter(Edition.state == EditionState.PUBLISHED)
        .order_by(Edition.id.desc())
        .first()
    )
    assert edition is not None
    manager = staff["manager"]
    courses.appoint_director(edition.course, staff["director"], actor=manager)
    starts_on = clock.today(ZONE) + timedelta(days=14)
    plan = cohorts.CohortPlan(
        seats=seats,
        venue={"en": "National Training Centre, Amman", "ar": "مركز التدريب الوطني، عمّان"},
        country="JO",
        languages=["ar", "en"],
        time_zone=ZONE,
        nominations_close_on=starts_on - timedelta(days=7),
    )
    cohort = cohorts.open_cohort(edition, starts_on=starts_on, plan=plan, actor=manager, number=number)
    for key, user in staff.items():
        if user.has(Role.LEAD_INSTRUCTOR, Role.INSTRUCTOR):
            postings.license_evaluator(
                user,
                edition.course,
                starts_on=date(2020, 1, 1),
                ends_on=None,
                reference=f"E-{key}",
                actor=manager,
            )
            role = PostingRole.LEAD if key == "lead" else PostingRole.INSTRUCTOR
            postings.post_instructor(cohort, user, role=role, actor=manager)
    return cohort


def let_days_pass(cohort_id: int, days: int) -> None:
    """Bring the cohort's days nearer by some days: a browser and a server live in the present."""
    with transaction():
        cohort = db.session.get_one(Cohort, cohort_id)
        assert cohort.state is not CohortState.CLOSED
        ago = timedelta(days=days)
        for session in cohort.sessions:
            session.on -= ago
        values = {"starts_on": cohort.starts_on - ago, "ends_on": cohort.ends_on - ago}
        if cohort.nominations_close_on:
            values["nominations_close_on"] = cohort.nominations_close_on - ago
        db.session.execute(update(Cohort).where(Cohort.id == cohort_id).values(values))
