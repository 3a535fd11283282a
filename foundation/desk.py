"""The start page and the search: what waits for a person, gathered from every room, and one box that finds things.

The rooms' functions are handed in by `wsgi.py`, the only file that knows every room; this one knows none.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import Blueprint, Flask, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from foundation import clock
from foundation.access import SIGN_IN_ENDPOINT, public, requires
from foundation.i18n import _


@dataclass(frozen=True)
class Waiting:
    """One line of the start page: a sentence, where the act is done, by when, how pressing it is, the act's verb."""

    sentence: str
    url: str
    due_on: date | None = None
    tone: str = "neutral"
    count: int = 1
    act: str | None = None


@dataclass(frozen=True)
class Place:
    """One entry of the rail: where this role works, and how much waits there."""

    key: str
    label: str
    url: str
    icon: str
    count: int = 0
    current: bool = False


@dataclass(frozen=True)
class Hit:
    """One thing the search found: its kind in words, its name, a second line, and its address."""

    kind: str
    title: str
    detail: str
    url: str


WaitingSource = Callable[[Any, date], Sequence[Waiting]]
PlaceSource = Callable[[Any], Sequence[Place]]
SearchSource = Callable[[Any, str], Sequence[Hit]]

bp = Blueprint("desk", __name__)
MOST_HITS = 30


def init_app(
    app: Flask,
    *,
    waiting: Sequence[WaitingSource],
    places: Sequence[PlaceSource],
    searches: Sequence[SearchSource],
) -> None:
    """Give the desk the rooms' sources, in the order in which they are shown."""
    app.extensions["desk"] = {"waiting": waiting, "places": places, "searches": searches}
    app.register_blueprint(bp)
    app.context_processor(_rail)
    app.jinja_env.globals["today"] = clock.today


def _sources(app_part: str) -> Sequence[Callable[..., Any]]:
    sources: Sequence[Callable[..., Any]] = current_app.extensions["desk"][app_part]
    return sources


def _rail() -> dict[str, Any]:
    viewer = g.get("viewer")
    if viewer is None:
        return {"places": []}
    if "places" not in g:
        found = [Place("desk", _("Work waiting"), url_for("desk.show"), "work")]
        found += [place for source in _sources("places") for place in source(viewer)]
        g.places = [replace(place, current=_is_here(place)) for place in found]
    return {"places": g.places}


def _is_here(place: Place) -> bool:
    return (
        request.path == place.url
        if place.url == "/"
        else request.path.startswith(place.url.partition("?")[0])
    )


@bp.get("/")
@public
def show() -> ResponseReturnValue:
    """Show the work waiting for this user, or the way in."""
    viewer = g.get("viewer")
    if viewer is None:
        return redirect(url_for(SIGN_IN_ENDPOINT))
    on = clock.today()
    lines = [line for source in _sources("waiting") for line in source(viewer, on)]
    lines.sort(key=lambda line: (line.due_on is None, line.due_on or on))
    return render_template("desk/show.html", items=[_work_item(line, on) for line in lines], on=on)


def _work_item(line: Waiting, on: date) -> dict[str, Any]:
    urgency = None
    if line.due_on is not None and line.due_on <= on:
        urgency = "late" if line.due_on < on else "today"
    return {"text": line.sentence, "url": line.url, "due": line.due_on, "urgency": urgency, "act": line.act}


@bp.get("/search")
@requires(None)
def search() -> ResponseReturnValue:
    """Find people, cohorts and certificates by name, number or code, each within the viewer's sight."""
    text = " ".join(request.args.get("q", "")[:100].split())
    hits: list[Hit] = []
    if len(text) >= 2:
        hits = [hit for source in _sources("searches") for hit in source(g.viewer, text)][:MOST_HITS]
    return render_template("desk/search.html", text=text, hits=hits, most=MOST_HITS)
