"""The commands of the catalogue."""

from dataclasses import asdict

import click

from curriculum.catalogue.loading import CatalogueError
from curriculum.services import courses
from foundation.commands import answer, domain_command, json_option, refuse


@click.group("catalogue")
def catalogue_group() -> None:
    """The courses that come with the system."""


@catalogue_group.command("load")
@json_option
@domain_command
def load(as_json: bool) -> None:
    """Write the courses and editions of the catalogue that are not stored yet."""
    try:
        report = courses.load_catalogue()
    except CatalogueError as error:
        refuse(str(error))
    text = (
        f"Courses added: {len(report.courses)}. Editions published: {len(report.published)}. "
        f"Drafts: {len(report.drafts)}. Already there: {report.unchanged}."
    )
    answer(asdict(report), as_json=as_json, text=text)
