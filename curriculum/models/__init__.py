"""The tables of what is taught and observed, from the course to the mark."""

from curriculum.models.assessments import Attempt, AttemptState, EvaluatorQualification, Mark, MarkOperation
from curriculum.models.attendance import Attendance
from curriculum.models.cohorts import Cohort, CohortSession, CohortState, Posting, PostingRole
from curriculum.models.courses import (
    Assessment,
    AssessmentItem,
    Course,
    CourseDirector,
    Edition,
    EditionState,
    Outcome,
    PlannedSession,
)
from curriculum.models.enrolments import Enrolment, EnrolmentState
from curriculum.models.imports import ImportRow, ImportRun, ImportState, RowDecision
from curriculum.models.nominations import (
    Gate,
    GateKind,
    GateState,
    MedicalReason,
    Nomination,
    NominationState,
)
from curriculum.models.qualifications import QualificationKind, RecordedQualification
from curriculum.personnel.classing import RowClass
from curriculum.schemes import AssessmentKind, Counting, Presence

__all__ = [
    "Assessment",
    "AssessmentItem",
    "AssessmentKind",
    "Attempt",
    "AttemptState",
    "Attendance",
    "Cohort",
    "CohortSession",
    "CohortState",
    "Counting",
    "Course",
    "CourseDirector",
    "Edition",
    "EditionState",
    "Enrolment",
    "EnrolmentState",
    "EvaluatorQualification",
    "Gate",
    "GateKind",
    "GateState",
    "ImportRow",
    "ImportRun",
    "ImportState",
    "Mark",
    "MarkOperation",
    "MedicalReason",
    "Nomination",
    "NominationState",
    "Outcome",
    "PlannedSession",
    "Posting",
    "PostingRole",
    "Presence",
    "QualificationKind",
    "RecordedQualification",
    "RowClass",
    "RowDecision",
]
