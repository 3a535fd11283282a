"""The sentence of every reason against a certificate, through gettext; those of the outcome rules are the curriculum's."""

from collections.abc import Iterable, Mapping
from typing import Any

from certification.eligibility import EligibilityReason
from curriculum import reasons as curriculum_reasons
from curriculum.verdicts import Reason
from foundation.i18n import lazy

SENTENCES: Mapping[str, Any] = {
    EligibilityReason.ALREADY_ISSUED: lazy("A certificate was issued already: %(number)s."),
    EligibilityReason.NEVER_CAME: lazy("Did not come to the course."),
    EligibilityReason.LEFT_BEFORE_THE_END: lazy(
        "Left before the end of the course, and may rejoin a later cohort."
    ),
    EligibilityReason.WITHDRAWN: lazy("Was withdrawn before the course."),
    EligibilityReason.NOT_ENROLLED: lazy("Is not a trainee of this cohort."),
    EligibilityReason.COURSE_NOT_ENDED: lazy(
        "The course runs until %(ends_on)s. Certificates are issued from that day."
    ),
    EligibilityReason.EDITION_NOT_PUBLISHED: lazy(
        "The edition of this course is still a draft. A programme manager publishes it."
    ),
    EligibilityReason.NO_ASSESSMENT: lazy("The edition has no assessment, so there is nothing to certify."),
    EligibilityReason.NO_LATIN_NAME: lazy(
        "The name in Latin letters is missing. The agency officer can add it as the passport spells it."
    ),
    EligibilityReason.NO_CERTIFICATE_NAME: lazy("The spelling for the certificate is missing."),
    EligibilityReason.NAME_NOT_PRINTABLE: lazy(
        "The name holds letters that cannot be printed: %(letters)s. Please check its spelling."
    ),
    EligibilityReason.SHEET_NOT_SIGNED: lazy("Assessment sheets still to be signed: %(count)s."),
    EligibilityReason.MARKS_IN_CONFLICT: lazy(
        "Marks of two evaluators differ, and the lead instructor has yet to decide. Open conflicts: %(count)s."
    ),
    EligibilityReason.APPEAL_OPEN: lazy("Appeals not decided yet: %(count)s."),
}

# A gate is named inside the sentence, not put into it: its gender and case differ from language to language.
GATE_OPEN: Mapping[str, Any] = {
    "medical": lazy("The medical gate is not cleared."),
    "vetting": lazy("The vetting gate is not cleared."),
    "language": lazy("The language gate is not cleared."),
    "document": lazy("The document gate is not cleared."),
    "prerequisite": lazy("The prerequisite gate is not cleared."),
}
GATE_ENDED: Mapping[str, Any] = {
    "medical": lazy("The medical clearance ended on %(valid_until)s, before the course did."),
    "vetting": lazy("The vetting clearance ended on %(valid_until)s, before the course did."),
    "language": lazy("The language clearance ended on %(valid_until)s, before the course did."),
    "document": lazy("The document clearance ended on %(valid_until)s, before the course did."),
    "prerequisite": lazy("The prerequisite clearance ended on %(valid_until)s, before the course did."),
}
BY_GATE = {EligibilityReason.GATE_OPEN: GATE_OPEN, EligibilityReason.GATE_ENDED: GATE_ENDED}


def sentence(reason: Reason, *, language: str) -> str:
    """Return the sentence of a reason in the language of the request, its titles and dates in ``language``."""
    if reason.code in BY_GATE:
        table = {reason.code: BY_GATE[EligibilityReason(reason.code)][str(reason.params["gate"])]}
    else:
        table = {**curriculum_reasons.SENTENCES, **SENTENCES}
    return curriculum_reasons.sentence(reason, language=language, sentences=table)


def sentences_of(reasons: Iterable[Reason], *, language: str) -> list[str]:
    """Return the sentences of several reasons, in their order."""
    return [sentence(reason, language=language) for reason in reasons]
