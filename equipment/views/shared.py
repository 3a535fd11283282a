"""What several pages of this floor share: the words of states as filters, and lists that are cut into pages as they stand."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from flask import Blueprint, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from accounts.models import Agency
from equipment import labels
from equipment.ledger import HOST, Party, party_of
from equipment.models import CustodyEntry, DeedLine
from equipment.usability import Reason
from foundation.db import db
from foundation.i18n import _, text_in
from foundation.paging import Cut, cut

Member = TypeVar("Member", bound=StrEnum)


def add_filters(bp: Blueprint) -> None:
    """Give templates the words and tones of this floor's states."""
    bp.add_app_template_filter(labels.word, "equipment_word")
    bp.add_app_template_filter(labels.tone, "equipment_tone")
    bp.add_app_template_filter(reason_words, "reason_words")


def reason_words(reasons: Iterable[str]) -> list[str]:
    """Return why a thing is not usable, in sentences."""
    return [labels.word(Reason(reason)) for reason in reasons]


def asked_word(name: str, enumeration: type[Member]) -> Member | None:
    """Return what the address asks for, when it is a word of an enumeration."""
    value = request.args.get(name, "")
    return enumeration(value) if value in set(enumeration) else None


def asked_text(name: str = "q") -> str:
    """Return the text that a list is to be narrowed by."""
    return " ".join(request.args.get(name, "")[:80].split())


def asked_day(name: str = "on") -> date | None:
    """Return the day that the address asks about; what is no day is none."""
    try:
        return date.fromisoformat(request.args.get(name, "")[:10])
    except ValueError:
        return None


def asked_party(name: str) -> Party | None:
    """Return the holder that the address asks about: 'host' or the number of an agency."""
    value = request.args.get(name, "")
    if value == "host":
        return HOST
    return party_of(int(value)) if value.isascii() and value.isdecimal() and len(value) < 10 else None


def read_ids(values: Iterable[str], *, most: int) -> list[int]:
    """Return row numbers that were sent, each once, in their order; what is none is passed over."""
    ids = [int(value) for value in values if value.isascii() and value.isdecimal() and len(value) < 10]
    return list(dict.fromkeys(ids))[:most]


def agencies_by_id() -> Mapping[int, Agency]:
    """Return the agencies by their number, to name the parties of many rows with one statement."""
    return {agency.id: agency for agency in db.session.execute(select(Agency)).scalars()}


def party_name(party: Party | None, agencies: Mapping[int, Agency]) -> str:
    """Return a holder in words."""
    if party is None:
        return ""
    if party.agency_id is not None and party.agency_id in agencies:
        agency = agencies[party.agency_id]
        return f"{agency.code} · {text_in(agency.names)}"
    return labels.word(party.kind)


def holder_choices(agencies: Iterable[Agency]) -> list[tuple[str, str]]:
    """Return the own store and the agencies as choices of a filter or a field."""
    named = [(str(agency.id), f"{agency.code} · {text_in(agency.names)}") for agency in agencies]
    return [("host", _("Own store")), *named]


@dataclass(frozen=True)
class Movements:
    """One page of a chain of custody: `rows` are (entry, giver in words, receiver in words); `deed_lines` are kept for them."""

    page: Cut
    rows: Sequence[tuple[CustodyEntry, str, str]]
    deed_lines: Sequence[DeedLine]


def cut_movements(entries: Sequence[CustodyEntry], agencies: Mapping[int, Agency]) -> Movements:
    """Return the page of a chain of custody that the address asks for, its deeds read with one statement."""
    page = cut(entries)
    ids = [entry.deed_line_id for entry in page.rows if entry.deed_line_id is not None]
    query = select(DeedLine).where(DeedLine.id.in_(ids)).options(joinedload(DeedLine.deed))
    return Movements(
        page=page,
        rows=[
            (entry, party_name(entry.giving_party, agencies), party_name(entry.receiving_party, agencies))
            for entry in page.rows
        ],
        deed_lines=db.session.execute(query).scalars().all() if ids else [],
    )
