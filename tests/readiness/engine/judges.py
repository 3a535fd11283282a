"""Judges of the engine that share no code with it: they read the file's own words and count by hand.

Every day of a deployment is looked at singly, every set of posts that can be filled together is written down, and every answer is
held against that. Slow, and plain enough to be believed.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

Raw = Mapping[str, Any]
Weights = Mapping[int, int]


def _days(raw: Raw) -> list[date]:
    first = date.fromisoformat(raw["on"])
    return [first + timedelta(days=number) for number in range(raw["hold_days"] + 1)]


def _is_within(day: date, first: str, last: str | None) -> bool:
    return date.fromisoformat(first) <= day and (last is None or day <= date.fromisoformat(last))


def _held_on(day: date, person: Raw, implies: Mapping[str, Sequence[str]]) -> set[str]:
    held = {
        certificate["qualification"]
        for certificate in person["certificates"]
        if _is_within(day, certificate["from"], certificate["to"])
    }
    while True:
        more = {implied for name in held for implied in implies.get(name, [])} - held
        if not more:
            return held
        held |= more


def is_available(raw: Raw, person: Raw) -> bool:
    """Tell whether somebody is there on every single day."""
    spans = person["available"]
    return not spans or all(any(_is_within(day, *span) for span in spans) for day in _days(raw))


def list_qualified(raw: Raw) -> dict[str, set[str]]:
    """Return for each available person the positions he may fill."""
    found = {}
    for person in raw["people"]:
        if is_available(raw, person):
            always = set.intersection(*[_held_on(day, person, raw["implies"]) for day in _days(raw)])
            found[person["id"]] = {
                position["id"]
                for position in raw["positions"]
                if any(set(wanted) <= always for wanted in position["any_of"])
            }
    return found


def enumerate_fills(raw: Raw, qualified: Mapping[str, set[str]]) -> set[int]:
    """Return every set of posts that can be filled together, as bits; posts stand as `list_posts` gives them.

    Of a position's posts, which are alike, the first are filled before the last.
    """
    posts = list_posts(raw)
    fills = {0}
    for may_fill in qualified.values():
        mine = [
            [1 << place for place, position in enumerate(posts) if position["id"] == name]
            for name in may_fill
        ]
        fills |= {
            fill | open_posts[0]
            for fill in fills
            for those in mine
            if (open_posts := [post for post in those if not fill & post])
        }
    return fills


def list_posts(raw: Raw) -> list[Raw]:
    """Return each position as often as it needs people."""
    return [position for position in raw["positions"] for _ in range(position["need"])]


def _most(fills: set[int]) -> int:
    return max(fill.bit_count() for fill in fills)


def _best_value(raw: Raw, fills: set[int], weights: Weights) -> int:
    worth = [weights[position["priority"]] for position in list_posts(raw)]
    return max(sum(each for place, each in enumerate(worth) if fill >> place & 1) for fill in fills)


def list_weightings(raw: Raw) -> Iterator[Weights]:
    """Yield several ways to value posts that all agree with their priorities: mild, steep, and none above the other."""
    ranks = {
        priority: rank for rank, priority in enumerate(sorted({p["priority"] for p in raw["positions"]}))
    }
    yield {priority: 1 for priority in ranks}
    yield {priority: rank + 1 for priority, rank in ranks.items()}
    yield {priority: 1000**rank for priority, rank in ranks.items()}


def find_faults(raw: Raw, answer: Any) -> Iterator[str]:
    """Yield what is wrong with an answer (a ``Solution``), in words."""
    qualified = list_qualified(raw)
    fills = enumerate_fills(raw, qualified)
    yield from _faults_of_fill(raw, qualified, fills, answer)
    yield from _faults_of_bottlenecks(raw, qualified, fills, answer)
    without = {
        name: enumerate_fills(raw, {other: may for other, may in qualified.items() if other != name})
        for name in qualified
    }
    yield from _faults_of_people(raw, _most(fills), without, answer)


def _faults_of_people(raw: Raw, most: int, without: Mapping[str, set[int]], answer: Any) -> Iterator[str]:
    """Judge indispensable people and useful pairs by all that the others can fill `without` somebody.

    One more eligibility raises the fill when the others alone can fill as much and leave a post of that position open.
    """
    indispensable = [name for name, fills in without.items() if _most(fills) < most]
    if list(answer.indispensable) != indispensable:
        yield f"indispensable: {answer.indispensable} instead of {indispensable}"
    useful = {
        (name, position) for name, fills in without.items() for position in _list_open(raw, fills, most)
    }
    if set(answer.useful) != useful or len(answer.useful) != len(useful):
        yield f"useful: {answer.useful} instead of {useful}"


def _list_open(raw: Raw, fills: set[int], most: int) -> set[str]:
    """Return the positions of which some fill of so many posts leaves one open."""
    full = [fill for fill in fills if fill.bit_count() == most]
    return {
        position["id"]
        for place, position in enumerate(list_posts(raw))
        if any(not fill >> place & 1 for fill in full)
    }


def _faults_of_fill(
    raw: Raw, qualified: Mapping[str, set[str]], fills: set[int], answer: Any
) -> Iterator[str]:
    needs = {position["id"]: position["need"] for position in raw["positions"]}
    filled = {each.id: each.filled for each in answer.by_position}
    if answer.required != sum(needs.values()) or answer.filled != sum(filled.values()):
        yield "the totals are not the sums"
    if [(each.id, each.need) for each in answer.by_position] != list(needs.items()):
        yield "the positions are not those that were asked"
    if any(not 0 <= filled[name] <= need for name, need in needs.items()):
        yield "a position holds more people than it needs"
    priorities = {position["id"]: position["priority"] for position in raw["positions"]}
    for weights in list_weightings(raw):
        best = _best_value(raw, fills, weights)
        value = sum(weights[priorities[name]] * count for name, count in filled.items())
        if value != best:
            yield f"worth {value} instead of {best} by {weights}"
    placed = [name for each in answer.by_position for name in each.members]
    if len(placed) != len(set(placed)):
        yield "somebody is in two places"
    for each in answer.by_position:
        if len(each.members) != each.filled:
            yield f"{each.id} names {len(each.members)} people for {each.filled} posts"
        if any(each.id not in qualified.get(name, ()) for name in each.members):
            yield f"{each.id} is filled by somebody who does not qualify"


def _faults_of_bottlenecks(
    raw: Raw, qualified: Mapping[str, set[str]], fills: set[int], answer: Any
) -> Iterator[str]:
    found = answer.bottlenecks
    needs = {position["id"]: position["need"] for position in raw["positions"]}
    if sum(bottleneck.short for bottleneck in found) != sum(needs.values()) - _most(fills):
        yield "the shorts do not add up to the gap"
    for bottleneck in found:
        able = [name for name, may_fill in qualified.items() if may_fill & set(bottleneck.positions)]
        need = sum(needs[name] for name in bottleneck.positions)
        if (bottleneck.need, bottleneck.qualified, bottleneck.short) != (need, len(able), need - len(able)):
            yield f"{bottleneck} is no proof: {need} posts, {len(able)} people"
        if bottleneck.short < 1:
            yield f"{bottleneck} is no shortage"
        if _count_parts(set(bottleneck.positions), qualified) != 1:
            yield f"{bottleneck} is more than one bottleneck"
    named = [name for bottleneck in found for name in bottleneck.positions]
    if _count_parts(set(named), qualified) != len(found) or len(named) != len(set(named)):
        yield "two bottlenecks share people"
    lacking = _list_open(raw, fills, _most(fills))
    if set(named) != lacking:
        yield f"short positions: {named} instead of {lacking}"


def _count_parts(positions: set[str], qualified: Mapping[str, set[str]]) -> int:
    """Count the parts of positions that no person holds together."""
    parts = [{name} for name in positions]
    for may_fill in qualified.values():
        mine = [part for part in parts if part & may_fill]
        if mine:
            parts = [part for part in parts if not part & may_fill] + [set.union(*mine)]
    return len(parts)
