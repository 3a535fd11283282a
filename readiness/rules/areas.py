"""Areas become levels by the one rule set; the worst decides, and what decided is named.

Source: `readiness-scales.json`, "recommended". Four words of it are sharpened here, because a rule must give one answer:

* "not known": an area of which nothing is on record; a checklist with a critical line of which nothing is on record, unless what
  is known makes it level 4 already; training of which something that everybody must show is not on record, with the same exception.
* a line of the checklist without evidence counts as applicable and not met in the share; evidence past its last day does too.
* "empty mandatory position": a mandatory row that nobody fills. One that is filled in part shows in the share of key positions.
* "unmet critical line": on hand it is met when as many are there as it asks for, usable when as many can be used.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from readiness.assessment import (
    AreaResult,
    EquipmentResult,
    ExerciseResult,
    Level,
    PositionResult,
    RequirementResult,
)
from readiness.rules.checklist import COUNTED, MET, NOT_APPLICABLE, NOT_MET, UNKNOWN
from readiness.rules.inputs import TeamInput
from readiness.rules.people import Roster
from readiness.rules.periods import count_months, last_day_of_cover
from readiness.standards.data import AreaRule, RequirementKind, StandardDefinition


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that sets a level: its code, and the level that it allows at best."""

    code: str
    level: Level


def judge_share(part: int, whole: int, bands: Sequence[int]) -> Level:
    """Return the level of a share: [a, b, c] gives 1 at or above a percent, 2 at or above b, 3 at or above c, else 4."""
    for level, least in zip(Level, bands, strict=False):
        if 100 * part >= least * whole:
            return level
    return Level.NOT_READY


def judge_months(months: int, bands: Sequence[int]) -> Level:
    """Return the level of so many months: [a, b, c] gives 1 at or below a, 2 at or below b, 3 at or below c, else 4."""
    for level, most in zip(Level, bands, strict=False):
        if months <= most:
            return level
    return Level.NOT_READY


def judge_overall(areas: Iterable[AreaResult]) -> tuple[Level | None, tuple[str, ...]]:
    """Return the worst level and the areas that have it; not known when an area is not, unless another one is level 4 already."""
    areas = tuple(areas)
    known = [area.level for area in areas if area.level is not None]
    worst = max(known, default=None)
    if worst is not Level.NOT_READY and len(known) < len(areas):
        worst = None
    return worst, tuple(area.code for area in areas if area.level is worst)


def judge_people(rule: AreaRule, positions: Sequence[PositionResult]) -> AreaResult:
    """Judge area P: all posts, key posts by themselves, and mandatory rows that nobody fills."""
    part, whole = _sums((one.filled, one.need) for one in positions)
    reasons = [Reason("band:all", judge_share(part, whole, rule.bands))]
    key_part, key_whole = _sums((one.filled, one.need) for one in positions if one.key)
    if key_whole and rule.key:
        reasons.append(Reason("band:key", judge_share(key_part, key_whole, rule.key)))
    empty = [one.id for one in positions if one.mandatory and not one.filled]
    reasons += [Reason(f"mandatory:{code}", Level.NOT_READY) for code in empty]
    return _by_share(rule, part, whole, reasons)


def judge_on_hand(rule: AreaRule, lines: Sequence[EquipmentResult]) -> AreaResult:
    """Judge area S: what the team has of what it needs, whether it can be used or not."""
    return _judge_lines(rule, [(one, one.on_hand) for one in lines])


def judge_usable(rule: AreaRule, lines: Sequence[EquipmentResult]) -> AreaResult:
    """Judge area R: what the team can use on the day of what it needs."""
    return _judge_lines(rule, [(one, one.usable) for one in lines])


