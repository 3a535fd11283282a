"""Languages: the forms of Arabic numbers, and lists in the reader's own marks."""

import pytest
from flask import Flask

from foundation.i18n import in_language, listed, ngettext


@pytest.mark.parametrize(
    ("count", "written"),
    [
        (0, "لا صفوف"),
        (1, "صف واحد"),
        (2, "صفان"),
        (3, "3 صفوف"),
        (10, "10 صفوف"),
        (11, "11 صفا"),
        (99, "99 صفا"),
        (100, "100 صف"),
        (102, "102 صف"),
        (103, "103 صفوف"),
        (111, "111 صفا"),
    ],
)
def test_arabic_counts_in_six_forms(app: Flask, count: int, written: str) -> None:
    with app.test_request_context(), in_language("ar"):
        assert ngettext("%(num)s row", "%(num)s rows", count) == written


@pytest.mark.parametrize(
    ("language", "mark", "written"),
    [("en", ",", "a, b"), ("fr", ";", "a\u202f; b"), ("ar", ",", "a، b"), ("ar", ";", "a؛ b")],
)
def test_lists_have_the_marks_of_the_readers_script(
    app: Flask, language: str, mark: str, written: str
) -> None:
    with app.test_request_context(), in_language(language):
        assert listed(["a", "b"], mark) == written
