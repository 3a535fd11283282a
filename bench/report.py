"""What a readiness report costs: a team of 75 against the largest standard, names shown, compared with the report before it.

The aim is of processor time and of the memory of the whole process, because a worker prints reports beside all else it does. Rendering
for the first time loads the typefaces and parses the styles; a worker pays that once, so it is told beside.
"""

import json
import resource
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench.figures import Figure
from readiness.assessment import (
    AreaResult,
    Assessment,
    BottleneckResult,
    Candidate,
    EquipmentResult,
    ExpiryResult,
    Level,
    PositionResult,
    RequirementResult,
)
from readiness.documents.report import render_report

STANDARD = Path(__file__).resolve().parent.parent / "readiness" / "standards" / "insarag-usar-heavy.json"
PEOPLE = 75
ON = date(2026, 11, 22)
AIM_SECONDS = 2.5
AIM_MEGABYTES = 300.0


def make_assessment() -> Assessment:
    """Make a team of 75 against the heavy search-and-rescue standard: every third line short, a certificate and a half a head ending."""
    standard = json.loads(STANDARD.read_text(encoding="utf-8"))
    rows = [row for component in standard["components"] for row in component["positions"]]
    positions, person = [], 1
    for place, row in enumerate(rows):
        filled = max(0, row["min_headcount"] - (place % 3 == 1))
        members = tuple(range(person, person + filled))
        person += filled
        positions.append(
            PositionResult(
                row["code"], {"en": row["title"]}, row["min_headcount"], filled, place < 4, (tuple(row["required_courses"]),), members, 1
            )
        )  # fmt: skip
    equipment = tuple(_line(line, place) for place, line in enumerate(standard["equipment"]))
    requirements = tuple(
        RequirementResult(
            one["code"], {"en": one["title"]}, one["kind"], one["critical"], "met" if place % 4 else "not_met",
            f"DOC-{place:03}", ON - timedelta(days=place), one["basis"], one["source"],
        )
        for place, one in enumerate(standard["requirements"])
    )  # fmt: skip
    need, filled = sum(row.need for row in positions), sum(row.filled for row in positions)
    shares = {"P": (filled, need), "S": (60, 66), "R": (58, 66), "T": (filled, filled), "D": (20, 37)}
    return Assessment(
        team="USAR-1", team_names={"en": "National Urban Search and Rescue Team"}, agency="CPD", standard=standard["id"],
        standard_title={"en": standard["title"]}, edition="2015 / 2020", on=ON, hold_days=10, known_at=datetime(2026, 11, 22, tzinfo=UTC),
        level=Level.NOT_READY, worst=("D",),
        areas=tuple(
            AreaResult(
                code, Level.LIMITED, f"{part} of {whole}", part, whole, Decimal(100 * part) / whole, None, (90, 80, 70), ("band:all",)
            )
            for code, (part, whole) in shares.items()
        ),
        positions=tuple(positions),
        bottlenecks=tuple(
            BottleneckResult((row.id,), row.need, row.filled, row.need - row.filled, (Candidate(1, ("U-SAR-210",)),))
            for row in positions if row.filled < row.need
        ),
        indispensable=tuple(range(1, 20)), equipment=equipment, requirements=requirements,
        expiries=tuple(
            ExpiryResult(1 + place % PEOPLE, None, "C-FA-110", ON + timedelta(days=place * 37 % 360), f"CFA110-1-{place:03}")
            for place in range(PEOPLE * 3 // 2)
        ),
        people={number: f"Salah Abdallah Al-Khatib {number}" for number in range(1, PEOPLE + 1)},
        engine_version="1", rule_version="recommended", inputs_sha256="0" * 64,
    )  # fmt: skip


def _line(line: dict[str, Any], place: int) -> EquipmentResult:
    need = int(line.get("team_total_min_quantity") or line["min_quantity"])
    there = need - (place % 3 == 0)
    return EquipmentResult(
        line["code"], {"en": line["item"]}, line["category"], line["unit"], need, there, there, line["critical"], (), ()
    )  # fmt: skip


def print_one(assessment: Assessment, language: str) -> bytes:
    """Print the report as the worker does."""
    return render_report(
        assessment,
        previous=replace(assessment, on=ON - timedelta(days=90)),
        language=language,
        snapshot_number="S-2026-0001",
        check_code="7K2M-QX4D-9TRA-B6HN",
        verify_hint="https://readiness.host.example/snapshots/S-2026-0001",
        show_names=True,
    )


def figures(rounds: int = 3, languages: Sequence[str] = ("en", "ar")) -> list[Figure]:
    """Measure a report in some languages, and the most memory the process ever took."""
    assessment = make_assessment()
    found = []
    for language in languages:
        times, pdf = [], b""
        for _ in range(rounds + 1):
            started = time.process_time()
            pdf = print_one(assessment, language)
            times.append(time.process_time() - started)
        again = round(statistics.median(times[1:]), 2)
        remark = f"the first {times[0]:.2f} s, {len(pdf) // 1024} kB"
        found.append(Figure(f"report of {PEOPLE} people, {language}", again, "s CPU", AIM_SECONDS, remark))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [*found, Figure("memory of the process at its most", round(peak), "MB", AIM_MEGABYTES)]
