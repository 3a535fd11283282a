"""The standards that come with the system: read strictly, loaded once, and a changed file is a further edition."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from equipment.catalogue.loading import read_item_types
from foundation.db import db
from readiness.models import Standard, StandardEdition
from readiness.plain import read_json, write_json
from readiness.services import standards
from readiness.standards.data import StandardDefinition
from readiness.standards.loading import FOLDER, CatalogueError, read_standards, read_titles

CODES = standards.list_course_codes()


@pytest.fixture(scope="module")
def shipped() -> dict[str, StandardDefinition]:
    return {one.id: one for one in read_standards(CODES)}


def test_eleven_standards_come_with_the_system(shipped: dict[str, StandardDefinition]) -> None:
    assert {name: (one.headcount, one.domain) for name, one in shipped.items()} == {
        "csirt-sim3-basic": (4, "cyber"),
        "csirt-sim3-intermediate": (8, "cyber"),
        "fema-cyber-irt": (15, "cyber"),
        "fema-usr-tf-type1": (70, "usar"),
        "insarag-usar-heavy": (59, "usar"),
        "insarag-usar-light": (18, "usar"),
        "insarag-usar-medium": (40, "usar"),
        "mcm-team": (18, "medical"),
        "who-emt-type1-fixed": (32, "medical"),
        "who-emt-type1-mobile": (15, "medical"),
        "who-emt-type2": (63, "medical"),
    }


def test_story_standard_asks_for_2_leaders_4_triage_officers_12_responders_and_12_items(
    shipped: dict[str, StandardDefinition],
) -> None:
    one = shipped["mcm-team"]
    assert [(row.code, row.need, row.courses, row.key, row.mandatory) for row in one.positions] == [
        ("LDR", 2, ("M-MIM-320",), True, True),
        ("TRI", 4, ("M-TRI-101",), True, False),
        ("RSP", 12, ("MCM-201",), False, False),
    ]
    assert [(line.code, line.need, line.critical) for line in one.equipment] == [
        ("EQ-01", 4, True),
        ("EQ-02", 6, False),
        ("EQ-03", 2, False),
    ]


def test_insarag_medium_is_forty_people_in_five_parts(shipped: dict[str, StandardDefinition]) -> None:
    one = shipped["insarag-usar-medium"]
    assert [(part.code, part.headcount) for part in one.components] == [
        ("MGT", 8),
        ("SEA", 6),
        ("RES", 16),
        ("MED", 4),
        ("LOG", 6),
    ]
    assert {row.basis for row in one.positions} == {"published"}
    assert {row.source for row in one.positions} == {"S01"}
    assert (len(one.equipment), len(one.requirements), one.roster_ratio) == (65, 48, "2.0")
    threshold = next(row for row in one.requirements if row.code == "14.9.5")
    assert (threshold.detail, threshold.kind) == (">= 300 mm", "capability")
    assert [(rule.kind, rule.full) for rule in one.exercises] == [
        ("field", True),
        ("classification", True),
        ("mobilisation", False),
        ("command_post", False),
    ]


def test_equipment_for_each_worksite_and_person_is_told_for_the_whole_team(
    shipped: dict[str, StandardDefinition],
) -> None:
    heavy = {line.code: line for line in shipped["insarag-usar-heavy"].equipment}
    assert (heavy["SE-01"].per, heavy["SE-01"].quantity, heavy["SE-01"].need) == ("worksite", 1, 2)
    personal = [line for line in shipped["fema-cyber-irt"].equipment if line.per == "person"]
    assert personal and all(line.need == line.quantity * 15 for line in personal)


def test_type_1_mobile_has_published_figures_from_memory_and_planning_ones(
    shipped: dict[str, StandardDefinition],
) -> None:
    figures = {one.code: one for one in shipped["who-emt-type1-mobile"].figures}
    patients = figures["outpatients_per_day"]
    assert (patients.value, patients.basis, patients.verified) == ("50", "published", False)
    assert (figures["headcount"].value, figures["headcount"].basis) == ("15", "planning")
    assert figures["water"].value == "1000"
    assert figures["arrival_in_country"].verified is True


def test_definition_survives_being_stored(shipped: dict[str, StandardDefinition]) -> None:
    for one in shipped.values():
        assert read_json(StandardDefinition, write_json(one)) == one


def test_positions_and_titles_are_in_three_languages(shipped: dict[str, StandardDefinition]) -> None:
    for one in shipped.values():
        assert set(one.titles) == {"en", "ar", "fr"}, one.id
        for row in (*one.positions, *one.components, *one.exercises, *one.individual, *one.skills):
            assert set(row.names) == {"en", "ar", "fr"}, row.names["en"]


def test_every_translation_is_of_a_text_that_a_standard_has(shipped: dict[str, StandardDefinition]) -> None:
    used = {one.titles["en"] for one in shipped.values()}
    for one in shipped.values():
        for rows in (
            one.positions,
            one.components,
            one.equipment,
            one.requirements,
            one.exercises,
            one.individual,
            one.skills,
        ):
            used |= {row.names["en"] for row in rows}
    assert set(read_titles()) <= used


Change = Callable[[dict[str, Any]], None]


def _headcount(document: dict[str, Any]) -> None:
    document["team"]["headcount"]["value"] = 19


def _part(document: dict[str, Any]) -> None:
    document["components"][0]["min_headcount"] = 3


def _course(document: dict[str, Any]) -> None:
    document["components"][0]["positions"][0]["required_courses"] = ["NO-101"]


def _twice(document: dict[str, Any]) -> None:
    document["equipment"][1]["code"] = "EQ-01"


def _basis(document: dict[str, Any]) -> None:
    document["equipment"][0]["basis"] = "guess"


def _unverified(document: dict[str, Any]) -> None:
    document["requirements"][0]["basis"] = "published"


def _source(document: dict[str, Any]) -> None:
    document["requirements"][2]["source"] = "S99"


def _total(document: dict[str, Any]) -> None:
    document["equipment"][0]["team_total_min_quantity"] = 5


def _exercise(document: dict[str, Any]) -> None:
    document["recency"]["exercises"][0]["type"] = "parade"


def _missing(document: dict[str, Any]) -> None:
    del document["equipment"][2]["critical"]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (_headcount, "team.headcount"),
        (_part, "components[0].min_headcount"),
        (_course, "components[0].positions[0].required_courses"),
        (_twice, "equipment"),
        (_basis, "equipment[0].basis"),
        (_unverified, "requirements[0]"),
        (_source, "sources"),
        (_total, "equipment[0].team_total_min_quantity"),
        (_exercise, "standards.mcm-team.exercises"),
        (_missing, "equipment[2]"),
    ],
)
def test_malformed_file_is_refused_by_name_and_place(tmp_path: Path, change: Change, place: str) -> None:
    folder = tmp_path / "standards"
    shutil.copytree(FOLDER, folder)
    path = folder / "mcm-team.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(CatalogueError) as refused:
        read_standards(CODES, folder)
    expected = "choices.json" if place.startswith("standards.") else "mcm-team.json"
    assert str(refused.value).startswith(f"{expected}: {place}: ")


def test_loading_twice_adds_nothing(app: Flask) -> None:
    first = standards.load_standards()
    assert (len(first.standards), len(first.editions), first.unchanged) == (11, 11, 0)
    second = standards.load_standards()
    assert (second.standards, second.editions, second.unchanged) == ([], [], 11)


def test_changed_file_makes_a_further_edition_and_leaves_the_old_one(
    app: Flask, shipped: dict[str, StandardDefinition]
) -> None:
    standards.store_definitions((shipped["mcm-team"],))
    line = replace(shipped["mcm-team"].equipment[0], need=5, quantity=5)
    changed = replace(
        shipped["mcm-team"], equipment=(line, *shipped["mcm-team"].equipment[1:]), edition_label="2"
    )
    report = standards.store_definitions((changed,))
    assert report.editions == ["mcm-team 2"]
    old, new = db.session.query(StandardEdition).order_by(StandardEdition.number)
    assert (old.definition.equipment[0].need, new.definition.equipment[0].need) == (4, 5)
    assert standards.get_current("MCM-TEAM").number == 2
    assert db.session.query(Standard).one().current is new
    with pytest.raises(standards.UnknownStandard, match="mcm-team"):
        standards.get_current("none")


def test_every_type_of_equipment_fulfils_lines_that_the_standards_have(
    shipped: dict[str, StandardDefinition],
) -> None:
    lines = {f"{one.id}:{line.code}".casefold() for one in shipped.values() for line in one.equipment}
    wanted = {code.casefold() for values in read_item_types() for code in values["line_codes"]}
    assert wanted - lines == set()
    assert {"mcm-team:eq-01", "mcm-team:eq-02", "mcm-team:eq-03"} <= wanted
