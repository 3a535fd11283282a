"""Every route of the application, as the guards of the house walk them: nobody keeps a list by hand."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask
from werkzeug.routing import Rule

from foundation.access import Access, declared_access
from tests.factories.world import Side, Value, World


@dataclass(frozen=True)
class Route:
    """One rule and one of its methods."""

    rule: Rule
    method: str
    access: Access

    @property
    def endpoint(self) -> str:
        return str(self.rule.endpoint)

    def __str__(self) -> str:
        return f"{self.method} {self.rule.rule}"


def list_routes(app: Flask, *methods: str, api: bool = False) -> list[Route]:
    """Return all routes but the static files, by address, with the given methods or all: the pages', or the API's."""
    routes = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if rule.endpoint == "static" or rule.rule.startswith("/api/") is not api:
            continue
        access = declared_access(app, rule.endpoint)
        assert access is not None
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if not methods or method in methods:
                routes.append(Route(rule, method, access))
    return routes


def addresses(app: Flask, route: Route, world: World, side: Side) -> Iterator[str]:
    """Yield the addresses of a route for the objects of a side."""
    for arguments in world.fill(route.rule, side):
        yield address_of(app, route, arguments)


def address_of(app: Flask, route: Route, arguments: dict[str, Value]) -> str:
    """Return the address of a route for some arguments."""
    adapter = app.url_map.bind("127.0.0.1")
    return adapter.build(route.endpoint, arguments, method=route.method)
