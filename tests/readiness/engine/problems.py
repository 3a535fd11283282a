"""Small problems with everything that makes a fill go wrong, in the words of a file."""

import random
from datetime import date, timedelta
from typing import Any

ON = date(2026, 11, 22)
CODES = "ABCDE"


def day(number: int) -> str:
    """Return a day so many days after the day that is asked about."""
    return (ON + timedelta(days=number)).isoformat()


def make_awkward(seed: int) -> dict[str, Any]:
    """Return a problem small enough to be enumerated and as awkward as files are, the same for the same seed.

    Certificates end on the last day and the day before, join or leave a gap of a day; qualifications imply each other in
    circles; positions ask for the same, for nothing, for what nobody can give; people are alike, away, or of no use.
    """
    dice = random.Random(seed)
    hold = dice.choice([0, 0, 1, 3])
    positions, posts = [], dice.randint(1, 5)
    while posts > 0:
        need = min(posts, dice.choice([0, 1, 1, 2, 3]))
        posts -= max(need, 1)
        positions.append(
            {
                "id": f"p{dice.randrange(10_000)}-{len(positions)}",
                "need": need,
                "priority": dice.randint(1, 3),
                "any_of": dice.choice([positions[-1]["any_of"], _any_of(dice)])
                if positions
                else _any_of(dice),
            }
        )
    people = [
        {
            "id": f"m{dice.randrange(10_000)}-{number}",
            "available": _spans(dice, hold) if dice.random() < 0.3 else [],
            "certificates": _certificates(dice, hold),
        }
        for number in range(dice.randint(0, 5))
    ]
    return {
        "on": ON.isoformat(),
        "hold_days": hold,
        "positions": positions,
        "people": people,
        "implies": {code: dice.sample(CODES, dice.randint(1, 2)) for code in CODES if dice.random() < 0.35},
    }


def make_tangled(seed: int) -> dict[str, Any]:
    """Return a small problem in which people have to change places, often several in a row and several alike at once."""
    dice = random.Random(seed)
    codes = [f"Q{number}" for number in range(dice.choice([3, 5, 6, 6]))]
    needs = [dice.choice([1, 2, 2, 3]) if len(codes) == 3 else dice.choice([1, 1, 1, 2]) for _ in codes]
    kinds = [sorted(dice.sample(codes, dice.choice([1, 2, 2, 2, 2, 3]))) for _ in range(len(codes))]
    alike = [kind for kind in kinds for _ in range(dice.choice([1, 2, 3]) if len(codes) == 3 else 1)]
    dice.shuffle(alike)
    return {
        "on": ON.isoformat(),
        "hold_days": 0,
        "positions": [
            {"id": f"p{dice.randrange(10_000)}-{code}", "need": need, "priority": dice.randint(1, 3), "any_of": [[code]]}
            for code, need in zip(codes, needs, strict=True)
        ],
        "people": [
            {
                "id": f"m{dice.randrange(10_000)}-{number}",
                "available": [],
                "certificates": [{"qualification": code, "from": day(0), "to": day(0)} for code in kind],
            }
            for number, kind in enumerate(alike)
        ],
        "implies": {},
    }  # fmt: skip


def make_problem(seed: int) -> dict[str, Any]:
    """Return an awkward and a tangled problem in turns."""
    return make_tangled(seed) if seed % 2 else make_awkward(seed)


def _any_of(dice: random.Random) -> list[list[str]]:
    return [
        dice.sample(CODES, dice.choice([0, 1, 1, 1, 2, 3])) for _ in range(dice.choice([0, 1, 1, 2, 2, 3]))
    ]


def _certificates(dice: random.Random, hold: int) -> list[dict[str, Any]]:
    found = []
    for code in dice.sample(CODES, dice.choice([0, 1, 1, 2, 3])):
        found += [{"qualification": code, "from": first, "to": last} for first, last in _spans(dice, hold)]
    return found


def _spans(dice: random.Random, hold: int) -> list[list[Any]]:
    """Return days that cover the deployment, or nearly: whole, in two pieces, with a day missing somewhere."""
    first, last = dice.choice([-9, 0, 0, 0, 1]), dice.choice([hold - 1, hold, hold, hold, hold + 9])
    if dice.random() < 0.6 or first >= last:
        return [[day(first), None if dice.random() < 0.2 else day(max(first, last))]]
    cut = dice.randint(first, last - 1)
    pieces = [[day(first), day(cut)], [day(min(cut + dice.choice([0, 1, 1, 1, 2]), last)), day(last)]]
    dice.shuffle(pieces)
    return pieces
