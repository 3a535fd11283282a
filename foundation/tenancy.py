"""Whose rows a piece of work may see: the net under the scoped queries of every service.

Tables that belong to an agency derive from `AgencyOwned`. Inside a request every ORM query of such a table is narrowed to
the viewer's agencies, and fails when nobody has said whose they are: forgetting is an error, not a leak. Jobs and commands
act for the system and see everything. What this net cannot see (Core selects, raw SQL) the services filter themselves.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from flask import g, has_request_context
from sqlalchemy import ForeignKey, event
from sqlalchemy.orm import (
    Mapped,
    ORMExecuteState,
    Session,
    declared_attr,
    mapped_column,
    with_loader_criteria,
)


class AgencyOwned:
    """A table whose rows belong to one agency each."""

    @declared_attr
    def agency_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey("agency.id", ondelete="RESTRICT"), index=True)


@dataclass(frozen=True)
class Scope:
    """The agencies whose rows are in sight; None means all of them."""

    agency_ids: frozenset[int] | None


EVERYTHING = Scope(None)


class ScopeUnset(RuntimeError):
    """A request queried rows of agencies before it was known for whom."""


_override: ContextVar[Scope | None] = ContextVar("ijaza_scope", default=None)


def current_scope() -> Scope:
    """Return the scope in force; raise ScopeUnset inside a request that has none."""
    override = _override.get()
    if override is not None:
        return override
    if not has_request_context():
        return EVERYTHING
    scope: Scope | None = g.get("scope")
    if scope is None:
        raise ScopeUnset("rows of agencies were queried before the request had a scope")
    return scope


def _sees_everything() -> bool:
    """Return whether nothing is to be narrowed; asked first, because to find the tables of a statement takes longer."""
    scope = _override.get() or (g.get("scope") if has_request_context() else EVERYTHING)
    return scope is not None and scope.agency_ids is None


@contextmanager
def within(scope: Scope) -> Iterator[None]:
    """Work in another scope for the length of a block; the public verification and cross-agency look-ups say so here."""
    token = _override.set(scope)
    try:
        yield
    finally:
        _override.reset(token)


@event.listens_for(Session, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    if state.is_column_load or state.is_relationship_load or _sees_everything():
        return
    if not any(issubclass(mapper.class_, AgencyOwned) for mapper in state.all_mappers):
        return
    agency_ids = current_scope().agency_ids
    if agency_ids is not None:
        state.statement = state.statement.options(
            with_loader_criteria(
                AgencyOwned,
                lambda cls: cls.agency_id.in_(agency_ids),
                include_aliases=True,
                track_closure_variables=True,
            )
        )
