"""The benchmarks run, on small cases: what they measure is asked of them elsewhere, and no test waits for a clock."""

import json
from collections.abc import Callable

import pytest

from bench import api, engine, mark, personnel_import, report, roster, verification
from bench.__main__ import as_json, as_table, find_names, main
from bench.figures import Figure

SMALL: dict[str, Callable[[], list[Figure]]] = {
    "api": lambda: api.figures(people=3, rounds=1),
    "mark": lambda: mark.figures(people=3, rounds=2),
    "roster": lambda: roster.figures(people=3, rounds=1),
    "verification": lambda: verification.figures(certificates=1, rounds=1),
}


def test_every_benchmark_is_found() -> None:
    assert find_names() == [
        "api",
        "certificate",
        "engine",
        "mark",
        "personnel_import",
        "report",
        "roster",
        "verification",
    ]
    assert personnel_import.figures


@pytest.mark.parametrize("name", SMALL)
def test_benchmark_of_pages_runs_on_a_small_case(name: str) -> None:
    found = SMALL[name]()
    assert any(figure.unit == "ms CPU" and figure.value > 0 for figure in found)
    assert any(figure.unit == "statements" and figure.value > 0 for figure in found)


def test_benchmark_of_the_engine_runs_on_a_small_case_and_agrees_with_scipy() -> None:
    found = engine.figures([engine.Case(60, 100, 0.9, 2.0)], rounds=1)
    assert [figure.aim for figure in found if figure.aim] == [2.0]
    assert all(figure.value > 0 for figure in found)


def test_benchmark_of_the_report_runs_in_one_language() -> None:
    found = report.figures(rounds=1, languages=("en",))
    assert {figure.aim for figure in found if figure.aim} == {report.AIM_SECONDS, report.AIM_MEGABYTES}
    assert all(figure.value > 0 for figure in found)


def test_figures_are_told_as_table_and_as_json() -> None:
    figure = Figure("a page", 7.5, "ms CPU", 15.0, "least 7.1")
    table = as_table({"pages": [figure]}, 10.0)
    assert "a page" in table and "0.50" in table and "met" in table
    told = json.loads(as_json({"pages": [figure]}, 10.0))["benchmarks"]["pages"][0]
    assert (told["ratio"], told["verdict"], told["aim"]) == (0.5, "met", 15.0)


def test_a_benchmark_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["nothing"])
    assert "nothing" in capsys.readouterr().err
