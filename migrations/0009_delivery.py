"""What delivers jobs on PostgreSQL: procrastinate's tables and functions, and in them whatever waits already."""

from alembic import op

from foundation.jobs.announcing import announce_all
from foundation.migrating.delivery import install, remove

revision = "0009_delivery"
down_revision = "0008_api"


def upgrade() -> None:
    """Make them, and have each waiting job delivered."""
    install(op.get_bind())
    announce_all(op.get_bind())


def downgrade() -> None:
    """Take them away."""
    remove(op.get_bind())