def judge_training(
    rule: AreaRule,
    definition: StandardDefinition,
    team: TeamInput,
    roster: Roster,
    checklist: Sequence[RequirementResult],
) -> AreaResult:
    """Judge area T: of the people placed, those of whom everything that each member must show is in date.

    What a post asks for is in date for whoever is placed on it. What is shown for the team as a whole counts for everybody.
    """
    placed = set(roster.placed)
    if not placed:
        return _not_known(rule)
    states = [one for one in checklist if one.kind == RequirementKind.INDIVIDUAL]
    in_date = [person for person in team.people if person.id in placed]
    for recency in definition.individual:
        if recency.courses:
            in_date = [
                person
                for person in in_date
                if any(
                    count_months(held.starts_on, team.on) <= recency.every_months
                    and last_day_of_cover([(held.starts_on, held.ends_on)], team.on)[0]
                    for held in person.held
                    if held.qualification in recency.courses and held.starts_on <= team.on
                )
            ]
    failed = [one.code for one in states if one.state == NOT_MET]
    part, whole = 0 if failed else len(in_date), len(placed)
    unknown = [one.code for one in states if one.state == UNKNOWN]
    reasons = [Reason("band:all", judge_share(part, whole, rule.bands))]
    return _by_share(rule, part, whole, reasons, unknown=unknown)


def judge_exercise(rule: AreaRule, exercises: Sequence[ExerciseResult], team: TeamInput) -> AreaResult:
    """Judge area X: months since the last accepted full exercise of the right kind and length."""
    last = max((one.held_on for one in exercises if one.counts), default=None)
    if last is None:
        return _not_known(rule)
    months = count_months(last, team.on)
    level = judge_months(months, rule.bands)
    return AreaResult(
        rule.code, level, f"{months} months", None, None, None, months, rule.bands, ("band:months",)
    )


def judge_documents(rule: AreaRule, checklist: Sequence[RequirementResult]) -> AreaResult:
    """Judge area D: lines of the checklist that are met, of those that apply; what is counted from people is left out."""
    lines = [one for one in checklist if one.kind not in COUNTED and one.state != NOT_APPLICABLE]
    if all(one.state == UNKNOWN for one in lines):
        return _not_known(rule)
    part, whole = sum(one.state == MET for one in lines), len(lines)
    reasons = [Reason("band:all", judge_share(part, whole, rule.bands))]
    critical = [one for one in lines if one.critical]
    reasons += [Reason(f"critical:{one.code}", Level.NOT_READY) for one in critical if one.state == NOT_MET]
    unknown = [one.code for one in critical if one.state == UNKNOWN]
    return _by_share(rule, part, whole, reasons, unknown=unknown)


def _judge_lines(rule: AreaRule, counts: Sequence[tuple[EquipmentResult, int]]) -> AreaResult:
    part, whole = _sums((count, line.need) for line, count in counts)
    reasons = [Reason("band:all", judge_share(part, whole, rule.bands))]
    short = [line.code for line, count in counts if line.critical and count < line.need]
    reasons += [Reason(f"critical:{code}", Level.NOT_READY) for code in short]
    return _by_share(rule, part, whole, reasons)


def _by_share(
    rule: AreaRule, part: int, whole: int, reasons: Sequence[Reason], *, unknown: Sequence[str] = ()
) -> AreaResult:
    level: Level | None = max(reason.level for reason in reasons)
    binding = tuple(reason.code for reason in reasons if reason.level is level)
    if unknown and level is not Level.NOT_READY:
        level, binding = None, tuple(f"unknown:{code}" for code in unknown)
    percent = (Decimal(100 * part) / whole).quantize(Decimal("0.1"), rounding=ROUND_DOWN)
    return AreaResult(rule.code, level, f"{part} of {whole}", part, whole, percent, None, rule.bands, binding)


def _not_known(rule: AreaRule) -> AreaResult:
    return AreaResult(rule.code, None, "", None, None, None, None, rule.bands, ())


def _sums(pairs: Iterable[tuple[int, int]]) -> tuple[int, int]:
    part = whole = 0
    for have, need in pairs:
        part, whole = part + have, whole + need
    return part, whole
