"""Assessments to print: the small team of the story before and after its course, and large teams made from the shipped standards."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from readiness.assessment import (
    AreaResult,
    Assessment,
    BottleneckResult,
    Candidate,
    EquipmentResult,
    ExerciseResult,
    ExpiryResult,
    Level,
    PositionResult,
    RequirementResult,
)

ROOT = Path(__file__).resolve().parents[3]
BEFORE = date(2026, 11, 14)
AFTER = date(2026, 11, 22)
KNOWN = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
CODE = "7K2M-QX4D-9TRA-B6HN"
LINK = "https://readiness.service.example/snapshots/S-2026-0001"
NAMES = (
    "Leila Haddad", "Salah Abdallah Al-Khatib", "İbrahim Işık Çağlayan", "Siti Nur Aisyah", "Jean-Marc Lefèvre", "Gulchin Pezhman",
    "Nguyễn Thị Ánh Tuyết", "Bo Li", "Małgorzata Wiśniewska", "Abdul Rahman Al-Ahmadi", "صلاح عبدالله الخطيب", "گلچین پژمان چهره",
)  # fmt: skip
TITLES = {
    "en": "Mass-casualty team",
    "ar": "فريق الإصابات الجماعية",
    "fr": "Équipe pour afflux massif de victimes",
}
TEAM = {
    "en": "Civil Protection Mass-Casualty Team 1",
    "ar": "فريق الإصابات الجماعية الأول للدفاع المدني",
    "fr": "Équipe « afflux de victimes » n° 1 de la protection civile",
}
LEADER = {"en": "Mass-casualty team leader", "ar": "قائد فريق الإصابات الجماعية", "fr": "Chef d’équipe"}
TRIAGE = {"en": "Triage officer", "ar": "مسؤول الفرز", "fr": "Responsable du triage"}
RESPONDER = {"en": "Mass-casualty responder", "ar": "مستجيب للإصابات الجماعية", "fr": "Intervenant"}
KIT = {"en": "Triage kit", "ar": "طقم فرز", "fr": "Kit de triage"}
RADIO = {"en": "VHF radio", "ar": "جهاز لاسلكي", "fr": "Radio VHF"}
SUCTION = {"en": "Suction unit", "ar": "جهاز شفط", "fr": "Aspirateur de mucosités"}
FIELD = {"en": "Full field exercise", "ar": "تمرين ميداني كامل", "fr": "Exercice complet sur le terrain"}
PROCEDURE = {
    "en": "Written mass-casualty procedure approved by the agency",
    "ar": "إجراء مكتوب للإصابات الجماعية معتمد من الجهة",
    "fr": "Procédure écrite pour afflux de victimes, approuvée par l’organisme",
}


def make_area(
    code: str, part: int | None, whole: int | None, level: Level | None, *binding: str, **other: Any
) -> AreaResult:
    bands = {
        "P": (90, 80, 70),
        "S": (90, 80, 65),
        "R": (90, 70, 60),
        "T": (85, 70, 55),
        "X": (12, 18, 24),
        "D": (90, 80, 70),
    }
    percent = Decimal(100 * part) / whole if part is not None and whole else None
    figure = f"{part} of {whole}" if whole else ""
    values = {"months": None, "bands": bands[code]} | other
    return AreaResult(code, level, figure, part, whole, percent, binding=binding, **values)


def story_before() -> Assessment:
    people = {number: NAMES[(number - 1) % len(NAMES)] for number in range(1, 6)}
    return Assessment(
        team="CPD-MCT-1", team_names=TEAM, agency="CPD", standard="mcm-team", standard_title=TITLES,
        edition="1", on=BEFORE, hold_days=0, known_at=KNOWN - timedelta(days=8),
        level=Level.NOT_READY, worst=("P", "S", "R"),
        areas=(
            make_area("P", 5, 18, Level.NOT_READY, "band:all"),
            make_area("S", 0, 12, Level.NOT_READY, "band:all", "critical:EQ-01"),
            make_area("R", 0, 12, Level.NOT_READY, "band:all"),
            make_area("T", 5, 5, Level.READY, "band:all"),
            make_area("X", None, None, None),
            make_area("D", 3, 3, Level.READY, "band:all"),
        ),
        positions=(
            PositionResult("LDR", LEADER, 2, 1, True, (("M-MIM-320",),), (1,), 0),
            PositionResult("TRI", TRIAGE, 4, 4, True, (("M-TRI-101",),), (2, 3, 4, 5), 0),
            PositionResult("RSP", RESPONDER, 12, 0, False, (("MCM-201",),), (), 0),
        ),
        bottlenecks=(
            BottleneckResult(("RSP",), 12, 0, 12, tuple(Candidate(number, ("MCM-201",)) for number in (2, 3))),
            BottleneckResult(("LDR",), 2, 1, 1, (Candidate(2, ("M-MIM-320",)),)),
        ),
        indispensable=(1, 2, 3, 4, 5),
        equipment=(
            EquipmentResult("EQ-01", KIT, "medical", "kit", 4, 0, 0, True, (), ()),
            EquipmentResult("EQ-02", RADIO, "communications", "each", 6, 0, 0, False, (), ()),
            EquipmentResult("EQ-03", SUCTION, "medical", "each", 2, 0, 0, False, (), ()),
        ),
        requirements=(
            RequirementResult("MC-01", PROCEDURE, "document", True, "met", "CPD/PR/2026/14", date(2026, 3, 1), "planning", "P"),
            RequirementResult("MC-02", PROCEDURE, "record", False, "met", "Call-out list", date(2026, 9, 1), "planning", "P"),
            RequirementResult("MC-03", PROCEDURE, "document", True, "met", "Policy 88-2", date(2026, 1, 1), "planning", "P"),
        ),
        expiries=(ExpiryResult(2, None, "M-TRI-101", date(2027, 3, 14), "MTRI101-3-004"),),
        people=people, engine_version="1", rule_version="recommended/0a1b2c3d", inputs_sha256="0" * 64,
    )  # fmt: skip


def story_after() -> Assessment:
    before = story_before()
    people = {number: NAMES[(number - 1) % len(NAMES)] for number in range(1, 18)}
    return replace(
        before, on=AFTER, known_at=KNOWN, people=people, level=Level.READY_WITH_LIMITS, worst=("P",),
        areas=(
            make_area("P", 17, 18, Level.READY_WITH_LIMITS, "band:key"),
            make_area("S", 12, 12, Level.READY, "band:all"),
            make_area("R", 12, 12, Level.READY, "band:all"),
            make_area("T", 17, 17, Level.READY, "band:all"),
            make_area("X", None, None, Level.READY, "band:all", months=4),
            make_area("D", 3, 3, Level.READY, "band:all"),
        ),
        positions=(*before.positions[:2], replace(before.positions[2], filled=12, members=tuple(range(6, 18)))),
        bottlenecks=(BottleneckResult(("LDR",), 2, 1, 1, (Candidate(6, ("M-MIM-320",)), Candidate(7, ("M-MIM-320",)))),),
        indispensable=tuple(range(1, 18)),
        equipment=tuple(
            replace(line, on_hand=line.need, usable=line.need, item_ids=tuple(range(line.need))) for line in before.equipment
        ),
        expiries=(
            *before.expiries,
            ExpiryResult(1, None, "M-MIM-320", date(2027, 6, 30), "MMIM320-2-001"),
            ExpiryResult(3, None, "M-TRI-101", date(2027, 6, 30), "MTRI101-3-009"),
            ExpiryResult(None, 7, "EQ-03", date(2027, 2, 20), "I-2026-0007"),
        ),
        exercises=(ExerciseResult("field", FIELD, date(2026, 7, 9), 12, True, True),), items={7: "SU-0007"}, inputs_sha256="1" * 64,
    )  # fmt: skip


def read_standard(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(
        (ROOT / "readiness" / "standards" / f"{name}.json").read_text(encoding="utf-8")
    )
    return content


def large_team(name: str = "insarag-usar-heavy", *, people: int = 75) -> Assessment:
    """A team of many against a large standard: every third line short, something unknown, certificates ending all year."""
    standard = read_standard(name)
    rows = [row for component in standard["components"] for row in component["positions"]]
    positions, next_person, ids = [], 1, {}
    for place, row in enumerate(rows):
        need = row["min_headcount"]
        filled = max(0, need - (place % 3 == 1) - (place % 7 == 3) * 2)
        filled = min(filled, people - next_person + 1)
        members = tuple(range(next_person, next_person + filled))
        next_person += filled
        courses = tuple(row["required_courses"])
        positions.append(
            PositionResult(
                row["code"], {"en": row["title"]}, need, filled, place < 4, (courses,), members, place % 4
            )
        )
        ids[row["code"]] = need - filled
    equipment = tuple(_line(line, place) for place, line in enumerate(standard["equipment"]))
    states = ("met", "met", "met", "not_met", "met", "unknown", "met", "not_applicable")
    requirements = tuple(
        RequirementResult(
            one["code"], {"en": one["title"]}, one["kind"], one["critical"], states[place % 8], f"DOC-{place:03}",
            AFTER - timedelta(days=place * 9), one["basis"], one["source"],
        )
        for place, one in enumerate(standard["requirements"])
    )  # fmt: skip
    short = {code: missing for code, missing in ids.items() if missing}
    need, filled = sum(row.need for row in positions), sum(row.filled for row in positions)
    wanted = sum(line.need for line in equipment)
    usable, on_hand = sum(line.usable for line in equipment), sum(line.on_hand for line in equipment)
    return Assessment(
        team="USAR-1", team_names={"en": "National Urban Search and Rescue Team"}, agency="CPD", standard=standard["id"],
        standard_title={"en": standard["title"]}, edition="2015 / 2020", on=AFTER, hold_days=10, known_at=KNOWN,
        level=Level.NOT_READY, worst=("S", "R"),
        areas=(
            make_area("P", filled, need, Level.LIMITED, "band:all"),
            make_area("S", on_hand, wanted, Level.NOT_READY, *(f"critical:{one.code}" for one in equipment if one.critical)),
            make_area("R", usable, wanted, Level.NOT_READY, "band:all"),
            make_area("T", filled - 3, filled, Level.READY, "band:all"),
            make_area("X", None, None, Level.READY_WITH_LIMITS, "band:all", months=14),
            make_area("D", None, None, None),
        ),
        positions=tuple(positions),
        bottlenecks=tuple(
            BottleneckResult((code,), missing + 1, 1, missing, (Candidate(1 + place, ("U-SAR-210", "C-FA-110")),))
            for place, (code, missing) in enumerate(short.items())
        ),
        indispensable=tuple(range(1, 20)), equipment=equipment, requirements=requirements,
        expiries=tuple(
            ExpiryResult(
                1 + place % people, None, ("C-FA-110", "U-SAR-210", "C-SEC-101")[place % 3],
                AFTER + timedelta(days=(place * 37) % 360), f"CFA110-{place % 9}-{place:03}",
            )
            for place in range(people + people // 2)
        ),
        people={number: f"{NAMES[number % 10]} {number}" for number in range(1, people + 1)},
        engine_version="1", rule_version="recommended/0a1b2c3d", inputs_sha256="2" * 64,
    )  # fmt: skip


def _line(line: dict[str, Any], place: int) -> EquipmentResult:
    need = int(line.get("team_total_min_quantity") or line["min_quantity"])
    on_hand = need - (place % 3 == 0) * (1 + need // 4)
    usable = max(0, on_hand - (place % 5 == 0))
    reasons = (("inspection_overdue", on_hand - usable),) if usable < on_hand else ()
    return EquipmentResult(
        line["code"],
        {"en": line["item"]},
        line["category"],
        line["unit"],
        need,
        on_hand,
        usable,
        line["critical"],
        (),
        reasons,
    )
