"""Languages: English in the source, Arabic and French beside it; right-to-left as good as left-to-right.

The order of choice: the signed-in user's own language, the cookie of the language switch, what the browser asks for.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.dates import format_date as babel_date
from babel.dates import format_time as babel_time
from babel.numbers import format_decimal
from flask import Flask, g, has_request_context, request
from flask_babel import (
    Babel,
    force_locale,
    get_locale,
    get_timezone,
    get_translations,
    lazy_pgettext,
    ngettext,
    pgettext,
)
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from markupsafe import Markup

__all__ = [
    "LANGUAGES",
    "LANGUAGE_COOKIE",
    "_",
    "country_name",
    "direction",
    "format_date_for",
    "in_language",
    "language",
    "lazy",
    "lazy_pgettext",
    "listed",
    "ngettext",
    "pgettext",
    "text_in",
]

LANGUAGES = ("en", "ar", "fr")
LANGUAGE_NAMES = (("en", "English"), ("ar", "العربية"), ("fr", "Français"))
LANGUAGE_COOKIE = "ijaza_language"
# The marks between words and before an explanation; French keeps a narrow blank before two of them.
_MARKS = {"ar": {",": "،", ";": "؛"}, "fr": {";": "\u202f;", ":": "\u202f:"}}
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "ur", "he"})
# Arabic prints Latin digits: the numbers on a roster, a deed and a passport must look the same.
_FORMATTING = {"ar": "ar", "en": "en_GB", "fr": "fr"}

babel = Babel()


def language() -> str:
    """Return the language of the work at hand: 'en', 'ar' or 'fr'."""
    locale = get_locale()
    return locale.language if locale is not None and locale.language in LANGUAGES else "en"


def direction(code: str) -> str:
    """Return 'rtl' or 'ltr' for a language code."""
    return "rtl" if code in _RIGHT_TO_LEFT else "ltr"


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Translate the block into a given language: a mail to its recipient, a document to its reader."""
    with force_locale(code if code in LANGUAGES else "en"):
        yield


def text_in(texts: dict[str, str] | None, code: str | None = None) -> str:
    """Return a text kept in several languages ({'en': …, 'ar': …}) in the reader's, else English, else any there is."""
    if not texts:
        return ""
    return texts.get(code or language()) or texts.get("en") or next(iter(texts.values()))


def format_date_for(code: str, day: date) -> str:
    """Return a date in words for a language, with Latin digits."""
    return babel_date(day, format="long", locale=_FORMATTING.get(code, "en_GB"))


def country_name(alpha2: str | None, code: str | None = None) -> str:
    """Return the country's name in the reader's language; an unknown code reads as itself."""
    if not alpha2:
        return ""
    return str(Locale.parse(code or language()).territories.get(alpha2.upper(), alpha2))


def separator(mark: str = ",") -> str:
    """Return the comma, semicolon or colon as the reader's language writes it, with the space after it."""
    return f"{_MARKS.get(language(), {}).get(mark, mark)} "


def listed(words: Iterable[object], mark: str = ",") -> str:
    """Write words one after another with the reader's commas or semicolons between them."""
    return separator(mark).join(str(word) for word in words)


def side_by_side(*words: object) -> Markup:
    """Set words of different scripts beside each other with a dot between: each keeps its own direction and turns no other."""
    return Markup(" · ").join(Markup("<bdi>{}</bdi>").format(word) for word in words if word)


def _date_filter(value: date | datetime | None, style: str = "medium") -> str:
    if value is None:
        return "–"
    if isinstance(value, datetime):
        value = value.astimezone(get_timezone()).date()
    cache = _per_request("dates")
    key = (value, style, language())
    if key not in cache:
        cache[key] = babel_date(value, format=_style(style), locale=_FORMATTING[language()])
    return str(cache[key])


def _style(style: str) -> str:
    """Arabic writes its short and medium dates in figures alone, which read either way round: name the month instead."""
    return "d MMMM y" if language() == "ar" and style in ("short", "medium") else style


def _datetime_filter(value: datetime | None) -> str:
    if value is None:
        return "–"
    local = value.astimezone(get_timezone())
    locale = _FORMATTING[language()]
    return f"{babel_date(local, format=_style('medium'), locale=locale)} {babel_time(local, format='HH:mm', locale=locale)}"


def _number_filter(value: int | float | Decimal | None) -> str:
    return "–" if value is None else format_decimal(value, locale=_FORMATTING[language()])


def _per_request(name: str) -> dict[Any, Any]:
    """Formatting a date costs 18 µs and a roster holds hundreds of equal ones: remember them for one request."""
    if not has_request_context():
        return {}
    caches: dict[str, dict[Any, Any]] = g.setdefault("format_caches", {})
    return caches.setdefault(name, {})


def _catalogue() -> Any:
    """Return the translations of the language at hand, remembered for one request."""
    kept = _per_request("catalogues")
    locale = get_locale()
    if locale not in kept:
        kept[locale] = get_translations()
    return kept[locale]


def _select_language() -> str:
    if has_request_context() and request.path.startswith("/api/"):
        # A program says for whom it asks; a token has no language and no cookie.
        return request.accept_languages.best_match(LANGUAGES) or "en"
    user = g.get("viewer") if has_request_context() else None
    if user is not None and getattr(user, "language", None) in LANGUAGES:
        return str(user.language)
    if has_request_context():
        # A public link may carry its language, so that it reads the same for whoever opens it.
        linked = request.args.get("language")
        if linked in LANGUAGES:
            return str(linked)
        chosen = request.cookies.get(LANGUAGE_COOKIE)
        if chosen in LANGUAGES:
            return chosen
        return request.accept_languages.best_match(LANGUAGES) or "en"
    return "en"


def _select_time_zone() -> str:
    user = g.get("viewer") if has_request_context() else None
    return str(getattr(user, "time_zone", None) or "UTC")


def init_app(app: Flask) -> None:
    """Set up translation, and the filters by which templates print dates and numbers."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    babel.init_app(app, locale_selector=_select_language, timezone_selector=_select_time_zone)
    # Flask-Babel looks context, domain and catalogue up for each text; a page has a hundred.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: _catalogue().ugettext(text),
        lambda one, many, number: _catalogue().ungettext(one, many, number),
        newstyle=True,
        pgettext=lambda context, text: _catalogue().upgettext(context, text),
        npgettext=lambda context, one, many, number: _catalogue().unpgettext(context, one, many, number),
    )
    app.jinja_env.filters["date"] = _date_filter
    app.jinja_env.filters["datetime"] = _datetime_filter
    app.jinja_env.filters["number"] = _number_filter
    app.jinja_env.filters["text_in"] = text_in
    app.jinja_env.filters["listed"] = listed
    app.jinja_env.globals["separator"] = separator
    app.jinja_env.globals["side_by_side"] = side_by_side
    app.jinja_env.filters["country"] = country_name
