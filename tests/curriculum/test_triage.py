"""Figures of triage drills, by hand and by property."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curriculum.catalogue.loading import read_editions
from curriculum.outcomes import judge_attempt
from curriculum.schemes import AssessmentKind, Outcome
from curriculum.triage import CasualtyRecord, TriageCategory, compute_figures

RED, YELLOW, GREEN, BLACK, GREY = (TriageCategory(letter) for letter in "IDMXE")


def drill(*pairs: tuple[TriageCategory, TriageCategory | None]) -> list[CasualtyRecord]:
    return [
        CasualtyRecord(f"C{n}", reference, chosen) for n, (reference, chosen) in enumerate(pairs, start=1)
    ]


def test_twenty_casualties_one_under_and_one_over() -> None:
    right = [(RED, RED)] * 3 + [(YELLOW, YELLOW)] * 5 + [(GREEN, GREEN)] * 8 + [(BLACK, BLACK)] * 2
    figures = compute_figures(drill(*right, (RED, YELLOW), (GREEN, YELLOW)), elapsed_seconds=Decimal(900))
    assert (figures.accuracy_percent, figures.correct) == (Decimal("90.0"), 18)
    assert (figures.under_triaged, figures.under_triage_percent) == (("C19",), Decimal("11.2"))
    assert (figures.over_triaged, figures.over_triage_percent) == (("C20",), Decimal("10.0"))
    assert figures.seconds_per_casualty == Decimal("45.0")


@pytest.mark.parametrize("chosen", [YELLOW, GREEN, BLACK, GREY, None])
def test_immediate_placed_anywhere_lower_or_never_reached_is_under_triaged(
    chosen: TriageCategory | None,
) -> None:
    assert compute_figures(drill((RED, chosen)), elapsed_seconds=Decimal(30)).under_triaged == ("C1",)


def test_minor_sent_to_delayed_and_delayed_sent_to_immediate_are_over_triaged() -> None:
    figures = compute_figures(
        drill((GREEN, YELLOW), (YELLOW, RED), (RED, RED), (BLACK, RED)), elapsed_seconds=Decimal(60)
    )
    assert figures.over_triaged == ("C1", "C2")
    assert figures.over_triage_percent == Decimal("50.0")


def test_figures_are_rounded_against_the_trainee() -> None:
    figures = compute_figures(
        drill((GREEN, GREEN), (GREEN, GREEN), (GREEN, YELLOW)), elapsed_seconds=Decimal("180.1")
    )
    assert figures.accuracy_percent == Decimal("66.6")
    assert figures.seconds_per_casualty == Decimal("60.1")


def test_life_saving_interventions_are_those_done_of_those_indicated() -> None:
    casualties = [CasualtyRecord("C1", RED, RED, 2, 1), CasualtyRecord("C2", YELLOW, YELLOW, 1, 1)]
    assert compute_figures(casualties, elapsed_seconds=Decimal(60)).interventions_percent == Decimal("66.6")


def test_drill_without_urgent_casualties_or_interventions_gives_the_perfect_figures() -> None:
    figures = compute_figures(drill((GREEN, GREEN)), elapsed_seconds=Decimal(20))
    assert figures.under_triage_percent == Decimal("0.0")
    assert figures.interventions_percent == Decimal("100.0")


@pytest.mark.parametrize(
    ("casualties", "seconds", "problem"),
    [
        ([], "1", "at least one"),
        ([CasualtyRecord("C1", RED, RED), CasualtyRecord("C1", YELLOW, YELLOW)], "1", "twice"),
        ([CasualtyRecord("C1", RED, RED)], "-1", "no time"),
        ([CasualtyRecord("C1", RED, RED, 1, 2)], "1", "more interventions"),
    ],
)
def test_impossible_drill_is_refused(casualties: list[CasualtyRecord], seconds: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        compute_figures(casualties, elapsed_seconds=Decimal(seconds))


def test_figures_are_the_marks_of_the_triage_drill_of_the_catalogue() -> None:
    scheme = next(
        assessment.scheme()
        for edition in read_editions()
        for assessment in edition.assessments
        if assessment.kind is AssessmentKind.TRIAGE_DRILL
    )
    good = compute_figures(
        drill(*[(RED, RED)] * 4, *[(YELLOW, YELLOW)] * 5, *[(GREEN, GREEN)] * 9, *[(BLACK, BLACK)] * 2),
        elapsed_seconds=Decimal(1200),
    )
    assert judge_attempt(scheme, good.as_marks()).outcome is Outcome.COMPETENT
    harmful = compute_figures(
        drill(*[(RED, RED)] * 8, (RED, GREEN), *[(GREEN, GREEN)] * 11), elapsed_seconds=Decimal(600)
    )
    judgement = judge_attempt(scheme, harmful.as_marks())
    assert (judgement.outcome, judgement.failed_critical) == (Outcome.NOT_YET_COMPETENT, ("UND",))


CATEGORIES = st.sampled_from(TriageCategory)


@given(st.lists(st.tuples(CATEGORIES, st.none() | CATEGORIES), min_size=1, max_size=30), st.integers(0, 4000))
def test_figures_stay_in_range_and_no_casualty_is_both_under_and_over(
    pairs: list[tuple[TriageCategory, TriageCategory | None]], seconds: int
) -> None:
    figures = compute_figures(drill(*pairs), elapsed_seconds=Decimal(seconds))
    for percent in (figures.accuracy_percent, figures.under_triage_percent, figures.over_triage_percent):
        assert 0 <= percent <= 100
    assert not set(figures.under_triaged) & set(figures.over_triaged)
    assert figures.correct + len(figures.under_triaged) + len(figures.over_triaged) <= figures.casualties


@given(st.lists(CATEGORIES, min_size=1, max_size=30))
def test_sorting_as_the_reference_is_perfect(categories: list[TriageCategory]) -> None:
    figures = compute_figures(drill(*[(one, one) for one in categories]), elapsed_seconds=Decimal(10))
    assert figures.accuracy_percent == 100
    assert figures.under_triaged == figures.over_triaged == ()
