"""The commands of this floor, gathered here for `wsgi.py`."""

import click

from curriculum.commands.catalogue import catalogue_group
from curriculum.commands.cohorts import cohorts_group
from curriculum.commands.personnel import personnel_group

COMMANDS: tuple[click.Command, ...] = (catalogue_group, cohorts_group, personnel_group)
