"""What this floor shows on the start page, on the rail and in the search."""

from collections.abc import Sequence
from datetime import date

from accounts.models import User
from foundation.desk import Hit, Place, Waiting


def list_waiting(viewer: User, on: date) -> Sequence[Waiting]:
    """Return nothing: no work of this floor waits for anybody."""
    return ()


def list_places(viewer: User) -> Sequence[Place]:
    """Return nothing: this floor has no pages."""
    return ()


def search(viewer: User, text: str) -> Sequence[Hit]:
    """Return nothing: this floor keeps nothing that could be found."""
    return ()
