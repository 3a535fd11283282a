"""The pages of this floor: a blueprint a noun, gathered here for `wsgi.py`."""

from flask import Blueprint

from accounts.views import account, agencies, agreements, audit, auth, host, jobs, persons, tokens, users

BLUEPRINTS: tuple[Blueprint, ...] = (
    auth.bp,
    account.bp,
    users.bp,
    tokens.bp,
    agencies.bp,
    agreements.bp,
    persons.bp,
    host.bp,
    audit.bp,
    jobs.bp,
)
