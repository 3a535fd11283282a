"""The courses that come with the system, and the strictness of their reader."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from curriculum.catalogue.data import EditionData
from curriculum.catalogue.loading import FOLDER, CatalogueError, read_catalogue, read_edition, read_editions
from curriculum.domains import DOMAIN_NAMES
from curriculum.outcomes import judge_trainee
from curriculum.schemes import (
    AssessmentKind,
    AttemptRecord,
    Measure,
    Outcome,
    Presence,
)

EDITIONS = read_editions()
ARABIC = range(0x0600, 0x0700)


def edition(code: str) -> EditionData:
    return next(one for one in EDITIONS if one.course.code == code)


def test_catalogue_has_sixty_courses_with_titles_in_three_languages() -> None:
    courses = read_catalogue()
    assert len(courses) == 60
    for course in courses:
        assert any(ord(letter) in ARABIC for letter in course.title.ar), course.code
        assert course.title.fr != course.title.en, course.code


def test_domain_of_every_course_has_its_name() -> None:
    domains = {course.domain for course in (*read_catalogue(), *(one.course for one in EDITIONS))}
    assert domains == set(DOMAIN_NAMES)


def test_certificate_without_expiry_is_kept_apart_from_one_of_a_year() -> None:
    validity = {course.code: course.validity_months for course in read_catalogue()}
    assert (validity["C-ICS-100"], validity["C-HAZ-201"]) == (None, 12)


def test_editions_cover_the_three_domains() -> None:
    assert {one.course.domain for one in EDITIONS} == {"mass_casualty", "usar", "cyber"}


def test_mcm_201_is_the_course_of_the_acceptance_story() -> None:
    mcm = edition("MCM-201")
    assert (mcm.number, mcm.validity_months, mcm.required_sessions) == ("1.4", 36, 9)
    assert [(session.day, session.half.value) for session in mcm.sessions] == [
        (day, half) for day in range(1, 6) for half in ("am", "pm")
    ]
    stations = [one for one in mcm.assessments if one.kind is AssessmentKind.STATION]
    assert [len(one.items) for one in stations] == [12, 12, 12]
    assert [sum(item.critical for item in one.items) for one in stations] == [2, 2, 2]
    assert all(one.other_evaluator_on_retake and one.max_attempts == 2 for one in stations)
    paper = mcm.assessments[-1]
    assert (paper.kind, paper.pass_mark, paper.questions) == (AssessmentKind.WRITTEN, Decimal(70), 50)
    assert [(one.course_code, one.in_date) for one in mcm.prerequisites] == [("C-FA-110", True)]


def test_prerequisites_of_editions_are_courses_of_the_catalogue() -> None:
    known = {course.code for course in read_catalogue()}
    assert {one.course_code for each in EDITIONS for one in each.prerequisites} <= known


def test_editions_of_catalogue_courses_keep_their_titles_hours_and_prerequisites() -> None:
    outlines = {course.code: course for course in read_catalogue()}
    for one in EDITIONS:
        outline = outlines.get(one.course.code)
        if outline is not None:
            assert one.course.title == outline.title
            assert (one.hours, one.validity_months) == (outline.hours, outline.validity_months)
            assert tuple(each.course_code for each in one.prerequisites) == outline.prerequisites


@pytest.mark.parametrize("one", EDITIONS, ids=lambda one: f"{one.course.code}-{one.number}")
def test_every_text_of_an_edition_is_in_its_own_script_and_language(one: EditionData) -> None:
    texts = [
        one.course.title,
        *(session.title for session in one.sessions),
        *(outcome.text for outcome in one.outcomes),
        *(assessment.title for assessment in one.assessments),
        *(item.text for assessment in one.assessments for item in assessment.items),
        *(level.label for assessment in one.assessments for level in assessment.scale),
    ]
    for text in texts:
        assert any(ord(letter) in ARABIC for letter in text.ar), text
        assert not any(ord(letter) in ARABIC for letter in text.en + text.fr), text
        assert len({text.en, text.fr}) == 2, text
    for language in ("en", "ar", "fr"):
        items = [
            item.text.in_language(language) for assessment in one.assessments for item in assessment.items
        ]
        assert len(items) == len(set(items))


@pytest.mark.parametrize("one", EDITIONS, ids=lambda one: f"{one.course.code}-{one.number}")
def test_somebody_who_does_everything_right_becomes_competent(one: EditionData) -> None:
    def best(assessment_code: str) -> dict[str, Decimal]:
        assessment = next(each for each in one.assessments if each.code == assessment_code)
        full = {Measure.LEVEL: Decimal(3), Measure.PERCENT: Decimal(100)}
        return {
            item.code: full.get(item.measure) or item.at_least or item.at_most or Decimal(0)
            for item in assessment.items
        }

    attempts = {
        each.code: [AttemptRecord(1, best(each.code), date(2026, 11, 20), 1)] for each in one.assessments
    }
    attendance = {each.position: Presence.PRESENT for each in one.sessions}
    assert judge_trainee(one.scheme(), attendance, attempts).outcome is Outcome.COMPETENT


def spoil(change: Callable[[dict[str, Any]], object], folder: Path) -> Path:
    document = json.loads((FOLDER / "editions" / "mcm-201-1.4.json").read_text(encoding="utf-8"))
    change(document)
    path = folder / "spoilt.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.pop("number"), "spoilt.json: top: lacks number"),
        (lambda d: d.update(colour="red"), "spoilt.json: top: has unknown colour"),
        (lambda d: d.update(validity_months=True), "spoilt.json: validity_months: should be a whole number"),
        (lambda d: d.update(required_sessions=11), "spoilt.json: required_sessions: should be a whole number"),
        (lambda d: d.update(hours="34"), "spoilt.json: hours: should be the sum of the sessions, 35.0"),
        (lambda d: d["sessions"].reverse(), "spoilt.json: sessions: should be in order of day and half"),
        (lambda d: d["sessions"][0]["title"].update(ar=" "), r"spoilt.json: sessions\[0\].title.ar: should be a text"),
        (
            lambda d: d["assessments"][0].update(pass_mark=75.0),
            r"spoilt.json: assessments\[0\].pass_mark: should be a decimal in quotes",
        ),
        (
            lambda d: d["assessments"][0].update(pass_mark="NaN"),
            r"spoilt.json: assessments\[0\].pass_mark: should be a decimal in quotes",
        ),
        (
            lambda d: d["assessments"][0]["items"][1].update(code="T01"),
            r"spoilt.json: assessments\[0\].items: repeats item code T01",
        ),
        (lambda d: d["assessments"][0].update(kind="oral"), r"assessments\[0\].kind: should be one of written, station"),
        (lambda d: d["assessments"][0].pop("scale"), r"assessments\[0\]: needs a scale exactly when"),
        (lambda d: d["assessments"][0].update(scale="stars"), r"scales: lacks stars"),
        (lambda d: d["assessments"][1].update(code="ST1"), "assessments: repeats assessment code ST1"),
        (
            lambda d: d["scales"]["observed"][2].update(share="0.2"),
            "scales.observed: a higher level should never count for less",
        ),
        (
            lambda d: d["assessments"][3]["items"][0].update(measure="bounded"),
            r"assessments\[3\].items\[0\]: needs at_least or at_most exactly when",
        ),
        (lambda d: d.update(outcomes=[]), "outcomes: should be a list with at least one member"),
    ],
)  # fmt: skip
def test_spoilt_edition_is_refused_with_file_and_place(
    change: Callable[[dict[str, Any]], object], message: str, tmp_path: Path
) -> None:
    with pytest.raises(CatalogueError, match=message):
        read_edition(spoil(change, tmp_path))


def test_repeated_key_and_broken_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text('{"schema": "a", "schema": "b"}', encoding="utf-8")
    with pytest.raises(CatalogueError, match="repeated key"):
        read_edition(path)
    path.write_bytes(b'{"schema": "\xff"}')
    with pytest.raises(CatalogueError, match="not JSON in UTF-8"):
        read_edition(path)


def test_catalogue_without_a_title_names_the_course(tmp_path: Path) -> None:
    (tmp_path / "course-catalogue.json").write_bytes((FOLDER / "course-catalogue.json").read_bytes())
    titles = json.loads((FOLDER / "titles.json").read_text(encoding="utf-8"))
    del titles["C-FA-110"]
    (tmp_path / "titles.json").write_text(json.dumps(titles), encoding="utf-8")
    with pytest.raises(CatalogueError, match="lacks C-FA-110"):
        read_catalogue(tmp_path)
