"""The sentence of every reason the curriculum's rules can give, in one place, through gettext.

A sentence says what stands in the way and, where somebody can do something about it, what to do next.
Numbers stand after a colon rather than inside a phrase, so that no language has to decline them.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from curriculum.outcomes import OutcomeReason
from curriculum.texts import LocalText
from curriculum.verdicts import Reason, ReasonValue
from foundation.i18n import format_date_for, lazy

SENTENCES: Mapping[str, Any] = {
    OutcomeReason.CRITICAL_ITEM_FAILED: lazy(
        "%(assessment)s: a critical item was not done safely (%(items)s). The attempt cannot pass."
    ),
    OutcomeReason.BELOW_THE_MARK: lazy(
        "%(assessment)s: %(score)s percent, and the pass mark is %(pass_mark)s percent."
    ),
    OutcomeReason.ITEMS_NOT_MARKED: lazy("%(assessment)s: items still to be marked: %(count)s."),
    OutcomeReason.NOT_ATTEMPTED: lazy("%(assessment)s has not been attempted yet."),
    OutcomeReason.RETAKE_OPEN: lazy("%(assessment)s can be tried again from %(earliest_on)s."),
    OutcomeReason.ATTEMPTS_USED_UP: lazy(
        "%(assessment)s: all attempts are used (allowed: %(max_attempts)s). An appeal or a later "
        "cohort remains open."
    ),
    OutcomeReason.ATTENDANCE_SHORT: lazy(
        "Attendance: %(attended)s of %(sessions)s sessions, and %(required)s are needed. A signed "
        "make-up session counts."
    ),
    OutcomeReason.ATTENDANCE_NOT_TAKEN: lazy(
        "Attendance: %(attended)s sessions so far, and %(required)s are needed. Sessions not "
        "recorded yet: %(untaken)s."
    ),
    OutcomeReason.ALREADY_COMPETENT: lazy(
        "%(assessment)s is already judged competent; no further attempt is needed."
    ),
    OutcomeReason.EARLIER_ATTEMPT_UNSIGNED: lazy(
        "%(assessment)s: the attempt before this one is not signed yet. Sign it first."
    ),
    OutcomeReason.RETAKE_TOO_EARLY: lazy("%(assessment)s can be tried again on %(earliest_on)s or later."),
    OutcomeReason.OTHER_EVALUATOR_NEEDED: lazy(
        "%(assessment)s: a retake needs an evaluator who did not mark the attempt before. Ask a colleague."
    ),
    OutcomeReason.ALREADY_SIGNED: lazy(
        "%(assessment)s: this attempt is signed. It can be amended, with a reason."
    ),
    OutcomeReason.NOT_POSTED: lazy(
        "Only an instructor posted to this cohort can sign. Ask the lead instructor."
    ),
    OutcomeReason.NOT_QUALIFIED: lazy(
        "The evaluator's own qualification was not in date on %(on)s. The draft is kept for a "
        "qualified evaluator."
    ),
    OutcomeReason.OWN_ASSESSMENT: lazy("Nobody signs an attempt of his own."),
    OutcomeReason.NOTE_NEEDED: lazy(
        "An attempt that does not pass needs a note: say what was seen and what to practise."
    ),
    OutcomeReason.CONFLICT_OPEN: lazy(
        "Two evaluators marked differently, and the lead instructor has yet to decide. Open "
        "conflicts: %(count)s."
    ),
    OutcomeReason.UNKNOWN_ITEM: lazy("There is no item %(item)s in this assessment."),
    OutcomeReason.NOT_A_LEVEL: lazy(
        "Item %(item)s takes one of the digits of the scale, or 0 for not observed."
    ),
    OutcomeReason.NOT_A_PERCENTAGE: lazy("Item %(item)s takes 0 to 100, with one decimal at most."),
    OutcomeReason.NOT_A_MEASUREMENT: lazy("Item %(item)s takes a figure of zero or more."),
}


def sentence(reason: Reason, *, language: str, sentences: Mapping[str, Any] = SENTENCES) -> str:
    """Return the sentence of a reason in the language of the request, its titles and dates in ``language``.

    Raises ``KeyError`` for a code without a sentence; a test keeps the table complete.
    """
    values = {name: _shown(value, language) for name, value in reason.values}
    return str(sentences[reason.code]) % values


def sentences_of(reasons: Iterable[Reason], *, language: str) -> list[str]:
    """Return the sentences of several reasons, in their order."""
    return [sentence(reason, language=language) for reason in reasons]


def _shown(value: ReasonValue, language: str) -> str:
    if isinstance(value, LocalText):
        return value.in_language(language)
    if isinstance(value, date):
        return format_date_for(language, value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)
