"""`./ijaza bench [NAME…] [--json]`: run the benchmarks and print what they measured beside what it should be.

A module of this folder with a function `figures` is a benchmark. Each runs in a process of its own, so that none pays for the
imports, caches and garbage of another.
"""

import argparse
import json
import multiprocessing
import pkgutil
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from bench.figures import Figure, run_one


def find_names() -> list[str]:
    """Return the names of the benchmarks there are."""
    names = []
    for found in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if not found.name.startswith("_"):
            source = (Path(__file__).parent / f"{found.name}.py").read_text(encoding="utf-8")
            names += [found.name] if "\ndef figures(" in source else []
    return sorted(names)


def run(names: Sequence[str]) -> dict[str, list[Figure]]:
    """Run benchmarks one after the other, each in a fresh process."""
    fresh = multiprocessing.get_context("spawn")
    results = {}
    for name in names:
        with ProcessPoolExecutor(1, mp_context=fresh) as process:
            results[name] = process.submit(run_one, name).result()
    return results


def measure_pace() -> float:
    """Return what a fixed small piece of Python takes here and now, in processor milliseconds.

    Figures of two runs can be compared when their paces are alike: on a crowded machine even processor time grows.
    """
    times = []
    for _ in range(15):
        started = time.process_time()
        total = 0
        for number in range(200_000):
            total += number * number % 7
        times.append((time.process_time() - started) * 1000)
    return round(sorted(times)[len(times) // 2], 1)


def as_table(results: dict[str, list[Figure]], pace: float) -> str:
    """Write the figures as a table for people."""
    lines = [f"{'':46}{'figure':>10} {'unit':12}{'aim':>8}{'ratio':>8}  {'':8}"]
    for name, figures in results.items():
        lines.append(name)
        for figure in figures:
            aim = "" if figure.aim is None else f"{figure.aim:g}"
            ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
            lines.append(
                f"  {figure.name:44}{figure.value:>10g} {figure.unit:12}{aim:>8}{ratio:>8}  {figure.verdict:8}{figure.remark}"
            )
    lines.append(
        f"pace: {pace} ms of processor time for a loop of 200,000 steps; compare runs of a like pace"
    )
    return "\n".join(line.rstrip() for line in lines)


def as_json(results: dict[str, list[Figure]], pace: float) -> str:
    """Write the figures as JSON for programs."""
    body: dict[str, Any] = {"pace_ms": pace}
    body["benchmarks"] = {name: [figure.as_json() for figure in figures] for name, figures in results.items()}
    return json.dumps(body, ensure_ascii=False, indent=1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the named benchmarks, or all; the exit status says only whether they ran."""
    known = find_names()
    parser = argparse.ArgumentParser(prog="ijaza bench", description=f"Benchmarks: {', '.join(known)}.")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.names) - set(known))
    if unknown:
        parser.error(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(known)}")
    results, pace = run(options.names or known), measure_pace()
    sys.stdout.write((as_json if options.json else as_table)(results, pace) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
