"""What the public page of a certificate costs: whoever reads a QR code asks it, so it must bear a crowd."""

from bench.application import Browser, counted_statements, database_kinds, throwaway_application
from bench.figures import Figure, measure_in_turns, median
from certification.models import CertificateVersion
from certification.services import issuing
from foundation.db import db, transaction
from tests.factories.certification import approve_both, make_assessed_cohort

CERTIFICATES = 20
ROUNDS = 60
MILLISECONDS = 5.0


def figures(certificates: int = CERTIFICATES, rounds: int = ROUNDS) -> list[Figure]:
    """Measure the page and its JSON, on each kind of database."""
    return [figure for kind in database_kinds() for figure in _measure(kind, certificates, rounds)]


def _measure(kind: str, certificates: int, rounds: int) -> list[Figure]:
    with throwaway_application(kind) as app:
        cohort = make_assessed_cohort(competent=certificates)
        _director, official = approve_both(cohort)
        cohort_id, official_id = cohort.id, official.id
        db.session.commit()
        with transaction():
            issuing.freeze_cohort(cohort_id, actor_id=official_id)
        code = db.session.query(CertificateVersion.code).limit(1).scalar()
        db.session.remove()
        browser = Browser(app)
        pages = {
            "verification page": lambda: browser.get(f"/verify/{code}"),
            "verification as JSON": lambda: browser.get(f"/verify/{code}.json"),
        }
        times = measure_in_turns(pages, rounds=rounds)
        found = []
        for name, page in pages.items():
            with counted_statements() as sent:
                page()
            found += [
                Figure(
                    f"{name}, {kind}",
                    median(times[name]),
                    "ms CPU",
                    MILLISECONDS,
                    f"least {min(times[name]):.1f}",
                ),
                Figure(f"{name}, {kind}", len(sent), "statements"),
            ]
        return found
