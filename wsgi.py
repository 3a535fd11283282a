"""The front door: puts the floors together. The only file that knows every room."""

import os

from flask import Flask

import accounts.api
import accounts.commands
import accounts.desk
import accounts.jobs
import accounts.scopes
import accounts.services.hosts
import accounts.sessions
import accounts.tokens
import accounts.views
import certification.api
import certification.commands
import certification.desk
import certification.issuer
import certification.jobs
import certification.scopes
import certification.services.holdings
import certification.views
import curriculum.api
import curriculum.commands
import curriculum.desk
import curriculum.jobs
import curriculum.scopes
import curriculum.views
import equipment.api
import equipment.commands
import equipment.desk
import equipment.jobs
import equipment.scopes
import equipment.services.ledger
import equipment.views
import readiness.api
import readiness.commands
import readiness.desk
import readiness.jobs
import readiness.scopes
import readiness.views
from foundation import (
    access,
    audit,
    clock,
    commands,
    db,
    desk,
    health,
    i18n,
    logs,
    mail,
    sealing,
    storage,
    web,
    worker,
)
from foundation.api import openapi, operations
from foundation.config import ROOT, Config, load_config

FLOORS = (accounts, curriculum, equipment, certification, readiness)


def create_app(config: Config | None = None) -> Flask:
    """Return the application for a configuration (default: the environment's)."""
    config = config or load_config(os.environ)
    app = Flask("ijaza", root_path=str(ROOT), template_folder="templates", static_folder="static")
    app.extensions["ijaza_config"] = config
    app.debug = config.debug
    if not config.debug:
        logs.configure()
    audit.configure(config.audit_key)
    sealing.configure(config.field_key)
    accounts.tokens.configure(config.secret_key)
    certification.issuer.configure(config)
    db.init_app(app, database_url=config.database_url)
    clock.keep_home(accounts.services.hosts.find_home_zone)
    i18n.init_app(app)
    storage.init_app(app, storage_url=config.storage_url)
    mail.init_app(
        app, mail_url=config.mail_url, public_url=config.public_url, folder=config.instance_dir / "outbox"
    )
    web.init_app(app, config)
    accounts.sessions.init_app(app)
    app.context_processor(accounts.services.hosts.page_context)
    health.init_app(app, config)
    health.add_check("worker", worker.is_alive)
    health.add_check("storage", storage.probe)
    audit.add_check("custody", equipment.services.ledger.list_problems)
    desk.init_app(
        app,
        waiting=[floor.desk.list_waiting for floor in FLOORS],
        places=[floor.desk.list_places for floor in FLOORS],
        searches=[floor.desk.search for floor in FLOORS],
    )
    certification.views.verifications.init_app(app)
    operations.init_app(app)
    for floor in FLOORS:
        for blueprint in (*floor.views.BLUEPRINTS, *floor.api.BLUEPRINTS):
            app.register_blueprint(blueprint)
        for command in floor.commands.COMMANDS:
            app.cli.add_command(command)
    app.register_blueprint(openapi.bp)
    app.cli.add_command(openapi.openapi_command)
    app.cli.add_command(worker.worker_command)
    for command in commands.COMMANDS:
        app.cli.add_command(command)
    access.refuse_undeclared(app)
    operations.refuse_unscoped(app)
    return app
