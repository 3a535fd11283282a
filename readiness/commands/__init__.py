"""The commands of this floor, gathered here for `wsgi.py`."""

import click

from readiness.commands.assess import assess_command, load_command, report_command
from readiness.commands.demo import demo_command
from readiness.commands.readiness import readiness_group

for command in (assess_command, report_command, load_command):
    readiness_group.add_command(command)

COMMANDS: tuple[click.Command, ...] = (readiness_group, demo_command)
