"""Which qualifications somebody holds through a deployment: certificates joined day by day. Days are ordinals in here.

Two rules of the product, and the reading that joins them:

* A qualification counts when its certificates **together** cover every day of the deployment; so does availability.
  Certificates join when no day lies between them.
* A qualification may imply others, and these others again: advanced covers basic. A certificate of the advanced one is
  therefore a certificate of the basic one too, and joins with those of the basic one itself.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from readiness.engine.problem import Certificate, InvalidProblem

FOREVER = date.max.toordinal()


@dataclass(frozen=True, slots=True)
class Period:
    """The days of a deployment as ordinals, both included."""

    first: int
    last: int


def make_period(on: date, hold_days: int) -> Period:
    """Return the period from a day through so many days after it; ``InvalidProblem`` outside the calendar."""
    first = on.toordinal()
    if not 0 <= hold_days <= FOREVER - first:
        raise InvalidProblem(f"A deployment of {hold_days} days after {on} has no last day.")
    return Period(first, first + hold_days)


def is_covered(spans: Iterable[tuple[date, date | None]], period: Period) -> bool:
    """Return whether spans of days together hold every day of the period."""
    return _is_covered(((start.toordinal(), _end_of(end)) for start, end in spans), period)


def _is_covered(spans: Iterable[tuple[int, int]], period: Period) -> bool:
    missing = period.first
    for start, end in sorted(spans):
        if start > missing or missing > period.last:
            break
        missing = max(missing, end + 1)
    return missing > period.last


def _end_of(day: date | None) -> int:
    return FOREVER if day is None else day.toordinal()


def close(qualification: str, implies: Mapping[str, Sequence[str]]) -> set[str]:
    """Return a qualification with all that it implies, directly or through others; circles do no harm."""
    reached = {qualification}
    waiting = [qualification]
    while waiting:
        for implied in implies.get(waiting.pop(), ()):
            if implied not in reached:
                reached.add(implied)
                waiting.append(implied)
    return reached


@dataclass(slots=True)
class Reader:
    """Reads certificates as bits: bit i stands for the i-th qualification that is asked for, others do not matter."""

    asked: Collection[str]
    implies: Mapping[str, Sequence[str]]
    period: Period
    _bits: dict[str, int] = field(init=False)
    _given: dict[str, int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._bits = {name: 1 << place for place, name in enumerate(self.asked)}

    def bits_of(self, qualifications: Iterable[str]) -> int:
        """Return the bits of qualifications that are asked for."""
        return sum(self._bits[name] for name in qualifications)

    def read(self, certificates: Iterable[Certificate]) -> int:
        """Return what certificates give through the whole period."""
        first, last = self.period.first, self.period.last
        given, held = self._given, 0
        parts: list[tuple[int, int, int]] = []
        for certificate in certificates:
            bits = given.get(certificate.qualification)
            if bits is None:
                bits = given[certificate.qualification] = self._bits_given_by(certificate.qualification)
            if not bits & ~held:
                continue
            start, end = certificate.starts_on.toordinal(), _end_of(certificate.ends_on)
            if start <= first and last <= end:
                held |= bits
            elif start <= last and first <= end:
                parts.append((start, end, bits))
        return held | self._join(parts, held) if len(parts) > 1 else held

    def _bits_given_by(self, qualification: str) -> int:
        bits = self._bits
        return sum(bits[name] for name in close(qualification, self.implies) if name in bits)

    def _join(self, parts: Sequence[tuple[int, int, int]], held: int) -> int:
        """Return the qualifications that certificates cover together, though none does alone."""
        joined, open_bits = 0, 0
        for _start, _end, bits in parts:
            open_bits |= bits & ~held
        while open_bits:
            bit = open_bits & -open_bits
            open_bits ^= bit
            if _is_covered(((start, end) for start, end, bits in parts if bits & bit), self.period):
                joined |= bit
        return joined
