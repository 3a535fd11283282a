"""The order of the demonstration: everything happens at its moment, and one thing after the other as in life.

Several cohorts overlap in time. Their scenes are sorted before they are played, so that the audit trail reads as it would have
been written. The scenes of one day are one transaction.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from foundation import clock
from foundation.db import transaction

HOST_ZONE = "Asia/Amman"
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Scene:
    """Something that happened at a moment."""

    at: datetime
    act: Callable[[], object]


@dataclass(frozen=True)
class Timeline:
    """The present at which the demonstration is built; every day of its story is counted from there."""

    present: datetime

    @property
    def today(self) -> date:
        """Today at the host's place."""
        return self.present.astimezone(ZoneInfo(HOST_ZONE)).date()

    def day(self, offset: int) -> date:
        """Return the day some days after today."""
        return self.today + timedelta(days=offset)

    def last_sunday(self, *, days_ago: int) -> date:
        """Return the latest Sunday, first of the host's working days, that lies at least some days back."""
        day = self.day(-days_ago)
        return day - timedelta(days=(day.weekday() + 1) % 7)

    @contextmanager
    def later(self, seconds: int) -> Iterator[None]:
        """Let some time pass for the length of a block, never beyond the present."""
        with clock.frozen_at(min(clock.now() + timedelta(seconds=seconds), self.present)):
            yield

    def play(self, scenes: Iterable[Scene], *, progress: Progress) -> None:
        """Play scenes in the order of their moments; what would lie ahead happens at the present."""
        ordered = sorted(scenes, key=lambda scene: scene.at)
        done = 0
        for _day, of_day in groupby(ordered, key=lambda scene: min(scene.at, self.present).date()):
            with transaction():
                for scene in of_day:
                    with clock.frozen_at(min(scene.at, self.present)):
                        scene.act()
                    done += 1
            progress(done, len(ordered), "")


def at(day: date, of_day: str) -> datetime:
    """Return a time of day ('HH:MM') at the host's place."""
    return datetime.combine(day, time.fromisoformat(of_day), ZoneInfo(HOST_ZONE))
