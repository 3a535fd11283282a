"""The commands of this floor, gathered here for `wsgi.py`."""

import click

from equipment.commands.equipment import equipment_group

COMMANDS: tuple[click.Command, ...] = (equipment_group,)
