"""The host organisation: whose system this is."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select

from accounts.models import Host, User
from foundation import audit
from foundation.db import db, is_at_hand
from foundation.errors import DomainError
from foundation.i18n import _, text_in

_HOME_ZONE = "home_zone"
_DEFAULT: dict[str, Any] = {
    "names": {
        "en": "National Disaster Response Service",
        "ar": "الخدمة الوطنية للاستجابة للكوارث",
        "fr": "Service national de réponse aux catastrophes",
    },
    "short_name": "NDRS",
    "country": "JO",
    "city": None,
    "time_zone": "UTC",
    "contact_email": None,
    "certificate_languages": ["en", "ar"],
    "director_title": {"en": "Course Director", "ar": "مدير الدورة", "fr": "Directeur de la formation"},
    "official_title": {
        "en": "Certifying Official",
        "ar": "مسؤول منح الشهادات",
        "fr": "Responsable de la certification",
    },
    "show_hijri": False,
}


def get_host() -> Host:
    """Return the host; before an administrator has named it, a stand-in that is not stored."""
    return db.session.get(Host, 1) or Host(**_DEFAULT)


def find_home_zone() -> str:
    """Return the host's time zone, read once in a session; UTC where there is no database to ask."""
    if not is_at_hand():
        return "UTC"
    zone: str | None = db.session.info.get(_HOME_ZONE)
    if zone is None:
        # Asked in the middle of anything: what waits to be written must not go out because of it.
        with db.session.no_autoflush:
            zone = db.session.execute(select(Host.time_zone)).scalar() or _DEFAULT["time_zone"]
        db.session.info[_HOME_ZONE] = zone
    return str(zone)


class BadHost(DomainError):
    """The settings of the host contradict each other."""


@dataclass(frozen=True)
class HostValues:
    """What an administrator says of the host. Texts are {language: text}, English included; languages in printing order."""

    names: dict[str, str]
    short_name: str
    country: str
    city: str | None
    time_zone: str
    contact_email: str | None
    certificate_languages: tuple[str, ...]
    director_title: dict[str, str]
    official_title: dict[str, str]
    show_hijri: bool


def edit_host(values: HostValues, *, actor: User | None) -> Host:
    """Change the host's settings. Certificates issued before keep what they print. Raises BadHost."""
    if len(set(values.certificate_languages)) != len(values.certificate_languages):
        raise BadHost(_("Choose two different languages, or one."), field="second_language")
    for code in values.certificate_languages:
        for field in ("names", "director_title", "official_title"):
            if not getattr(values, field).get(code):
                raise BadHost(
                    _("Certificates print this text in this language; type it."), field=f"{field}_{code}"
                )
    host = db.session.get(Host, 1)
    if host is None:
        host = Host(id=1, **_DEFAULT)
        db.session.add(host)
        db.session.flush()
    columns = asdict(values) | {"certificate_languages": list(values.certificate_languages)}
    changes = audit.changes_of(host, **columns)
    db.session.info.pop(_HOME_ZONE, None)
    if changes:
        audit.record("host:changed", host, actor=actor, changes=changes)
    return host


def page_context() -> dict[str, Any]:
    """Return what every page shows of the host."""
    host = get_host()
    return {"host": host, "host_name": text_in(host.names)}
