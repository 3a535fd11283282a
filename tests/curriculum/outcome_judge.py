"""A second, slower telling of the passing rules, written from the product's words and not from the module.

It works in whole thousandths and plain dictionaries, so that it shares neither arithmetic nor structure with
``curriculum.outcomes``.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from curriculum.schemes import AssessmentScheme, AttemptRecord


def tell_attempt(scheme: AssessmentScheme, marks: Mapping[str, Decimal]) -> tuple[str, Fraction]:
    """Tell the outcome of one attempt and its exact score in percent."""
    weights = 0
    points = Fraction(0)
    danger = False
    gaps = False
    for item in scheme.items:
        weights += Fraction(item.weight)
        value = marks.get(item.code)
        if str(item.measure) == "level":
            step = [level for level in scheme.scale if value is not None and level.value == value]
            if not step:
                gaps = True
                continue
            points += Fraction(item.weight) * Fraction(step[0].share)
            danger = danger or (item.critical and step[0].fails_critical)
        elif value is None:
            gaps = True
        elif str(item.measure) == "percent":
            points += Fraction(item.weight) * Fraction(value) / 100
        else:
            low = item.at_least if item.at_least is not None else value
            high = item.at_most if item.at_most is not None else value
            if low <= value <= high:
                points += Fraction(item.weight)
            elif item.critical:
                danger = True
    score = points / weights * 100
    if danger:
        return "not_yet_competent", score
    if gaps:
        return "incomplete", score
    return ("competent" if score >= Fraction(scheme.pass_mark) else "not_yet_competent"), score


def tell_assessment(scheme: AssessmentScheme, attempts: Sequence[AttemptRecord]) -> str:
    """Tell the outcome over several attempts."""
    allowed = [one for one in attempts if one.signed]
    while len(allowed) > scheme.max_attempts:
        allowed.remove(max(allowed, key=lambda one: one.number))
    if not allowed:
        return "in_progress"
    if str(scheme.counting) == "last":
        passed = tell_attempt(scheme, max(allowed, key=lambda one: one.number).marks)[0] == "competent"
    else:
        passed = any(tell_attempt(scheme, one.marks)[0] == "competent" for one in allowed)
    if passed:
        return "competent"
    return "in_progress" if len(allowed) < scheme.max_attempts else "not_yet_competent"
