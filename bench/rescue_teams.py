"""Invented rosters shaped like search-and-rescue teams: few kinds of posts, people with a trade and what they learned beside it."""

import random
from datetime import date, timedelta

from readiness.engine import Certificate, Member, Position

ON = date(2026, 11, 22)
HOLD_DAYS = 14
IMPLIES = {
    "TEAM-LEAD": ["SQUAD-LEAD"],
    "RESCUE-3": ["RESCUE-2"],
    "RESCUE-2": ["RESCUE-1"],
    "MEDIC-3": ["MEDIC-2"],
    "MEDIC-2": ["MEDIC-1"],
}
# Posts in a team of sixty, priority, alternative sets.
STAFFING = [
    ("team leader", 2, 20, ["TEAM-LEAD ICS"]),
    ("deputy", 2, 19, ["TEAM-LEAD", "SQUAD-LEAD ICS"]),
    ("safety officer", 2, 18, ["SAFETY RESCUE-2"]),
    ("planning", 2, 12, ["ICS PLANNING"]),
    ("liaison", 2, 11, ["ICS LANGUAGE"]),
    ("structural engineer", 2, 17, ["STRUCTURES"]),
    ("search lead", 2, 16, ["SQUAD-LEAD SEARCH"]),
    ("technical search", 4, 13, ["SEARCH"]),
    ("dog handler", 4, 13, ["DOG"]),
    ("hazardous materials", 3, 15, ["HAZMAT"]),
    ("rescue lead", 3, 16, ["SQUAD-LEAD RESCUE-2"]),
    ("heavy rigging", 3, 10, ["RIGGING RESCUE-2"]),
    ("rope", 4, 9, ["ROPE RESCUE-1"]),
    ("rescue technician", 12, 8, ["RESCUE-2", "RESCUE-1 ROPE"]),
    ("doctor", 2, 17, ["MEDIC-3"]),
    ("paramedic", 4, 14, ["MEDIC-2"]),
    ("logistics", 3, 7, ["LOGISTICS"]),
    ("communications", 2, 12, ["RADIO"]),
    ("driver", 2, 5, ["DRIVER", "LOGISTICS RESCUE-1"]),
]
TRADES = {
    "RESCUE-1": 14, "RESCUE-2": 14, "RESCUE-3": 5, "SEARCH": 6, "DOG": 4, "HAZMAT": 4, "STRUCTURES": 2, "MEDIC-1": 5,
    "MEDIC-2": 5, "MEDIC-3": 2, "LOGISTICS": 5, "RADIO": 3, "DRIVER": 5, "PLANNING": 2, "SQUAD-LEAD": 4, "TEAM-LEAD": 2,
}  # fmt: skip
BESIDE = "ICS LANGUAGE SAFETY RIGGING ROPE DRIVER RADIO SEARCH SQUAD-LEAD MEDIC-1 MEDIC-2 HAZMAT LOGISTICS PLANNING".split()


def make_positions(posts: int) -> list[Position]:
    """Return the positions of so many posts (a multiple of sixty), as one pool."""
    return [
        Position(name, need * posts // 60, priority, tuple(frozenset(wanted.split()) for wanted in any_of))
        for name, need, priority, any_of in STAFFING
    ]


def make_members(people: int, *, trained: float, seed: int = 1) -> list[Member]:
    """Return so many people, of whom a part is trained for anything; a tenth of their certificates has run out."""
    dice = random.Random(seed)
    return [
        Member(f"m{number:06}", _make_availability(dice), _make_certificates(dice, trained))
        for number in range(people)
    ]


def _make_availability(dice: random.Random) -> tuple[tuple[date, date | None], ...]:
    return ((ON + timedelta(days=dice.randint(1, 30)), None),) if dice.random() < 0.05 else ()


def _make_certificates(dice: random.Random, trained: float) -> tuple[Certificate, ...]:
    if dice.random() > trained:
        return (_make_certificate(dice, "FIRST-AID"),)
    held = {
        *dice.choices(list(TRADES), list(TRADES.values())),
        *dice.sample(BESIDE, dice.choice([0, 1, 2, 2, 3, 4])),
    }
    return tuple(_make_certificate(dice, name) for name in sorted(held))


def _make_certificate(dice: random.Random, name: str) -> Certificate:
    ends_on = ON + timedelta(days=dice.randint(-90, -1) if dice.random() < 0.1 else dice.randint(20, 900))
    return Certificate(name, ends_on - timedelta(days=1095), ends_on)
