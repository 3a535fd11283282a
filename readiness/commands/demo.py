"""The command that fills an empty database with the demonstration."""

import click

from foundation.commands import answer, json_option, progress_bar, refuse, say
from foundation.web import app_config
from readiness.demo import world
from readiness.demo.world import Content

REASONS = {
    Content.DEMO: "This database holds the demonstration already.",
    Content.HALF_A_DEMO: "The building of a demonstration was interrupted here.",
    Content.OTHER: "This database is not empty. The demonstration goes into an empty one alone.",
}


@click.command("demo")
@click.option(
    "--scale",
    type=click.IntRange(1, 500),
    default=1,
    help="Repeat agencies, people, cohorts and teams this often.",
)
@click.option(
    "--if-empty", is_flag=True, help="Leave a database that holds something alone, without complaint."
)
@json_option
def demo_command(scale: int, if_empty: bool, as_json: bool) -> list[str]:
    """Fill an empty database with the demonstration and print its accounts."""
    config = app_config()
    content = world.look_at_database()
    forbidden = config.production or config.demo is False
    if if_empty and (forbidden or content is Content.OTHER):
        return []
    if forbidden:
        refuse("The demonstration is not loaded in production, nor where IJAZA_DEMO is 0.")
    accounts = world.list_account_lines()
    if if_empty and content is Content.DEMO:
        return accounts
    if content is Content.HALF_A_DEMO and if_empty:
        say(_way_out(content, config.database_url))
        return []
    if content is not Content.EMPTY:
        refuse(_way_out(content, config.database_url))
    showing, progress = progress_bar("Building the demonstration", as_json=as_json)
    with showing:
        built = world.build(scale=scale, progress=progress)
    if not if_empty:
        document = {
            "scale": scale,
            "agencies": built.agencies,
            "persons": built.persons,
            "cohorts": built.cohorts,
            "teams": built.teams,
            "accounts": [line.split()[0] for line in accounts],
        }
        made = f"{built.agencies} agencies, {built.persons} persons, {built.cohorts} cohorts, {built.teams} teams"
        head = f"{made}. Sign in with ijaza-demo as:"
        answer(document, as_json=as_json, text="\n".join([head, *(f"  {line}" for line in accounts)]))
    return accounts


def _way_out(content: Content, database_url: str) -> str:
    """Say why nothing is loaded, and how to begin with an empty database."""
    kind, _colon, place = database_url.partition(":///")
    if kind == "sqlite":
        way = f"To begin anew, remove the file {place} (and those beside it ending in -wal and -shm)."
    else:
        way = "To begin anew, drop this database, create it again empty, and run the command once more."
    return f"{REASONS[content]} {way}"
