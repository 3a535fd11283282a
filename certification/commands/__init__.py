"""The commands of this floor, gathered here for `wsgi.py`."""

import click

from certification.commands.certificates import certificates_group
from certification.commands.demo import demo_command

COMMANDS: tuple[click.Command, ...] = (certificates_group, demo_command)
