"""The periods in which a certificate counts are, day by day, the days on which it is worth something."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from certification.periods import Period, list_periods
from certification.status import CertificateStatus, DecidedAction, judge_status
from foundation.registry import EndedBy

FIRST = date(2026, 1, 1)
days = st.integers(min_value=-3, max_value=25).map(lambda offset: FIRST + timedelta(days=offset))
actions = st.lists(st.tuples(st.sampled_from(("suspend", "lift", "revoke")), days), max_size=7).map(
    lambda decided: sorted(decided, key=lambda one: one[1])
)


def counts(expires_on: date | None, decided: list[tuple[str, date]], on: date) -> bool:
    """Read the certificate as the public page would at the end of a day."""
    so_far = [DecidedAction(kind) for kind, day in decided if day <= on]
    status = judge_status(version=1, newest_version=1, expires_on=expires_on, actions=so_far, on=on)
    return on >= FIRST and status is CertificateStatus.VALID


@given(expires_on=st.none() | days, decided=actions)
def test_periods_are_the_days_on_which_the_certificate_is_valid(
    expires_on: date | None, decided: list[tuple[str, date]]
) -> None:
    periods = list(list_periods(FIRST, expires_on, decided))
    for offset in range(-5, 40):
        on = FIRST + timedelta(days=offset)
        inside = [
            one for one in periods if one.starts_on <= on and (one.ends_on is None or on <= one.ends_on)
        ]
        assert len(inside) == counts(expires_on, decided, on), (on, periods)


@given(expires_on=st.none() | days, decided=actions, later=st.sampled_from(("suspend", "lift", "revoke")))
def test_a_decision_changes_nothing_of_the_days_before_it(
    expires_on: date | None, decided: list[tuple[str, date]], later: str
) -> None:
    day = max([FIRST, *(on for _kind, on in decided)]) + timedelta(days=1)
    before, after = (
        [
            offset
            for offset in range((day - FIRST).days)
            if any(
                one.starts_on <= FIRST + timedelta(days=offset)
                and (one.ends_on is None or FIRST + timedelta(days=offset) <= one.ends_on)
                for one in list_periods(FIRST, expires_on, acts)
            )
        ]
        for acts in (decided, [*decided, (later, day)])
    )
    assert before == after


def test_suspended_then_lifted_then_revoked() -> None:
    expires_on = date(2028, 1, 1)
    decided = [("suspend", date(2026, 3, 3)), ("lift", date(2026, 4, 10))]

    assert list(list_periods(FIRST, expires_on, decided)) == [
        Period(FIRST, date(2026, 3, 2), EndedBy.SUSPENSION),
        Period(date(2026, 4, 10), expires_on),
    ]
    assert list(list_periods(FIRST, expires_on, [*decided, ("revoke", date(2026, 5, 5))])) == [
        Period(FIRST, date(2026, 3, 2), EndedBy.REVOCATION),
        Period(date(2026, 4, 10), date(2026, 5, 4), EndedBy.REVOCATION),
    ]
