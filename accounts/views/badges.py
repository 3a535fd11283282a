"""Badges for lists: drawn once a page, not once a row."""

from typing import Any

from flask import current_app
from markupsafe import Markup


def make_badge(text: Any, tone: str) -> Markup:
    """Return the badge of a state, as the macro draws it."""
    module: Any = current_app.jinja_env.get_template("macros/badges.html").make_module(
        {"url_for": current_app.url_for}
    )
    return Markup(module.badge(str(text), tone))  # noqa: S704  # the macro escapes the text
