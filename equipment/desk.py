"""What this floor shows on the start page, on the rail and in the search."""

from collections.abc import Sequence
from datetime import date

from accounts.models import User
from foundation.desk import Hit, Place, Waiting


def list_waiting(viewer: User, on: date) -> Sequence[Waiting]:
    """Return the work of this floor that waits for the viewer on a day."""
    return []


def list_places(viewer: User) -> Sequence[Place]:
    """Return the places of this floor where the viewer's roles work."""
    return []


def search(viewer: User, text: str) -> Sequence[Hit]:
    """Return the items and deeds in sight that fit a text."""
    return []
