"""Who plays in the demonstration: users, agencies and persons found by the names under which the story speaks of them."""

from dataclasses import dataclass, field

from sqlalchemy import select

from accounts.models import Agency, Person, User
from accounts.services.agencies import find_agency
from accounts.services.credentials import find_user_by_email
from certification.demo.timeline import Timeline
from curriculum.models import Course
from foundation.db import db

# Beside the agencies' codes: the story's nominees in their order, and those of them whom its sheet finds on record.
NOMINEES, KNOWN = "nominees", "known"


@dataclass
class Cast:
    """One world of agencies and people. World 0 is the acceptance story's; each further one repeats it with agencies of its own.

    `people` {agency code as in world 0, NOMINEES or KNOWN: person ids in order}.
    """

    timeline: Timeline
    world: int = 0
    people: dict[str, list[int]] = field(default_factory=dict)
    # The objects themselves: the session would let go of what nobody holds, and read it anew at each mark.
    _users: dict[str, User] = field(default_factory=dict)
    _persons: dict[int, Person] = field(default_factory=dict)

    def code(self, code: str) -> str:
        """Return an agency's code in this world."""
        return f"{code}{self.world + 1}" if self.world else code

    def number(self, number: int) -> int:
        """Return a cohort's number in this world."""
        return number + 10 * self.world

    def agency(self, code: str) -> Agency:
        """Return the agency that plays this part."""
        found = find_agency(self.code(code))
        assert found is not None, code
        return found

    def host(self, name: str) -> User:
        """Return a user of the host by the part of his address before the @."""
        return self._user(f"{name}@host.example")

    def officer(self, code: str) -> User:
        """Return the officer of an agency."""
        return self._user(f"officer@{self.code(code).lower()}.example")

    def persons(self, code: str, first: int, last: int) -> list[Person]:
        """Return some of an agency's people, counted from 1, both ends included."""
        return [self.person(code, number) for number in range(first, last + 1)]

    def person(self, code: str, number: int) -> Person:
        """Return one of an agency's people, counted from 1."""
        person_id = self.people[code][number - 1]
        if person_id not in self._persons:
            self._persons[person_id] = db.session.get_one(Person, person_id)
        return self._persons[person_id]

    def _user(self, email: str) -> User:
        if email not in self._users:
            found = find_user_by_email(email)
            assert found is not None, email
            self._users[email] = found
        return self._users[email]


def find_course(code: str) -> Course:
    """Return a course of the catalogue."""
    return db.session.execute(select(Course).where(Course.code == code)).scalar_one()
