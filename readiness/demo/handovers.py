"""What the demonstration's store gave to whom, on deeds: the story's first, others long signed, one overdue, some to be signed."""

from collections.abc import Iterator, Mapping

from certification.demo.cast import Cast
from certification.demo.mass_casualty import StoryCohort
from certification.demo.timeline import Scene, at
from curriculum.models import Cohort
from equipment.ledger import Condition
from equipment.models import Deed, DeedKind, Item, SignatureSide
from equipment.services import deeds
from equipment.services.deeds import Count, Signature, Terms
from foundation.db import db
from readiness.demo.signatures import sign
from readiness.demo.stores import QUARTERMASTER, Store, check, repair, report_damage

SIGN_AFTER_SECONDS, ACCEPT_AFTER_SECONDS = 1500, 2700
STORY_ITEMS = {"TRIAGE-KIT": 4, "RADIO-VHF": 6, "SUCTION-UNIT": 2}
STORY_TAGS = 200
RESCUE_ITEMS = {
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
}
MEDICAL_ITEMS = {
    "TREATMENT-KIT": 10,
    "AED": 1,
    "OXYGEN-SET": 1,
    "DELIVERY-KIT": 2,
    "COLD-BOX": 1,
    "RADIO-VHF": 8,
}
CYBER_ITEMS = {"FORENSIC-LAPTOP": 2, "EVIDENCE-STORE": 4, "NETWORK-TAP": 2}
POWER_ITEMS = {"GENERATOR-5KVA": 2, "LIGHT-SET": 2, "SAT-PHONE": 2}
# What of the rescue equipment is checked twice a year.
CHECKED_TWICE_A_YEAR = ("GAS-MONITOR", "ALS-BAG")
RADIOS_BACK = 3


