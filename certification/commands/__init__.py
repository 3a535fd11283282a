"""The commands of this floor, gathered here for `wsgi.py`."""

import click

from certification.commands.certificates import certificates_group

COMMANDS: tuple[click.Command, ...] = (certificates_group,)
