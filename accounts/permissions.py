"""Who may do what: one table that can be read aloud.

A permission is granted if any of its rows has all its rules true. A rule is a yes/no function of the user and the subject.
Rows that need to know a cohort's staff or a course's director ask the subject itself, by the small properties every subject
offers (`lead_ids`, `instructor_ids`, `director_ids`, `agency_id`, `person_id`), so that this table needs no floor above it.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from accounts.models.users import User


class Role(StrEnum):
    """The roles a user may hold, several at a time."""

    ADMINISTRATOR = "administrator"
    PROGRAMME_MANAGER = "programme_manager"
    COURSE_DIRECTOR = "course_director"
    LEAD_INSTRUCTOR = "lead_instructor"
    INSTRUCTOR = "instructor"
    CERTIFYING_OFFICIAL = "certifying_official"
    APPEAL_REVIEWER = "appeal_reviewer"
    MEDICAL_REVIEWER = "medical_reviewer"
    VETTING_OFFICER = "vetting_officer"
    QUARTERMASTER = "quartermaster"
    AUDITOR = "auditor"
    AGENCY_OFFICER = "agency_officer"
    TRAINEE = "trainee"


HOST_ROLES = frozenset(Role) - {Role.AGENCY_OFFICER, Role.TRAINEE}


class Permission(StrEnum):
    """Everything that can be allowed, as noun:verb."""

    USER_MANAGE = "user:manage"
    """Invite users, give and take roles, disable accounts."""
    HOST_MANAGE = "host:manage"
    """Edit the host organisation's names, languages and signatories."""
    JOB_READ = "job:read"
    """See all background jobs."""
    JOB_RETRY = "job:retry"
    """Have a dead or cancelled job tried again."""
    AGENCY_READ = "agency:read"
    """See a partner agency and its agreements."""
    AGENCY_MANAGE = "agency:manage"
    """Register agencies, edit them, record agreements."""
    PERSON_LIST = "person:list"
    """List the persons in sight."""
    PERSON_READ = "person:read"
    """See one person's record."""
    PERSON_EDIT = "person:edit"
    """Edit a person of the own agency."""
    PERSONNEL_IMPORT = "personnel:import"
    """Bring a spreadsheet of personnel."""
    COURSE_READ = "course:read"
    """See courses and their editions."""
    EDITION_PUBLISH = "edition:publish"
    """Publish a drafted edition."""
    COHORT_LIST = "cohort:list"
    """List the cohorts in sight."""
    COHORT_READ = "cohort:read"
    """See a cohort: its plan, and as much of its people as the role allows."""
    COHORT_ROSTER = "cohort:roster"
    """See a cohort's trainees with attendance and results."""
    COHORT_PLAN = "cohort:plan"
    """Open a cohort, post staff, set seats, confirm seats."""
    NOMINATION_MAKE = "nomination:make"
    """Nominate, rank and withdraw persons of the own agency."""
    NOMINATION_READ = "nomination:read"
    """See a nomination and its gates."""
    GATE_LIST = "gate:list"
    """See the gates waiting for a decision of one's own."""
    GATE_MEDICAL = "gate:medical"
    """Decide the medical gate and read its reason."""
    GATE_VETTING = "gate:vetting"
    """Decide the vetting gate."""
    GATE_VETTING_WAIVE = "gate:waive_vetting"
    """Waive the vetting gate, with reason and end date."""
    GATE_COURSE = "gate:course"
    """Decide or waive the language, document and prerequisite gates."""
    ATTENDANCE_RECORD = "attendance:record"
    """Record attendance and make-up sessions of a cohort."""
    ASSESSMENT_RECORD = "assessment:record"
    """Record marks and sign one's own sheets in a cohort."""
    ASSESSMENT_READ = "assessment:read"
    """Read the sheets and outcomes of a cohort."""
    CERTIFICATION_READ = "certification:read"
    """See who of a cohort is eligible, and why not."""
    CERTIFICATION_APPROVE_DIRECTOR = "certification:approve_as_director"
    """Approve a cohort's certification as its course director."""
    CERTIFICATION_APPROVE_OFFICIAL = "certification:approve_as_official"
    """Approve a cohort's certification as certifying official."""
    CERTIFICATE_ISSUE = "certificate:issue"
    """Start the issue of a cohort's certificates."""
    CERTIFICATE_LIST = "certificate:list"
    """List the certificates in sight."""
    CERTIFICATE_READ = "certificate:read"
    """See and download a certificate."""
    CERTIFICATE_PROPOSE_REVOCATION = "certificate:propose_revocation"
    """Propose to suspend or revoke a certificate."""
    CERTIFICATE_APPROVE_REVOCATION = "certificate:approve_revocation"
    """Decide a proposed suspension or revocation."""
    QUALIFICATION_READ = "qualification:read"
    """See what a person holds, from when until when: certificates, and what was recorded from elsewhere."""
    QUALIFICATION_RECORD = "qualification:record"
    """Record and revoke what a person holds from elsewhere: a licence, an equivalence."""
    EQUIPMENT_READ = "equipment:read"
    """See items, stock, deeds and who holds what."""
    EQUIPMENT_REGISTER = "equipment:register"
    """Register item types, items and consumables; write off."""
    DEED_MANAGE = "deed:manage"
    """Draft deeds, issue them, take both signatures on one screen, take equipment back."""
    EQUIPMENT_CHECK = "equipment:check"
    """Record inspections and decide reported damage."""
    EQUIPMENT_REPORT = "equipment:report"
    """Report an item damaged, lost, stolen or destroyed."""
    STANDARD_READ = "standard:read"
    """See the readiness standards and their editions."""
    TEAM_LIST = "team:list"
    """List the teams in sight."""
    TEAM_READ = "team:read"
    """See a team, its members and equipment, its readiness and reports."""
    TEAM_MANAGE = "team:manage"
    """Form a team; choose its standard, members and equipment; record exercises and evidence."""
    READINESS_REPORT = "readiness:report"
    """Freeze a snapshot of a team's readiness and have its report made."""
    TOKEN_MANAGE = "token:manage"  # noqa: S105  # a permission, no secret
    """Give and revoke the tokens with which an agency's own system calls the API."""
    RECORD_READ_OWN = "record:read_own"
    """A trainee's own enrolments, results and certificates."""
    AUDIT_READ = "audit:read"
    """Read the audit trail and verify its chain."""