class Handovers:
    """The deeds of one world, and the items of each by the agency that received them."""

    def __init__(self, cast: Cast, store: Store, story: StoryCohort) -> None:
        self.cast, self.store, self.story = cast, store, story
        self.received: dict[str, dict[str, list[int]]] = {}

    def items(self, agency: str, code: str | None = None) -> list[Item]:
        """Return what an agency received on its first deed, all or of one type."""
        by_type = self.received[agency]
        ids = by_type[code] if code is not None else [one for found in by_type.values() for one in found]
        return [db.session.get_one(Item, item_id) for item_id in ids]

    def scenes(self) -> Iterator[Scene]:
        """Yield the deeds and what happened to the equipment afterwards, to be played in the order of time."""
        yield from self._long_signed()
        yield from self._lent()
        yield from self._back_from_the_hospital()
        yield Scene(at(self.story.day(1), "08:10"), self._hand_over_for_the_story)
        yield from self._to_be_signed()
        yield from self._looked_after()

    def _long_signed(self) -> Iterator[Scene]:
        day = self.cast.timeline.day
        rescue = Terms(
            "Equipment of the search and rescue team", use="Exercises and deployments of the team."
        )
        yield Scene(
            at(day(-380), "09:30"),
            lambda: self._hand_over("AFET", RESCUE_ITEMS, {"PPE-SET": 50, "MARKING-KIT": 4}, terms=rescue),
        )
        medical = Terms("Equipment of the mobile medical team", use="Exercises and deployments of the team.")
        yield Scene(
            at(day(-240), "10:15"),
            lambda: self._hand_over(
                "UHO", MEDICAL_ITEMS, {"PPE-INFECTION": 30, "TRIAGE-TAG": 400}, terms=medical
            ),
        )

        brigade = Terms(
            "Matériel de l’équipe afflux de victimes",
            use="Exercices et interventions de l’équipe.",
            language="fr",
        )
        yield Scene(at(day(-210), "11:20"), lambda: self._hand_over("BNSP", STORY_ITEMS, {}, terms=brigade))

    def _lent(self) -> Iterator[Scene]:
        """Two loans: one comes back within the month, one should have come back last week."""
        day = self.cast.timeline.day
        cyber = Terms(
            "Laboratory for the incident response course",
            use="Training and national exercises.",
            return_due_on=day(25),
        )
        yield Scene(at(day(-150), "11:00"), lambda: self._hand_over("SGM", CYBER_ITEMS, {}, terms=cyber))
        power = Terms(
            "Éclairage et énergie pour l’exercice national",
            use="Exercice national de secours.",
            return_due_on=day(-6),
            language="fr",
        )
        short = {"DRESSING-PACK": (10, "Un carton de dix était ouvert et vide.")}
        yield Scene(
            at(day(-70), "09:45"),
            lambda: self._hand_over("BNSP", POWER_ITEMS, {"DRESSING-PACK": 300}, terms=power, missing=short),
        )

    def _back_from_the_hospital(self) -> Iterator[Scene]:
        """Three radios come back on one list, one of them broken; it is repaired since."""
        day = self.cast.timeline.day
        yield Scene(at(day(-30), "13:20"), self._take_back_radios)
        yield Scene(
            at(day(-12), "10:00"),
            lambda: repair(
                self.cast,
                self.items("UHO", "RADIO-VHF")[0],
                "Housing and battery contacts replaced in the workshop.",
            ),
        )

    def _hand_over_for_the_story(self) -> None:
        """Day 1 of the story's cohort: twelve items with serials and two hundred tags on one list."""
        terms = Terms(
            "Equipment of the mass-casualty team, handed over on the first day of its course",
            use="Training in the course, exercises and deployments of the team.",
        )
        cohort = self.story.delivery.cohort
        self._hand_over("CPD", STORY_ITEMS, {"TRIAGE-TAG": STORY_TAGS}, terms=terms, cohort=cohort)

    def _to_be_signed(self) -> Iterator[Scene]:
        """Two deeds are issued, one of them signed by the giver already; a third is a draft."""
        day = self.cast.timeline.day
        yield Scene(at(day(-5), "14:10"), self._issue_for_the_coast)
        yield Scene(at(day(-1), "15:30"), self._issue_for_the_hospital)
        yield Scene(at(day(0), "07:20"), self._draft_for_the_brigade)

    def _issue_for_the_coast(self) -> None:
        terms = Terms("Triage equipment of the provincial teams", use="Exercises and deployments.")
        deed = self._issue("AFET", {"TRIAGE-KIT": 2}, {"TOURNIQUET": 120}, terms=terms)
        with self.cast.timeline.later(SIGN_AFTER_SECONDS):
            self._sign_as_giver(deed)

    def _issue_for_the_hospital(self) -> None:
        terms = Terms("Second set of the emergency department", use="Training and mass-casualty incidents.")
        self._issue(
            "UHO", {"SUCTION-UNIT": 2, "RADIO-VHF": 4}, {"TRIAGE-TAG": 100, "DRESSING-PACK": 80}, terms=terms
        )

    def _draft_for_the_brigade(self) -> None:
        terms = Terms("Trousses de triage pour la brigade", use="Formation et interventions.", language="fr")
        self._draft("BNSP", {"TRIAGE-KIT": 2}, {"TOURNIQUET": 60}, terms=terms)

    def _looked_after(self) -> Iterator[Scene]:
        """Checks of the rescue equipment, of which some is due again soon and some overdue; a case that waits for a decision."""
        day = self.cast.timeline.day
        yield Scene(at(day(-200), "09:00"), lambda: check(self.cast, self.items("AFET", "CRUSH-KIT")))
        yield Scene(
            at(day(-172), "09:00"),
            lambda: check(
                self.cast,
                [item for code in CHECKED_TWICE_A_YEAR for item in self.items("AFET", code)],
            ),
        )
        yield Scene(at(day(-60), "09:00"), self._check_the_rest)
        yield Scene(at(day(-85), "09:00"), lambda: check(self.cast, self.items("UHO")))
        for checked in (-125, -40):
            yield Scene(at(day(checked), "09:20"), lambda: check(self.cast, self.items("BNSP", "TRIAGE-KIT")))
        yield Scene(
            at(day(-4), "16:10"),
            lambda: report_damage(
                self.cast,
                self.items("UHO", "AED")[0],
                "Fell from the trolley in the exercise of this week; the self-test stops with error 14.",
                agency="UHO",
            ),
        )

    def _check_the_rest(self) -> None:
        """Everything of the rescue team but what is checked twice a year; one generator may not run at full load."""
        left_out = (*CHECKED_TWICE_A_YEAR, "CRUSH-KIT", "GENERATOR-5KVA")
        rest = [
            item
            for code in self.received["AFET"]
            if code not in left_out
            for item in self.items("AFET", code)
        ]
        first, *others = self.items("AFET", "GENERATOR-5KVA")
        check(self.cast, [*rest, *others])
        check(self.cast, [first], limits="Not above 3 kVA until the regulator is replaced.")

    def _take_back_radios(self) -> None:
        """Take back three radios that the hospital does not need any more."""
        terms = Terms("Radios replaced by the hospital's own")
        actor, agency = self.cast.host(QUARTERMASTER), self.cast.agency("UHO")
        deed = deeds.draft_deed(agency, kind=DeedKind.RETURN, terms=terms, actor=actor)
        deeds.add_items(deed, self.items("UHO", "RADIO-VHF")[:RADIOS_BACK], actor=actor)
        deeds.issue_deed(deed, actor=actor)
        broken = deed.lines[0].item_id
        counts = [
            Count(
                line.id,
                accepted=1,
                reason="Housing cracked, does not charge." if line.item_id == broken else None,
                condition=Condition.UNSERVICEABLE if line.item_id == broken else None,
            )
            for line in deed.lines
        ]
        self._close(deed, counts)

    def _hand_over(
        self,
        code: str,
        items: Mapping[str, int],
        lots: Mapping[str, int],
        *,
        terms: Terms,
        cohort: Cohort | None = None,
        missing: Mapping[str, tuple[int, str]] | None = None,
    ) -> None:
        """Draw a deed up, issue it and have it signed by both; `missing` {type code: (how much, why)} was not in the boxes."""
        deed = self._issue(code, items, lots, terms=terms, cohort=cohort)
        counts = []
        for line in deed.lines:
            short, reason = (missing or {}).get(line.thing.item_type.code, (0, None))
            counts.append(Count(line.id, accepted=line.quantity - short, missing=short, reason=reason))
        self._close(deed, counts)

    def _issue(
        self,
        code: str,
        items: Mapping[str, int],
        lots: Mapping[str, int],
        *,
        terms: Terms,
        cohort: Cohort | None = None,
    ) -> Deed:
        deed = self._draft(code, items, lots, terms=terms, cohort=cohort)
        return deeds.issue_deed(deed, actor=self.cast.host(QUARTERMASTER))

    def _draft(
        self,
        code: str,
        items: Mapping[str, int],
        lots: Mapping[str, int],
        *,
        terms: Terms,
        cohort: Cohort | None = None,
    ) -> Deed:
        actor, agency = self.cast.host(QUARTERMASTER), self.cast.agency(code)
        deed = deeds.draft_deed(agency, kind=DeedKind.HANDOVER, terms=terms, cohort=cohort, actor=actor)
        taken = {kind: self.store.take(kind, number) for kind, number in items.items()}
        deeds.add_items(deed, [item for found in taken.values() for item in found], actor=actor)
        for kind, quantity in lots.items():
            deeds.add_lot(deed, self.store.lot(kind), quantity, actor=actor)
        self.received.setdefault(code, {kind: [one.id for one in found] for kind, found in taken.items()})
        return deed

    def _close(self, deed: Deed, counts: list[Count]) -> None:
        """Take both signatures on one screen, half an hour after the deed was issued."""
        with self.cast.timeline.later(SIGN_AFTER_SECONDS):
            self._sign_as_giver(deed)
        with self.cast.timeline.later(ACCEPT_AFTER_SECONDS):
            deeds.accept_deed(
                deed,
                receipts=counts,
                signature=self._draw(deed, SignatureSide.RECEIVER),
                seen_hash=deed.content_hash or "",
                actor=self.cast.host(QUARTERMASTER),
            )

    def _sign_as_giver(self, deed: Deed) -> None:
        deeds.sign_giver(
            deed,
            signature=self._draw(deed, SignatureSide.GIVER),
            seen_hash=deed.content_hash or "",
            actor=self.cast.host(QUARTERMASTER),
        )

    def _draw(self, deed: Deed, side: SignatureSide) -> Signature:
        """Return the signature of a side: the host's when it gives out and when it takes back, else the agency's."""
        gives_out = deed.kind is DeedKind.HANDOVER
        if gives_out is (side is SignatureSide.GIVER):
            user = self.cast.host(QUARTERMASTER)
            return sign(user.name, user.function or "Quartermaster")
        return sign(deed.agency.contact_name or deed.agency.code, "Custodian")
