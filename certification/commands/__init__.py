"""The commands of this floor, gathered here for `wsgi.py`."""

import click

COMMANDS: tuple[click.Command, ...] = ()
