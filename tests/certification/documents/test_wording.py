from datetime import date

import pytest

from certification.documents.wording import WORDINGS, write_date, write_hours, write_period, write_sessions


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", "1 April 2027"), ("fr", "1er avril 2027"), ("ar", "١ نيسان/أبريل ٢٠٢٧")],
)
def test_a_date_is_written_with_its_month_in_words(language: str, written: str) -> None:
    assert write_date(language, date(2027, 4, 1)) == written


@pytest.mark.parametrize(
    ("first", "last", "written"),
    [
        (date(2026, 11, 15), date(2026, 11, 19), "from 15 to 19 November 2026"),
        (date(2026, 11, 30), date(2026, 12, 2), "from 30 November 2026 to 2 December 2026"),
        (date(2026, 11, 15), date(2026, 11, 15), "on 15 November 2026"),
    ],
)
def test_a_period_says_the_month_once(first: date, last: date, written: str) -> None:
    assert write_period("en", first, last) == written


@pytest.mark.parametrize(
    ("count", "written"),
    [(1, "ساعة واحدة"), (2, "ساعتان"), (3, "٣ ساعات"), (10, "١٠ ساعات"), (11, "١١ ساعة"), (40, "٤٠ ساعة"), (103, "١٠٣ ساعات")],
)
def test_arabic_hours_take_the_form_of_their_number(count: int, written: str) -> None:
    assert write_hours("ar", count) == written


def test_one_session_is_no_sessions_in_english_and_french() -> None:
    assert (write_sessions("en", 1), write_sessions("fr", 1)) == ("1 session", "1 séance")
    assert (write_sessions("en", 2), write_sessions("fr", 2)) == ("2 sessions", "2 séances")


def test_all_languages_label_the_same_particulars() -> None:
    assert len({len(wording.labels) for wording in WORDINGS.values()}) == 1