Rule = Callable[["User", Any], bool]


def holds(*roles: Role) -> Rule:
    """Return a rule that is true for users with any of these roles."""
    wanted = frozenset(roles)
    return lambda user, _subject: not user.roles.isdisjoint(wanted)


def of_own_agency(user: "User", subject: Any) -> bool:
    """The subject belongs to the user's agency, or no particular subject is asked about."""
    if user.agency_id is None:
        return False
    if subject is None:
        return True
    agencies = getattr(subject, "agency_ids", None)
    return user.agency_id in agencies if agencies is not None else _agency_of(subject) == user.agency_id


def directs_course(user: "User", subject: Any) -> bool:
    """The user directs the course the subject is about, or no particular subject is asked about."""
    return subject is None or user.id in _ids(subject, "director_ids")


def instructs_cohort(user: "User", subject: Any) -> bool:
    """The user is posted to the cohort as instructor or lead, or no particular subject is asked about."""
    return subject is None or user.id in _ids(subject, "instructor_ids")


def leads_cohort(user: "User", subject: Any) -> bool:
    """The user is posted to the cohort as its lead instructor."""
    return subject is None or user.id in _ids(subject, "lead_ids")


def is_himself(user: "User", subject: Any) -> bool:
    """The subject is about the user's own person, or no particular subject is asked about."""
    return user.person_id is not None and (
        subject is None or getattr(subject, "person_id", None) == user.person_id
    )


def is_not_about_himself(user: "User", subject: Any) -> bool:
    """Nobody decides about himself."""
    return subject is None or user.person_id is None or getattr(subject, "person_id", None) != user.person_id


def _ids(subject: Any, name: str) -> Iterable[int]:
    ids: Iterable[int] = getattr(subject, name, ())
    return ids


def _agency_of(subject: Any) -> int | None:
    from_agency = subject.id if subject.__tablename__ == "agency" else getattr(subject, "agency_id", None)
    return from_agency


R = Role
_manager = holds(R.PROGRAMME_MANAGER)
_director = holds(R.COURSE_DIRECTOR)
_official = holds(R.CERTIFYING_OFFICIAL)
_instructor = holds(R.INSTRUCTOR, R.LEAD_INSTRUCTOR)
_officer = holds(R.AGENCY_OFFICER)
_auditor = holds(R.AUDITOR)
_trainee = holds(R.TRAINEE)
_medical = holds(R.MEDICAL_REVIEWER)
_vetting = holds(R.VETTING_OFFICER)
_administrator = holds(R.ADMINISTRATOR)
_quartermaster = holds(R.QUARTERMASTER)
_host_staff = holds(*HOST_ROLES)

