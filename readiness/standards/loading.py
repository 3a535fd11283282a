"""Read the standards that come with the system into frozen values, and refuse a wrong file by its name and the place.

Pure: no database, no clock, nothing written. Four kinds of file (`README.md` beside this module): the standards themselves, the
rule set, what the programme chose where the texts leave it open, and the texts in Arabic and French.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence, Set
from pathlib import Path
from typing import Any

from curriculum.catalogue.nodes import CatalogueError, Node
from readiness.plain import canonical
from readiness.standards.data import (
    AreaRule,
    Component,
    EquipmentLine,
    ExerciseKind,
    ExerciseRule,
    Figure,
    PositionRow,
    Recency,
    Requirement,
    RequirementKind,
    RuleSet,
    SkillCount,
    Source,
    StandardDefinition,
)

__all__ = ["CatalogueError", "read_rules", "read_standard", "read_standards", "read_titles"]

FOLDER = Path(__file__).parent
SCHEMA = "readiness-standard/1"
BASES = ("published", "planning")
FIGURE_GROUPS = ("team", "capacity", "operations", "response")
AREAS = ("P", "S", "R", "T", "X", "D")
MOST = 1_000_000

Names = Callable[[Node], dict[str, str]]


def read_standards(courses: Set[str], folder: Path = FOLDER) -> tuple[StandardDefinition, ...]:
    """Return every standard of a folder by its id; `courses` are the codes that may be asked for.

    Raises CatalogueError for a wrong file, an id given twice, and choices for a standard that is not there.
    """
    rules, titles = read_rules(folder), read_titles(folder)
    choices = Node.read(folder / "choices.json")["standards"]
    found = []
    for path in sorted(folder.glob("*.json")):
        node = Node.read(path)
        if node.value.get("schema") == SCHEMA:
            found.append(_read(node, courses, rules=rules, titles=titles, choices=choices))
    ids = [one.id for one in found]
    _refuse_twice(ids, choices, "standard")
    if strangers := set(choices.value) - set(ids):
        raise choices.fail(f"has choices for unknown standards: {', '.join(sorted(strangers))}")
    return tuple(sorted(found, key=lambda one: one.id))


def read_standard(path: Path, courses: Set[str], folder: Path = FOLDER) -> StandardDefinition:
    """Read one standard strictly; raise CatalogueError naming file and place at the first thing wrong."""
    choices = Node.read(folder / "choices.json")["standards"]
    return _read(
        Node.read(path), courses, rules=read_rules(folder), titles=read_titles(folder), choices=choices
    )


def read_titles(folder: Path = FOLDER) -> dict[str, dict[str, str]]:
    """Return the Arabic and French texts by their English."""
    document = Node.read(folder / "titles.json")
    return {
        english: {code: document[english].only({"ar", "fr"})[code].text() for code in ("ar", "fr")}
        for english in document.value
    }


def read_rules(folder: Path = FOLDER) -> RuleSet:
    """Return the rule set: the bands of each area, and a version that changes with any of its words."""
    recommended = Node.read(folder / "readiness-scales.json")["recommended"]
    areas = []
    for node in recommended["areas"].each():
        bands = node["bands"]
        unit = "months" if bands.has("months") else "percent"
        areas.append(
            AreaRule(
                node["code"].text(),
                _read_bands(bands["months" if unit == "months" else "all"], rising=unit == "months"),
                _read_bands(bands["key"], rising=False) if bands.has("key") else (),
                unit,
            )
        )
    if [area.code for area in areas] != list(AREAS):
        raise recommended["areas"].fail(f"should be the areas {', '.join(AREAS)} in this order")
    digest = hashlib.sha256(canonical(recommended.value).encode()).hexdigest()
    return RuleSet(f"recommended/{digest[:8]}", tuple(areas))


def _read_bands(node: Node, *, rising: bool) -> tuple[int, ...]:
    bands = tuple(one.integer(0, 1000) for one in node.each())
    if len(bands) != 3 or sorted(set(bands), reverse=not rising) != list(bands):
        raise node.fail("should be three limits, from the best level down")
    return bands


def _read(
    node: Node, courses: Set[str], *, rules: RuleSet, titles: dict[str, dict[str, str]], choices: Node
) -> StandardDefinition:
    if node["schema"].text() != SCHEMA:
        raise node["schema"].fail(f"should be {SCHEMA}")
    chosen = choices[node["id"].text()].only(
        {"edition_label", "mandatory", "key", "exercises", "full_exercise", "individual"}
    )

    def names(text: Node) -> dict[str, str]:
        return {"en": text.text(), **titles.get(text.text(), {})}

    headcount = node["team"]["headcount"]["value"].integer(1, 10_000)
    positions = tuple(_read_positions(node, chosen, courses, names))
    _check_sums(node, positions, headcount)
    kinds = tuple(one.choice(ExerciseKind) for one in chosen["full_exercise"].each())
    definition = StandardDefinition(
        id=node["id"].text(),
        titles=names(node["title"]),
        domain=node["discipline"].text(),
        issuer=node["issuer"].text(),
        edition_label=chosen["edition_label"].text(),
        edition=node["edition"].text(),
        edition_note=node["edition_note"].text(),
        status=node["status"].text(),
        headcount=headcount,
        roster_ratio=str(node["team"]["roster_redundancy_ratio"]["value"].value),
        sources=tuple(_read_source(one) for one in node["sources"].each()),
        figures=tuple(_read_figures(node)),
        components=tuple(
            Component(one["code"].text(), names(one["title"]), one["min_headcount"].integer(1, MOST))
            for one in node["components"].each()
        ),
        positions=positions,
        equipment=tuple(
            _read_line(one, names, node, headcount=headcount) for one in node["equipment"].each()
        ),
        requirements=tuple(_read_requirements(node, names)),
        skills=tuple(_read_skill(one, names, courses) for one in _each(node, "skill_counts")),
        exercises=tuple(
            _read_exercise(one, names, chosen, kinds) for one in node["recency"]["exercises"].each()
        ),
        full_exercise=kinds,
        individual=tuple(_read_individual(node, names, chosen, courses)),
        rules=rules,
    )
    _check_codes(node, chosen, definition)
    return definition


def _each(node: Node, key: str) -> Iterable[Node]:
    """Return the members of a list that may be missing or empty."""
    return node[key].each() if node.has(key) and node.value[key] else ()


def _read_source(node: Node) -> Source:
    return Source(*(node[name].text() for name in ("id", "title", "publisher", "address", "read")))


def _basis(node: Node) -> dict[str, Any]:
    basis = node["basis"].text()
    if basis not in BASES:
        raise node["basis"].fail("should be published or planning")
    verified = node["verified"].flag() if node.has("verified") else None
    if basis == "published" and verified is None:
        raise node.fail("is published and does not say whether it was verified")
    return {"basis": basis, "source": node["source"].text(), "verified": verified}


def _note(node: Node) -> str:
    return node["note"].text() if node.has("note") else ""


def _read_positions(node: Node, chosen: Node, courses: Set[str], names: Names) -> Iterable[PositionRow]:
    mandatory, key = (set(chosen[name].value) for name in ("mandatory", "key"))
    for component in node["components"].each():
        total = 0
        for one in component["positions"].each():
            wanted = _read_courses(one["required_courses"], courses)
            need = one["min_headcount"].integer(1, MOST)
            total += need
            yield PositionRow(
                code=one["code"].text(),
                component=component["code"].text(),
                names=names(one["title"]),
                need=need,
                courses=wanted,
                licences=tuple(text.text() for text in _each(one, "required_qualifications")),
                function=one["function"].text() if one.has("function") else "",
                key=one["code"].text() in key | mandatory,
                mandatory=one["code"].text() in mandatory,
                **_basis(one),
            )
        if total != component["min_headcount"].integer(1, MOST):
            raise component["min_headcount"].fail(f"should be {total}, the sum of its positions")


def _read_courses(node: Node, courses: Set[str]) -> tuple[str, ...]:
    wanted = tuple(one.text() for one in node.each())
    if unknown := set(wanted) - courses:
        raise node.fail(f"asks for courses that the catalogue does not have: {', '.join(sorted(unknown))}")
    return wanted


def _read_line(node: Node, names: Names, standard: Node, *, headcount: int) -> EquipmentLine:
    quantity, per = node["min_quantity"].integer(1, MOST), node["per"].text()
    if per not in ("team", "worksite", "person"):
        raise node["per"].fail("should be team, worksite or person")
    sites = standard["operations"]["worksites"]["value"].integer(1, 100) if per == "worksite" else 1
    need = quantity * sites * (headcount if per == "person" else 1)
    if node.has("team_total_min_quantity") and node["team_total_min_quantity"].integer(1, MOST) != need:
        raise node["team_total_min_quantity"].fail(f"should be {need}: {quantity} for each {per}")
    every = "inspection_interval_months"
    return EquipmentLine(
        code=node["code"].text(),
        names=names(node["item"]),
        category=node["category"].text(),
        need=need,
        quantity=quantity,
        per=per,
        unit=node["unit"].text(),
        critical=node["critical"].flag(),
        inspect_every_months=node[every].integer(1, 240) if node.has(every) else None,
        note=_note(node),
        **_basis(node),
    )


def _read_requirements(node: Node, names: Names) -> Iterable[Requirement]:
    for one in node["requirements"].each():
        yield Requirement(
            code=one["code"].text(),
            names=names(one["title"]),
            kind=one["kind"].choice(RequirementKind),
            critical=one["critical"].flag(),
            evidence=tuple(text.text() for text in one["evidence"].each()),
            detail="",
            note=_note(one),
            **_basis(one),
        )
    for one in _each(node, "performance_capabilities"):
        threshold = " ".join(
            str(one[name].value) for name in ("comparison", "threshold", "unit") if one.has(name)
        )
        yield Requirement(
            code=one["code"].text(),
            names=names(one["title"]),
            kind=RequirementKind.CAPABILITY,
            critical=False,
            evidence=(one["evidence"].text(),),
            detail=threshold,
            note=_note(one),
            **_basis(one),
        )
    for one in _each(node, "parameters"):
        yield Requirement(
            code=one["code"].text(),
            names=names(one["title"]),
            kind=RequirementKind.PARAMETER,
            critical=one["critical"].flag(),
            evidence=(one["evidence"].text(),),
            detail=f">= {one['min_level'].integer(0, 4)}",
            note=one["quadrant"].text(),
            **_basis(one),
        )


def _read_skill(node: Node, names: Names, courses: Set[str]) -> SkillCount:
    course = node["course"].text() if node.has("course") else None
    if course is not None and course not in courses:
        raise node["course"].fail("is not in the catalogue")
    return SkillCount(
        code=node["code"].text(),
        names=names(node["title"]),
        least=node["min"].integer(0, MOST),
        course=course,
        note=_note(node),
        **_basis(node),
    )


def _read_exercise(node: Node, names: Names, chosen: Node, full: Sequence[ExerciseKind]) -> ExerciseRule:
    kind = chosen["exercises"][node["type"].text()].choice(ExerciseKind)
    return ExerciseRule(
        kind=kind,
        names=names(node["type"]),
        every_months=node["interval"]["value"].integer(1, 240),
        least_hours=node["min_duration"]["value"].integer(0, 1000),
        full=kind in full,
        note=_note(node),
        **_basis(node["interval"]),
    )


def _read_individual(node: Node, names: Names, chosen: Node, courses: Set[str]) -> Iterable[Recency]:
    shown_by = chosen["individual"]
    kinds = set()
    for position, one in enumerate(_each(node["recency"], "individual"), start=1):
        kind = one["kind"].text()
        kinds.add(kind)
        if one["interval"]["unit"].text() != "month":
            continue  # asked for before each deployment: nothing that could be in date on a day
        yield Recency(
            code=f"IND-{position}",
            names=names(one["kind"]),
            every_months=one["interval"]["value"].integer(1, 240),
            courses=_read_courses(shown_by[kind], courses) if shown_by.has(kind) else (),
            **_basis(one["interval"]),
        )
    if strangers := set(shown_by.value) - kinds:
        raise shown_by.fail(f"names what the standard does not ask for: {', '.join(sorted(strangers))}")


def _read_figures(node: Node) -> Iterable[Figure]:
    """Yield the single numbers of a standard, each with its basis: those of the team, its capacity, operation and response."""
    for group in FIGURE_GROUPS:
        if node.has(group):
            yield from _walk(node[group], group, "")
    for name in ("team_certification", "external_review", "self_assessment"):
        if node["recency"].has(name):
            one = node["recency"][name]
            yield _figure(one["validity"] if one.has("validity") else one, "recency", name)
    for one in _each(node, "staffing_ratios"):
        yield _figure(one, "staffing", one["name"].text().replace(" ", "_"))


def _walk(node: Node, group: str, code: str) -> Iterable[Figure]:
    for name in node.value:
        inner = node[name]
        if not isinstance(inner.value, dict):
            continue
        full = f"{code}.{name}" if code else name
        if inner.has("basis"):
            yield _figure(inner, group, full)
        elif inner.has("value"):
            # Of an earlier edition: told for comparison, and of no basis for this one.
            continue
        else:
            yield from _walk(inner, group, full)


def _figure(node: Node, group: str, code: str) -> Figure:
    value = node.value.get("value", node.value.get("litres_per_day"))
    if value is None:
        raise node.fail("lacks value")
    unit = node["unit"].text() if node.has("unit") else "litre a day" if node.has("litres_per_day") else ""
    return Figure(group, code, str(value), unit, note=_note(node), **_basis(node))


def _check_sums(node: Node, positions: Sequence[PositionRow], headcount: int) -> None:
    if (total := sum(position.need for position in positions)) != headcount:
        raise node["team"]["headcount"].fail(f"is {headcount}, but the positions add up to {total}")


def _cited(definition: StandardDefinition) -> set[str]:
    """Return the sources that figures name."""
    rows: list[Any] = [
        *definition.figures,
        *definition.positions,
        *definition.equipment,
        *definition.requirements,
        *definition.skills,
        *definition.exercises,
        *definition.individual,
    ]
    return {row.source for row in rows}


def _check_codes(node: Node, chosen: Node, definition: StandardDefinition) -> None:
    """Refuse codes given twice, sources nobody lists, and choices for rows that are not there."""
    _refuse_twice([one.code for one in definition.positions], node["components"], "position")
    _refuse_twice([one.code for one in definition.components], node["components"], "component")
    _refuse_twice([one.code for one in definition.equipment], node["equipment"], "equipment code")
    lines = [one.code for one in definition.requirements]
    lines += [one.code for one in definition.individual]
    _refuse_twice(lines, node["requirements"], "requirement code")
    _refuse_twice([one.code for one in definition.skills], node, "skill code")
    rows = {one.code for one in definition.positions}
    for name in ("mandatory", "key"):
        if strangers := set(chosen[name].value) - rows:
            raise chosen[name].fail(f"names no position: {', '.join(sorted(strangers))}")
    if not any(one.full for one in definition.exercises):
        raise chosen["full_exercise"].fail("is no kind of exercise that the standard asks for")
    known = {source.id for source in definition.sources}
    if strangers := _cited(definition) - known:
        raise node["sources"].fail(f"does not list {', '.join(sorted(strangers))}")


def _refuse_twice(codes: Sequence[str], node: Node, what: str) -> None:
    if repeated := sorted({code for code in codes if codes.count(code) > 1}):
        raise node.fail(f"has a {what} more than once: {', '.join(repeated)}")
