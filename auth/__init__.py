"""Who is who: people and mandates, sign-in, sessions, second factor, identity checks, the policy table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask, current_app

if TYPE_CHECKING:
    from auth.records import Keyring


def desk() -> Any:
    """The running desk: `.settings`, `.engine`, `.now()`. Put there by the composition root."""
    return current_app.extensions["counterpart"]


def keyring() -> Keyring:
    """The figures and the seal that the services ask for."""
    found: Keyring = current_app.extensions["auth"]
    return found


def init_app(app: Flask) -> None:
    """Wires this room into the app; `app.extensions["counterpart"]` stands already. Raises what must stop the start.

    After all blueprints are registered the composition root calls `auth.policy.enforce(app)`.
    """
    # Imported here, for these modules ask `auth` itself for the desk.
    from flask_wtf import CSRFProtect

    from auth import asking, commands, csrf, demo, headers, pages, policy, security_pages, sessions
    from auth.records import Keyring
    from auth.seal import open_sealer
    from workflow.declare import Words

    settings = app.extensions["counterpart"].settings
    sealer = open_sealer(settings.instance_dir)
    app.extensions["auth"] = Keyring(settings, sealer)
    app.config.update(SECRET_KEY=sealer.derive("cookies").hex(), **sessions.cookie_settings(settings.secure_cookies))
    demo.check_start(app)
    headers.install(app, settings)
    sessions.install(app)
    policy.install(app)
    app.url_map.converters.update({"int": asking.RowNumber, "default": asking.Segment, "string": asking.Segment})
    csrf.install(app, CSRFProtect())
    policy.declare(app, "static", policy.PUBLIC)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(security_pages.blueprint)
    app.register_blueprint(demo.blueprint)
    pages.offer(app, policy.ADMIN_SECURITY, "security.people_list", Words("People and mandates"))
    pages.offer(app, policy.ADMIN_AUDIT, "security.events", Words("Security events"))
    commands.install(app)
