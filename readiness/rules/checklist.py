"""The checklist of a standard: each line met, not met, not applicable or not known, with dated evidence or counted from people."""

from collections.abc import Mapping
from decimal import Decimal
from math import ceil

from readiness.assessment import RequirementResult
from readiness.rules.inputs import EvidenceInput, TeamInput
from readiness.rules.people import Roster
from readiness.standards.data import RequirementKind, StandardDefinition

MET, NOT_MET, NOT_APPLICABLE, UNKNOWN = "met", "not_met", "not_applicable", "unknown"
ROSTER = "ROSTER"
SKILL_PREFIX = "SKILL-"
ROSTER_TITLE = {
    "en": "People on the roster behind the posts",
    "ar": "الأفراد المسجَّلون خلف الوظائف",
    "fr": "Personnes inscrites derrière les postes",
}
# Counted from people: shown with the checklist, and no part of the share of plans and documents.
COUNTED = frozenset(
    {RequirementKind.SKILL.value, RequirementKind.COUNT.value, RequirementKind.INDIVIDUAL.value}
)


def judge_checklist(
    definition: StandardDefinition, team: TeamInput, roster: Roster
) -> tuple[RequirementResult, ...]:
    """Return the state of every line: those shown by evidence, then those counted from people.

    Evidence counts from its day to its last one; after that the line is not met. Without evidence it is not known.
    """
    evidence = {one.code: one for one in team.evidence}
    lines = [
        _shown(
            evidence.get(one.code),
            team,
            code=one.code,
            title=one.names,
            kind=one.kind.value,
            critical=one.critical,
            basis=one.basis,
            source=one.source,
        )
        for one in definition.requirements
    ]
    lines += [
        _shown(
            evidence.get(one.code),
            team,
            code=one.code,
            title=one.names,
            kind=RequirementKind.INDIVIDUAL.value,
            critical=False,
            basis=one.basis,
            source=one.source,
        )
        for one in definition.individual
        if not one.courses
    ]
    return (*lines, *_judge_skills(definition, team, roster, evidence), *_judge_roster(definition, roster))


def _shown(
    evidence: EvidenceInput | None,
    team: TeamInput,
    *,
    code: str,
    title: dict[str, str],
    kind: str,
    critical: bool,
    basis: str,
    source: str,
) -> RequirementResult:
    state = UNKNOWN
    if evidence is not None:
        ended = evidence.valid_until is not None and evidence.valid_until < team.on
        state = NOT_MET if ended and evidence.state == MET else evidence.state
    return RequirementResult(
        code=code,
        title=title,
        kind=kind,
        critical=critical,
        state=state,
        evidence=evidence.note if evidence is not None else "",
        dated_on=evidence.dated_on if evidence is not None else None,
        basis=basis,
        source=source,
        valid_until=evidence.valid_until if evidence is not None else None,
    )


def _judge_skills(
    definition: StandardDefinition,
    team: TeamInput,
    roster: Roster,
    evidence: Mapping[str, EvidenceInput],
) -> list[RequirementResult]:
    lines = []
    for one in definition.skills:
        if not one.least:
            continue
        code = SKILL_PREFIX + one.code
        if one.course is None:
            lines.append(
                _shown(
                    evidence.get(code),
                    team,
                    code=code,
                    title=one.names,
                    kind=RequirementKind.SKILL.value,
                    critical=False,
                    basis=one.basis,
                    source=one.source,
                )
            )
            continue
        count = sum(one.course in held for held in roster.held.values())
        lines.append(_counted(code, one.names, count, one.least, one.basis, one.source))
    return lines


def _judge_roster(definition: StandardDefinition, roster: Roster) -> list[RequirementResult]:
    """Return the line of the redundancy check: so many people on the roster for each post; none where one is enough."""
    wanted = ceil(Decimal(definition.roster_ratio) * definition.headcount)
    if wanted <= definition.headcount:
        return []
    figure = next(
        one for one in definition.figures if one.group == "team" and one.code == "roster_redundancy_ratio"
    )
    return [_counted(ROSTER, ROSTER_TITLE, len(roster.available), wanted, figure.basis, figure.source)]


def _counted(
    code: str, title: dict[str, str], count: int, least: int, basis: str, source: str
) -> RequirementResult:
    return RequirementResult(
        code=code,
        title=title,
        kind=RequirementKind.SKILL.value,
        critical=False,
        state=MET if count >= least else NOT_MET,
        evidence=f"{count} / {least}",
        dated_on=None,
        basis=basis,
        source=source,
    )
