"""The host organisation: whose system this is."""

from typing import Any

from accounts.models import Host
from foundation.db import db
from foundation.i18n import text_in

_DEFAULT = {
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


def page_context() -> dict[str, Any]:
    """Return what every page shows of the host."""
    host = get_host()
    return {"host": host, "host_name": text_in(host.names)}
