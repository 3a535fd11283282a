"""`readiness solve`: a document on standard output and nothing else, honest exit codes, and reasons for people."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from readiness.commands import readiness as command_module
from readiness.engine import Solution

PROBLEM: dict[str, Any] = {
    "on": "2026-11-22",
    "hold_days": 0,
    "positions": [
        {"id": "قائد", "need": 2, "priority": 3, "any_of": [["M-MIM-320"]]},
        {"id": "triage", "need": 1, "priority": 2, "any_of": [["M-TRI-101"]]},
    ],
    "people": [
        {
            "id": name,
            "available": [],
            "certificates": [{"qualification": code, "from": "2026-01-01", "to": "2027-01-01"}],
        }
        for name, code in [("Ana", "M-MIM-320"), ("Bo", "M-TRI-101"), ('"Cy"', "M-TRI-101")]
    ],
    "implies": {},
    "courses": [],
    "until": "2028-11-22",
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(PROBLEM), encoding="utf-8")
    return path


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["readiness", "solve", *arguments])


def test_solve_prints_one_document_in_the_order_of_the_file(app: Flask, file: Path) -> None:
    result = run(app, str(file), "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout) == {
        "required": 3,
        "filled": 2,
        "by_position": [
            {"id": "قائد", "need": 2, "filled": 1},
            {"id": "triage", "need": 1, "filled": 1},
        ],
        "bottlenecks": [{"positions": ["قائد"], "need": 2, "qualified": 1, "short": 1}],
        "indispensable": ["Ana"],
        "useful": [
            {"person": "Bo", "position": "قائد"},
            {"person": '"Cy"', "position": "قائد"},
        ],
    }


def test_document_without_useful_pairs_is_whole_as_well(app: Flask, file: Path) -> None:
    file.write_text(json.dumps({**PROBLEM, "positions": []}), encoding="utf-8")
    document = json.loads(run(app, str(file), "--json").stdout)
    assert (document["filled"], document["useful"], document["bottlenecks"]) == (0, [], [])


def test_people_are_told_on_standard_error(app: Flask, file: Path) -> None:
    result = run(app, str(file))
    assert (result.exit_code, result.stdout) == (0, "")
    assert "2 of 3 positions" in result.stderr
    assert "need 2, qualified for any of them 1, short 1" in result.stderr
    assert "Indispensable: Ana." in result.stderr


def test_long_lists_of_names_are_cut_for_people() -> None:
    names = tuple(f"m{number}" for number in range(50))
    text = command_module._write_text(Solution(50, 50, (), (), names, ()))
    assert "m19 and 30 more" in text and "m20" not in text


def test_problem_that_is_not_as_it_should_be_is_refused_with_exit_1_and_nothing_printed(
    app: Flask, file: Path
) -> None:
    people = [{**PROBLEM["people"][0], "certificates": [{"qualification": "A", "from": "soon", "to": None}]}]
    file.write_text(json.dumps({**PROBLEM, "people": people}), encoding="utf-8")
    result = run(app, str(file), "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "people[0].certificates[0].from" in result.stderr


def test_problem_beyond_the_limits_of_the_engine_is_refused_with_exit_1(app: Flask, file: Path) -> None:
    many = [{"id": "p", "need": 1, "priority": 1, "any_of": [[f"Q{number}"] for number in range(17)]}]
    file.write_text(json.dumps({**PROBLEM, "positions": many}), encoding="utf-8")
    result = run(app, str(file))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "17 alternatives" in result.stderr


def test_what_is_no_file_is_wrong_usage(app: Flask, tmp_path: Path) -> None:
    assert [run(app, *arguments).exit_code for arguments in ([str(tmp_path)], [str(tmp_path / "none")], [])] == [
        2, 2, 2,
    ]  # fmt: skip
