"""Tell one's own browsers apart, by the little their self-description is good for."""

from foundation.i18n import _

_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def describe_browser(user_agent: str | None) -> str:
    """Return browser and system in words, for example "Firefox · Windows"."""
    text = user_agent or ""
    found = [next((name for sign, name in signs if sign in text), None) for signs in (_BROWSERS, _SYSTEMS)]
    known = [name for name in found if name]
    return " · ".join(known) or _("Unknown browser")
