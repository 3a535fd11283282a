"""Scripts, styles and pictures: named by what they hold, so that a browser fetches each once and never shows an old one.

The name of the whole folder's content stands in the path (`/static/v-1f86e4f725a4/js/main.js`), not behind it, because a script
names the next one beside itself: what it imports inherits the name, and a page opens without one question about files it has.
"""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, has_request_context, request

ENDPOINT = "static"
PREFIX = "v-"
YEAR_SECONDS = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    """Give the files of the application's static folder their names; in development they keep their plain addresses."""
    # An edited file must be seen at once there.
    version = "" if app.debug or app.static_folder is None else _name_content(Path(app.static_folder))

    def name(endpoint: str, values: dict[str, Any]) -> None:
        if version and endpoint == ENDPOINT and "filename" in values:
            values["filename"] = f"{version}/{values['filename']}"

    def strip_name(endpoint: str | None, values: dict[str, Any] | None) -> None:
        if endpoint == ENDPOINT and values is not None:
            first, _slash, rest = values["filename"].partition("/")
            if rest and first.startswith(PREFIX):
                values["filename"] = rest
                # Another release's page may ask this one while both serve: it gets what there is, for this once.
                g.static_is_current = first == version

    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 0
    app.url_defaults(name)
    app.url_value_preprocessor(strip_name)
    app.after_request(_keep)
    app.jinja_env.globals["url_for"] = _quick_url_for(app)


def _keep(response: Response) -> Response:
    if g.get("static_is_current") and response.status_code in (200, 206, 304):
        response.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
    return response


@cache
def _name_content(folder: Path) -> str:
    content = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            body = path.read_bytes()
            content.update(f"{path.relative_to(folder)} {len(body)} ".encode())
            content.update(body)
    return PREFIX + content.hexdigest()[:12]


def _quick_url_for(app: Flask) -> Callable[..., str]:
    """Return the templates' `url_for`, which remembers the addresses of static files.

    A page draws hundreds of icons, each with the address of the one sprite; to build it anew costs more than the icon.
    """
    remembered: dict[tuple[str, str], str] = {}

    def quick_url_for(endpoint: str, **values: Any) -> str:
        if endpoint != ENDPOINT or len(values) != 1 or not has_request_context():
            return app.url_for(endpoint, **values)
        key = (request.script_root, values["filename"])
        if key not in remembered:
            remembered[key] = app.url_for(endpoint, **values)
        return remembered[key]

    return quick_url_for
