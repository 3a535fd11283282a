"""The commands of equipment."""

import sys
from dataclasses import asdict

import click

from equipment.catalogue.loading import CatalogueError
from equipment.services import items, ledger
from foundation.commands import answer, domain_command, json_option, refuse
from foundation.db import reading


@click.group("equipment")
def equipment_group() -> None:
    """Item types and the custody ledger."""


@equipment_group.command("load-types")
@json_option
@domain_command
def load_types(as_json: bool) -> None:
    """Write the item types that come with the system and are not stored yet."""
    try:
        added = items.load_item_types()
    except CatalogueError as error:
        refuse(str(error))
    answer({"added": added}, as_json=as_json, text=f"Item types added: {len(added)}.")


@equipment_group.command("verify")
@json_option
def verify(as_json: bool) -> None:
    """Walk the custody ledger and say whether anything was altered, removed or cut off."""
    with reading():
        report = ledger.verify_ledger()
    whole = "\n".join(report.problems) or f"The ledger is whole: {report.entries} entries."
    answer(asdict(report), as_json=as_json, text=whole)
    if report.problems:
        sys.exit(1)
