"""OmniStream Console: SLA policies, a live board and a breach ledger for customer-support supervisors."""

from __future__ import annotations

from flask import Flask

from .config import VERSION, Settings, beside, from_environment

__version__ = VERSION


def create_app(settings: Settings | None = None) -> Flask:
    """The application: settings, database, identity, routes, errors, commands. An SQLite database is brought to the
    schema of this version by itself; PostgreSQL by `omnistream db upgrade`."""
    from . import web
    from .store import database, migrate

    settings = settings or from_environment()
    app = Flask(
        __name__,
        instance_path=str(settings.instance_path.resolve()),
        template_folder=str(beside("templates")),
        static_folder=str(beside("static")),
    )
    app.config["SETTINGS"] = settings
    database.init(app, settings.database)
    migrate.init(app)
    web.init(app, settings)
    migrate.upgrade_embedded(app)
    return app
