"""Readiness from the command line: solve a file."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from foundation.commands import answer, json_option, progress_bar, refuse
from readiness.engine import InvalidProblem, Solution, solve
from readiness.engine.reading import MOST_BYTES, read_problem

MOST_NAMES = 20


@click.group("readiness")
def readiness_group() -> None:
    """Readiness: how far positions are filled, and what is short."""


@readiness_group.command("solve")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@json_option
def solve_command(file: Path, as_json: bool) -> None:
    """Fill the positions of a JSON file with its people: a plan on paper, or a check of the engine against others."""
    showing, progress = progress_bar("Reading and solving", as_json=as_json)
    try:
        with showing, file.open("rb") as opened:
            asked = read_problem(opened.read(MOST_BYTES + 1))
            progress(3, 4, "")
            solution = solve(
                asked.positions, asked.members, on=asked.on, hold_days=asked.hold_days, implies=asked.implies
            )
            progress(4, 4, "")
    except InvalidProblem as error:
        refuse(str(error))
    if as_json:
        for part in _write_document(solution):
            click.echo(part, nl=False)
    else:
        answer(None, as_json=False, text=_write_text(solution))


def _write_document(solution: Solution) -> Iterator[str]:
    """Yield the document in parts: the useful pairs of a large file are millions, more than fit in memory at once."""
    document = {
        "required": solution.required,
        "filled": solution.filled,
        "by_position": [
            {"id": position.id, "need": position.need, "filled": position.filled}
            for position in solution.by_position
        ],
        "bottlenecks": [
            {
                "positions": bottleneck.positions,
                "need": bottleneck.need,
                "qualified": bottleneck.qualified,
                "short": bottleneck.short,
            }
            for bottleneck in solution.bottlenecks
        ],
        "indispensable": solution.indispensable,
    }
    yield json.dumps(document, ensure_ascii=False, indent=2).removesuffix("\n}") + ',\n  "useful": ['
    positions = [json.dumps(position, ensure_ascii=False) for position in solution.short_positions]
    before = "\n"
    for person in solution.spare if positions else ():
        name = json.dumps(person, ensure_ascii=False)
        yield before + ",\n".join(
            f'    {{"person": {name}, "position": {position}}}' for position in positions
        )
        before = ",\n"
    yield "\n  ]\n}\n" if positions and solution.spare else "]\n}\n"


def _write_text(solution: Solution) -> str:
    lines = [f"{solution.filled} of {solution.required} positions can be filled."]
    lines += [
        f"  {_list_names(bottleneck.positions)}: need {bottleneck.need}, qualified for any of them {bottleneck.qualified},"
        f" short {bottleneck.short}."
        for bottleneck in solution.bottlenecks
    ]
    if solution.indispensable:
        lines.append(f"Indispensable: {_list_names(solution.indispensable)}.")
    if solution.bottlenecks and solution.spare:
        lines.append(
            f"One more eligibility helps for {_list_names(solution.short_positions)},"
            f" given to any of {_list_names(solution.spare)}."
        )
    return "\n".join(lines)


def _list_names(names: Sequence[str]) -> str:
    """Write names for people: the first ones, and how many more there are."""
    shown = ", ".join(names[:MOST_NAMES])
    return shown if len(names) <= MOST_NAMES else f"{shown} and {len(names) - MOST_NAMES} more"
