"""The host's store in the demonstration: what came in and when, what was checked, what broke; and its items by type, to be handed out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from sqlalchemy import select

from certification.demo.cast import Cast
from certification.demo.setting import FOUNDED
from certification.demo.timeline import Scene, at
from equipment.ledger import Condition
from equipment.models import CaseKind, CaseOutcome, InspectionResult, Item, ItemType, Lot
from equipment.services import cases, inspections, items
from equipment.services.inspections import Finding
from foundation import clock
from foundation.db import db

QUARTERMASTER = "quartermaster"


@dataclass(frozen=True)
class Consignment:
    """What came in on a day: {type code: number of items}, and lots as (type code, quantity, days from today until it expires)."""

    day: int
    maker: str
    items: dict[str, int]
    lots: tuple[tuple[str, int, int | None], ...] = ()
    donor: str | None = None


CONSIGNMENTS = (
    Consignment(
        -400,
        "Rettungstechnik Nord",
        {
            "RADIO-VHF": 12,
            "SEARCH-CAMERA": 1,
            "THERMAL-CAMERA": 1,
            "DEMOLITION-HAMMER": 2,
            "ROPE-WINCH": 1,
            "LIFTING-SLINGS": 1,
            "LIFTING-BAGS": 1,
            "MOVEMENT-MONITOR": 1,
            "RESCUE-STRETCHER": 1,
            "GAS-MONITOR": 2,
            "VENT-BLOWER": 1,
            "RADIO-BASE": 1,
            "SAT-PHONE": 2,
            "GENERATOR-5KVA": 3,
            "WATER-PURIFIER": 1,
            "ALS-BAG": 1,
            "CRUSH-KIT": 1,
        },
        (("PPE-SET", 60, None), ("MARKING-KIT", 6, None)),
        donor="Solidarity Fund for Civil Protection",
    ),
    Consignment(
        -260,
        "Medevac Instruments",
        {
            "RADIO-VHF": 10,
            "TREATMENT-KIT": 10,
            "AED": 1,
            "OXYGEN-SET": 1,
            "DELIVERY-KIT": 2,
            "COLD-BOX": 1,
        },
        (("PPE-INFECTION", 40, 700), ("TRIAGE-TAG", 500, None)),
    ),
    Consignment(-230, "Medevac Instruments", {"TRIAGE-KIT": 4, "RADIO-VHF": 6, "SUCTION-UNIT": 2}),
    Consignment(-200, "Halcyon Forensics", {"FORENSIC-LAPTOP": 2, "EVIDENCE-STORE": 4, "NETWORK-TAP": 2}),
    Consignment(
        -100,
        "Levant Power",
        {"GENERATOR-5KVA": 2, "LIGHT-SET": 3, "SAT-PHONE": 3},
        (("DRESSING-PACK", 600, 540),),
    ),
    Consignment(
        -50,
        "Medevac Instruments",
        {"TRIAGE-KIT": 10, "RADIO-VHF": 16, "SUCTION-UNIT": 5},
        (("TRIAGE-TAG", 1500, None), ("TOURNIQUET", 400, 1100), ("DRESSING-PACK", 400, 760)),
    ),
)


@dataclass
class Store:
    """The host's store in one world: ids of items by type, and of lots by type in the order of arrival, as long as they are there."""

    cast: Cast
    items: dict[str, list[int]] = field(default_factory=dict)
    lots: dict[str, list[int]] = field(default_factory=dict)

    def take(self, code: str, number: int) -> list[Item]:
        """Take items of a type from the shelf, those that came first."""
        ids, self.items[code] = self.items[code][:number], self.items[code][number:]
        assert len(ids) == number, code
        return [db.session.get_one(Item, item_id) for item_id in ids]

    def lot(self, code: str) -> Lot:
        """Return the newest lot of a type."""
        return db.session.get_one(Lot, self.lots[code][-1])

    def scenes(self) -> Iterator[Scene]:
        """Yield what came in, day by day; the types are known from the beginning."""
        day = self.cast.timeline.day
        if self.cast.world == 0:
            yield Scene(at(day(FOUNDED), "08:20"), items.load_item_types)
        for consignment in CONSIGNMENTS:
            yield Scene(at(day(consignment.day), "08:40"), partial(self._receive, consignment))

    def _receive(self, consignment: Consignment) -> None:
        actor = self.cast.host(QUARTERMASTER)
        arrival = items.Arrival(acquired_on=clock.today(), maker=consignment.maker, donor=consignment.donor)
        types = {one.code: one for one in db.session.execute(select(ItemType)).scalars()}
        batch = f"{-consignment.day:03d}{self.cast.world or ''}"
        for code, number in consignment.items.items():
            serials = [f"{types[code].tag_prefix}{batch}-{count:03d}" for count in range(1, number + 1)]
            new = items.register_items(types[code], serials=serials, arrival=arrival, actor=actor)
            self.items.setdefault(code, []).extend(item.id for item in new)
        for code, quantity, expires_in in consignment.lots:
            expires_on = self.cast.timeline.day(expires_in) if expires_in is not None else None
            lot = items.register_lot(
                types[code],
                lot_number=f"{code[:3]}-{batch}",
                quantity=quantity,
                expires_on=expires_on,
                arrival=arrival,
                actor=actor,
            )
            self.lots.setdefault(code, []).append(lot.id)


def check(cast: Cast, checked: Sequence[Item], *, limits: str | None = None) -> None:
    """Record that items were looked at today: serviceable, or with limits."""
    result = InspectionResult.LIMITED if limits else InspectionResult.PASS
    condition = Condition.LIMITED if limits else Condition.SERVICEABLE
    inspections.record_inspections(
        [Finding(item, result, condition, limits) for item in checked],
        done_on=clock.today(),
        actor=cast.host(QUARTERMASTER),
    )


def report_damage(cast: Cast, item: Item, circumstances: str, *, agency: str) -> None:
    """Let an agency's officer report an item that his agency holds."""
    report = cases.Report(CaseKind.DAMAGED, clock.today(), circumstances)
    cases.report_case(item, report, actor=cast.officer(agency))


def repair(cast: Cast, item: Item, note: str) -> None:
    """Close the open case about an item: it was repaired."""
    case = cases.find_open(item)
    assert case is not None
    decision = cases.Decision(CaseOutcome.REPAIRED, note, condition=Condition.SERVICEABLE)
    with cast.timeline.later(int(timedelta(minutes=20).total_seconds())):
        cases.close_case(case, decision, actor=cast.host(QUARTERMASTER))
