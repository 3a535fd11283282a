"""What certificates say about who holds what: by the newest version, without the days taken away, in a constant number of statements."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta

from flask import Flask

from accounts.models import Agency, User
from accounts.permissions import Role
from accounts.services import hosts
from certification.models import Certificate, CertificateActionKind, CertificateVersion
from certification.services import actions, certificates, issuing
from certification.status import CertificateStatus
from curriculum.models import Cohort
from foundation import clock
from foundation.db import db, transaction
from foundation.registry import EndedBy, Holding, list_holdings
from tests.factories.accounts import make_agency, make_officer, make_user
from tests.factories.certification import approve_both, make_assessed_cohort
from tests.support.client import LintingClient
from tests.support.statements import counted_statements

SignIn = Callable[[User], LintingClient]


def freeze(agency: Agency | None = None, *, competent: int = 1) -> list[Certificate]:
    """Certificates frozen and not printed: what is held does not wait for the printer."""
    cohort: Cohort = make_assessed_cohort(agency, competent=competent)
    approve_both(cohort)
    with transaction():
        issuing.freeze_cohort(cohort.id, actor_id=None)
    return list(db.session.query(Certificate).filter_by(cohort_id=cohort.id).order_by(Certificate.sequence))


def act(certificate: Certificate, kind: CertificateActionKind, on: date) -> None:
    with clock.frozen_at(datetime.combine(on, datetime.min.time(), UTC) + timedelta(hours=9)):
        act_now(certificate, kind)


def act_now(certificate: Certificate, kind: CertificateActionKind) -> None:
    manager, official = make_user(Role.PROGRAMME_MANAGER), make_user(Role.CERTIFYING_OFFICIAL)
    action = actions.propose(certificate, kind, reason="A reason to be read later.", actor=manager)
    actions.decide(action, approve=True, note=None, actor=official)
    db.session.commit()
    db.session.expire_all()


def test_certificate_is_held_from_issue_to_its_last_valid_day(app: Flask) -> None:
    (certificate,) = freeze()
    version = certificate.current
    code = certificate.cohort.edition.course.code

    assert list_holdings([certificate.person_id]) == [
        Holding(
            person_id=certificate.person_id,
            qualification=code,
            starts_on=version.issued_on,
            ends_on=version.expires_on,
            evidence=certificate.number,
            source="certificates",
            url_of=("certificates.show", {"certificate_id": certificate.id}),
            agency_id=certificate.agency_id,
        )
    ]
    assert version.expires_on is not None
    on_days = {
        day: bool(list_holdings([certificate.person_id], on=day))
        for day in (
            version.issued_on - timedelta(days=1),
            version.issued_on,
            version.expires_on,
            version.expires_on + timedelta(days=1),
        )
    }
    assert list(on_days.values()) == [False, True, True, False]


def test_revocation_leaves_the_days_before_it_as_they_were(app: Flask) -> None:
    (certificate,) = freeze()
    revoked_on = certificate.current.issued_on + timedelta(days=150)

    act(certificate, CertificateActionKind.REVOKE, revoked_on)

    (holding,) = list_holdings([certificate.person_id])
    assert (holding.ends_on, holding.ended_by) == (revoked_on - timedelta(days=1), EndedBy.REVOCATION)


def test_suspended_days_do_not_count_until_lifted(app: Flask) -> None:
    (certificate,) = freeze()
    issued_on = certificate.current.issued_on
    suspended_on, lifted_on = issued_on + timedelta(days=10), issued_on + timedelta(days=40)

    act(certificate, CertificateActionKind.SUSPEND, suspended_on)
    act(certificate, CertificateActionKind.LIFT, lifted_on)

    periods = [(one.starts_on, one.ends_on, one.ended_by) for one in list_holdings([certificate.person_id])]
    assert periods == [
        (issued_on, suspended_on - timedelta(days=1), EndedBy.SUSPENSION),
        (lifted_on, certificate.current.expires_on, None),
    ]


def test_proposed_or_declined_revocation_takes_nothing_away(app: Flask) -> None:
    (certificate,) = freeze()
    manager, official = make_user(Role.PROGRAMME_MANAGER), make_user(Role.CERTIFYING_OFFICIAL)
    action = actions.propose(
        certificate, CertificateActionKind.REVOKE, reason="Somebody said it was forged.", actor=manager
    )
    assert [one.ended_by for one in list_holdings([certificate.person_id])] == [None]

    actions.decide(action, approve=False, note="No proof.", actor=official)

    assert [one.ended_by for one in list_holdings([certificate.person_id])] == [None]


def test_second_version_keeps_the_first_day_and_brings_the_new_end(app: Flask) -> None:
    (certificate,) = freeze()
    first = certificate.current
    db.session.add(
        CertificateVersion(
            agency_id=first.agency_id,
            certificate_id=certificate.id,
            version=2,
            code="SECOND",
            facts=first.facts,
            template_version=first.template_version,
            issued_on=first.issued_on + timedelta(days=30),
            expires_on=date(2031, 1, 1),
            frozen_at=clock.now(),
            issued_by_id=None,
        )
    )
    db.session.flush()

    (holding,) = list_holdings([certificate.person_id])

    assert (holding.starts_on, holding.ends_on) == (first.issued_on, date(2031, 1, 1))


def test_a_thousand_people_cost_as_many_statements_as_one(app: Flask) -> None:
    certificates = freeze(competent=5)
    person_ids = [one.person_id for one in certificates]
    for certificate in certificates:
        act(certificate, CertificateActionKind.SUSPEND, certificate.current.issued_on + timedelta(days=5))
    counts = []
    for asked in (person_ids[:1], [*person_ids, *range(10_000, 10_995)]):
        with counted_statements() as statements:
            list_holdings(asked)
        counts.append(len(statements))

    assert counts == [3, 3]
    with counted_statements() as statements:
        assert list_holdings([]) == []
    assert statements == []


def test_officer_learns_what_another_agency_certified_and_not_by_which_number(
    app: Flask, sign_in: SignIn
) -> None:
    from accounts.models import Affiliation

    sponsor, other = make_agency(), make_agency()
    (certificate,) = freeze(sponsor)
    db.session.add(
        Affiliation(agency_id=other.id, person_id=certificate.person_id, starts_on=date(2024, 1, 1))
    )
    db.session.commit()
    page = f"/persons/{certificate.person_id}/qualifications"
    code, number, link = (
        certificate.cohort.edition.course.code,
        certificate.number,
        f"/certificates/{certificate.id}",
    )

    own, foreign, manager, auditor, stranger_director = (
        sign_in(user).get(page).text
        for user in (
            make_officer(sponsor),
            make_officer(other),
            make_user(Role.PROGRAMME_MANAGER),
            make_user(Role.AUDITOR),
            make_user(Role.COURSE_DIRECTOR),
        )
    )

    assert all(number in text and link in text for text in (own, manager, auditor))
    assert code in foreign and "In date" in foreign
    assert number not in foreign and link not in foreign
    assert number in stranger_director and link not in stranger_director


def test_a_day_begins_where_the_host_is_at_home_and_for_everything_at_once(app: Flask) -> None:
    hosts.edit_host(replace(_host_values(), time_zone="Asia/Amman"), actor=None)
    db.session.commit()
    with clock.frozen_at(datetime(2030, 11, 22, 21, 30, tzinfo=UTC)):
        (certificate,) = freeze()
        version = certificate.current
        assert version.issued_on == clock.today() == date(2030, 11, 23)
        assert certificates.status_of(version, on=clock.today()) is CertificateStatus.VALID
        assert list_holdings([certificate.person_id], on=clock.today())
        act_now(certificate, CertificateActionKind.REVOKE)
        assert certificates.verify_version(version, on=clock.today()).decided_on == date(2030, 11, 23)
    with clock.frozen_at(datetime(2030, 11, 23, 20, 59, tzinfo=UTC)):
        assert clock.today() == date(2030, 11, 23)
        assert not list_holdings([certificate.person_id], on=clock.today())


def test_another_home_is_seen_at_once(app: Flask) -> None:
    with clock.frozen_at(datetime(2030, 11, 22, 21, 30, tzinfo=UTC)):
        days = [clock.today()]
        for zone in ("Asia/Amman", "America/Lima", "UTC"):
            hosts.edit_host(replace(_host_values(), time_zone=zone), actor=None)
            days.append(clock.today())
    assert days == [date(2030, 11, day) for day in (22, 23, 22, 22)]


def _host_values() -> hosts.HostValues:
    host = hosts.get_host()
    values = {field.name: getattr(host, field.name) for field in fields(hosts.HostValues)}
    return hosts.HostValues(**values | {"certificate_languages": tuple(host.certificate_languages)})
