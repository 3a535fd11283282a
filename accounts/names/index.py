"""Find names that might be alike without comparing every pair.

Sheets exist in which ten thousand people are born on the first of January. Comparing each with each would take minutes,
so names are filed under pairs of sounds; slips of one letter are found through the spellings with one letter left out.
The index only proposes candidates: it returns every name that `judge_likeness` would call alike, and some others.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations, product

from accounts.names.likeness import adjacent_joins, blur_vowels, is_same_sound, latin_sounds

_SMALL = 24


class LikenessIndex:
    """Latin names filed by sound; positions count from 0 in the order of `add`."""

    def __init__(self) -> None:
        self._names: list[tuple[str, ...]] = []
        self._by_pair: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        self._by_only_part: defaultdict[str, list[int]] = defaultdict(list)
        self._by_part_of_two: defaultdict[str, list[int]] = defaultdict(list)
        self._slips: defaultdict[str, set[str]] = defaultdict(set)
        self._filed = 0

    def __len__(self) -> int:
        return len(self._names)

    def add(self, latin_name: str) -> int:
        """File a full Latin name and return its position."""
        self._names.append(latin_sounds(latin_name))
        return len(self._names) - 1

    def candidates(self, latin_name: str) -> Iterable[int]:
        """Return the positions of names that may be alike, in the order they were added."""
        if len(self._names) <= _SMALL:
            return range(len(self._names))
        self._file_new_names()
        sounds = latin_sounds(latin_name)
        found: set[int] = set()
        for pair in self._neighbouring_pairs(sounds):
            found.update(self._by_pair.get(pair, ()))
        for part in {*sounds, *adjacent_joins(sounds)} if len(sounds) <= 2 else ():
            for neighbour in self._neighbours(part):
                found.update(self._by_only_part.get(neighbour, ()))
        if len(sounds) == 1:
            for neighbour in self._neighbours(sounds[0]):
                found.update(self._by_part_of_two.get(neighbour, ()))
        return sorted(found)

    def _file_new_names(self) -> None:
        for position in range(self._filed, len(self._names)):
            sounds = self._names[position]
            parts = {*sounds, *adjacent_joins(sounds)}
            for part in parts:
                for spelling in _slip_spellings(part):
                    self._slips[spelling].add(part)
                if len(sounds) == 2:
                    self._by_part_of_two[part].append(position)
            for first, second in combinations(sorted(parts), 2):
                self._by_pair[first, second].append(position)
            repeated = {part for part in sounds if sounds.count(part) > 1}
            for part in repeated:
                self._by_pair[part, part].append(position)
            if len(sounds) == 1:
                self._by_only_part[sounds[0]].append(position)
        self._filed = len(self._names)

    def _neighbours(self, part: str) -> set[str]:
        near: set[str] = set()
        for spelling in _slip_spellings(part):
            near.update(self._slips.get(spelling, ()))
        return {other for other in near if is_same_sound(part, other)}

    def _neighbouring_pairs(self, sounds: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        parts = [*sounds, *adjacent_joins(sounds)]
        near = [self._neighbours(part) for part in parts]
        for i, j in combinations(range(len(parts)), 2):
            for first, second in product(near[i], near[j]):
                yield (first, second) if first <= second else (second, first)


def _slip_spellings(part: str) -> set[str]:
    """Return the spellings under which a part meets every part one slip away."""
    blurred = blur_vowels(part)
    spellings = {blurred}
    if len(part) >= 4:
        spellings.update(blurred[:i] + blurred[i + 1 :] for i in range(len(blurred)))
    return spellings
