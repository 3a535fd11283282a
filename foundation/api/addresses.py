"""How things are named in the API's addresses: by public references, codes and numbers, never by the number of a row.

A cohort's code holds a stroke (MCM-201/7), so it takes two parts of an address: `/cohorts/MCM-201/7`. Something of one
person in one cohort takes three: `/nominations/MCM-201/7/P0123456789`.
"""

from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.routing import BaseConverter

_REF = "[A-Za-z0-9-]{1,40}"
_COHORT = "[A-Za-z0-9-]{1,30}/[0-9]{1,5}"


class RefConverter(BaseConverter):
    """A reference, code or number of letters, digits and hyphens."""

    regex = _REF


class CohortConverter(BaseConverter):
    """The code of a cohort: of its course, and its number."""

    regex = _COHORT
    part_isolating = False

    def to_url(self, value: Any) -> str:
        return str(value)


class PlaceConverter(CohortConverter):
    """The place of a person in a cohort: the cohort's code and the person's reference."""

    regex = f"{_COHORT}/{_REF}"


@dataclass(frozen=True)
class Part:
    """One part of an address, for the description."""

    name: str
    pattern: str
    description: str


_PERSON = Part("person", f"^{_REF}$", "The person's reference.")
_COHORT_PARTS = (
    Part("course", "^[A-Za-z0-9-]{1,30}$", "The code of the course, for example MCM-201."),
    Part("number", "^[0-9]{1,5}$", "The number of the cohort among those of the course, for example 7."),
)
PARTS = {
    "person_public_ref": (_PERSON,),
    "cohort_code": _COHORT_PARTS,
    "nomination_place": (*_COHORT_PARTS, _PERSON),
    "enrolment_place": (*_COHORT_PARTS, _PERSON),
    "certificate_number": (Part("number", f"^{_REF}$", "The number, for example MCM201-7-001."),),
    "deed_number": (Part("number", f"^{_REF}$", "The number, for example D-2026-0001."),),
    "team_code": (Part("code", f"^{_REF}$", "The team's code."),),
}


def init_app(app: Flask) -> None:
    """Teach the address map the kinds of names."""
    app.url_map.converters |= {"ref": RefConverter, "cohort": CohortConverter, "place": PlaceConverter}
