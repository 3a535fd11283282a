"""The background work of this floor."""

from accounts.models import User
from accounts.services import users
from foundation.db import db
from foundation.jobs import JobContext, job


@job("accounts.send_reset_link", priority=10)
def send_reset_link(_context: JobContext, user_id: int) -> None:
    """Mail a link for a new password; an unknown, invited or disabled account gets none."""
    user = db.session.get(User, user_id)
    if user is not None:
        users.send_reset_link(user)
