"""The commands of this floor, gathered here for `wsgi.py`."""

import click

from accounts.commands.users import users_group

COMMANDS: tuple[click.Command, ...] = (users_group,)
