"""Everything about the code that can be judged without running the tests, as one table.

Each step is a program of its own; they run beside each other, and what a failing one said is printed above the table.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tools.services import ROOT

AT_ONCE = 2
IMPORTS = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(cache_dir=None))"


@dataclass(frozen=True)
class Step:
    """One judgement: its name in the table, and the arguments that make Python pass it."""

    name: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """What a step came to."""

    step: Step
    passed: bool
    seconds: float
    said: str


# The slow ones first, so that the short ones fill the gaps.
STEPS = (
    Step("types", ("-m", "mypy", "--no-error-summary")),
    Step("templates", ("-m", "tools.templates")),
    Step("translations", ("-m", "tools.translations", "check")),
    Step("imports", ("-c", IMPORTS)),
    Step("styles", ("-m", "tools.styles")),
    Step("format", ("-m", "ruff", "format", "--check", ".")),
    Step("lint", ("-m", "ruff", "check", ".")),
)


def judge(step: Step) -> Verdict:
    """Run one step to its end."""
    started = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-P", *step.arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return Verdict(step, ended.returncode == 0, time.monotonic() - started, ended.stdout + ended.stderr)


def judge_all(steps: Sequence[Step]) -> list[Verdict]:
    """Run the steps beside each other; verdicts come back in the order of the steps."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(judge, steps))


def describe(verdicts: Sequence[Verdict]) -> str:
    """Write what failing steps said, and below it the table."""
    lines = [
        f"--- {verdict.step.name}\n{verdict.said.rstrip()}\n" for verdict in verdicts if not verdict.passed
    ]
    lines += [
        f"{verdict.step.name:<14}{verdict.seconds:6.1f} s  {'ok' if verdict.passed else 'FAILED'}"
        for verdict in verdicts
    ]
    return "\n".join(lines)


def run_deep_tests() -> bool:
    """Run the tests that are too long for every change: property runs, planted faults, crash series."""
    from tools.run_tests import main as run_tests

    return run_tests(["-m", "deep"]) == 0


def main(arguments: Sequence[str]) -> int:
    """Run the named steps, or all; return 1 when any fails."""
    parser = argparse.ArgumentParser(prog="ijaza check")
    parser.add_argument("steps", nargs="*", metavar="STEP", help=", ".join(step.name for step in STEPS))
    parser.add_argument(
        "--deep", action="store_true", help="also the long property runs, planted faults and crash series"
    )
    options = parser.parse_args(arguments)
    unknown = set(options.steps) - {step.name for step in STEPS}
    if unknown:
        parser.error(f"there is no step {', '.join(sorted(unknown))}")
    verdicts = judge_all([step for step in STEPS if step.name in options.steps or not options.steps])
    print(describe(verdicts), flush=True)
    passed = all(verdict.passed for verdict in verdicts)
    if options.deep:
        passed = run_deep_tests() and passed
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
