"""The commands of this floor, gathered here for `wsgi.py`."""

import click

from readiness.commands.readiness import readiness_group

COMMANDS: tuple[click.Command, ...] = (readiness_group,)