P = Permission
GRANTS: dict[Permission, list[list[Rule]]] = {
    P.USER_MANAGE: [[_administrator]],
    P.HOST_MANAGE: [[_administrator]],
    P.JOB_READ: [[_administrator], [_auditor]],
    P.JOB_RETRY: [[_administrator]],
    P.AGENCY_READ: [[_manager], [_auditor], [_administrator], [_officer, of_own_agency]],
    P.AGENCY_MANAGE: [[_manager]],
    P.PERSON_LIST: [[_manager], [_auditor], [_officer]],
    P.PERSON_READ: [[_manager], [_auditor], [_officer, of_own_agency]],
    P.PERSON_EDIT: [[_officer, of_own_agency, is_not_about_himself]],
    P.PERSONNEL_IMPORT: [[_officer, of_own_agency]],
    P.COURSE_READ: [[_host_staff], [_officer]],
    P.EDITION_PUBLISH: [[_manager]],
    P.COHORT_LIST: [[_host_staff], [_officer]],
    P.COHORT_READ: [
        [_manager],
        [_director, directs_course],
        [_instructor, instructs_cohort],
        [_official],
        [_medical],
        [_vetting],
        [_auditor],
        [_officer],
    ],
    P.COHORT_ROSTER: [
        [_manager],
        [_director, directs_course],
        [_instructor, instructs_cohort],
        [_official],
        [_auditor],
        [_officer],
    ],
    P.COHORT_PLAN: [[_manager], [_director, directs_course]],
    P.NOMINATION_MAKE: [[_officer, of_own_agency, is_not_about_himself]],
    P.NOMINATION_READ: [
        [_manager],
        [_director, directs_course],
        [_medical],
        [_vetting],
        [_auditor],
        [_officer, of_own_agency],
    ],
    P.GATE_LIST: [[_medical], [_vetting], [_director], [_manager]],
    P.GATE_MEDICAL: [[_medical, is_not_about_himself]],
    P.GATE_VETTING: [[_vetting, is_not_about_himself]],
    P.GATE_VETTING_WAIVE: [[_manager, is_not_about_himself]],
    P.GATE_COURSE: [[_director, directs_course, is_not_about_himself]],
    P.ATTENDANCE_RECORD: [[_instructor, instructs_cohort]],
    P.ASSESSMENT_RECORD: [[_instructor, instructs_cohort, is_not_about_himself]],
    P.ASSESSMENT_READ: [
        [_manager],
        [_director, directs_course],
        [_instructor, instructs_cohort],
        [_official],
        [_auditor],
        [_officer, of_own_agency],
    ],
    P.CERTIFICATION_READ: [[_manager], [_director, directs_course], [_official], [_auditor]],
    P.CERTIFICATION_APPROVE_DIRECTOR: [[_director, directs_course]],
    P.CERTIFICATION_APPROVE_OFFICIAL: [[_official]],
    P.CERTIFICATE_ISSUE: [[_manager], [_director, directs_course], [_official]],
    P.CERTIFICATE_LIST: [[_manager], [_director], [_official], [_auditor], [_officer]],
    P.CERTIFICATE_READ: [
        [_manager],
        [_director, directs_course],
        [_official],
        [_auditor],
        [_officer, of_own_agency],
        [_trainee, is_himself],
    ],
    P.CERTIFICATE_PROPOSE_REVOCATION: [[_manager], [_director, directs_course, is_not_about_himself]],
    P.CERTIFICATE_APPROVE_REVOCATION: [[_official, is_not_about_himself]],
    P.QUALIFICATION_READ: [[_manager], [_director], [_auditor], [_officer, of_own_agency]],
    P.QUALIFICATION_RECORD: [[_manager, is_not_about_himself], [_director, is_not_about_himself]],
    P.EQUIPMENT_READ: [[_quartermaster], [_manager], [_auditor], [_officer, of_own_agency]],
    P.EQUIPMENT_REGISTER: [[_quartermaster]],
    P.DEED_MANAGE: [[_quartermaster]],
    P.EQUIPMENT_CHECK: [[_quartermaster]],
    P.EQUIPMENT_REPORT: [[_quartermaster], [_instructor], [_officer, of_own_agency]],
    P.STANDARD_READ: [[_host_staff], [_officer]],
    P.TEAM_LIST: [[_manager], [_auditor], [_officer]],
    P.TEAM_READ: [[_manager], [_auditor], [_officer, of_own_agency]],
    P.TEAM_MANAGE: [[_manager], [_officer, of_own_agency]],
    P.READINESS_REPORT: [[_manager], [_officer, of_own_agency]],
    P.TOKEN_MANAGE: [[_administrator]],
    P.RECORD_READ_OWN: [[_trainee, is_himself]],
    P.AUDIT_READ: [[_auditor]],
}


def is_granted(user: "User", permission: StrEnum, subject: Any = None) -> bool:
    """Return whether any row of the permission has all its rules true."""
    return any(all(rule(user, subject) for rule in row) for row in GRANTS[Permission(permission)])
