"""The composition root: the only place that reads the environment and the real clock, and that knows every room."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask
from flask.json.provider import DefaultJSONProvider
from flask_babel import Babel
from sqlalchemy import Engine

import auth
import tickets
import translations
from auth import policy
from auth.language import current_language
from config import HOME, Settings
from database import open_engine
from static import assets
from tickets.leftover import Taken

if TYPE_CHECKING:
    from workflow.declare import Workflow


@dataclass(frozen=True)
class Counterpart:
    """What every room is handed: `app.extensions["counterpart"]`."""

    settings: Settings
    engine: Engine
    now: Callable[[], datetime]


def settings_from_environment() -> Settings:
    """Settings as the environment has them; what it does not name keeps its default."""
    settings, given = Settings(), os.environ
    if "COUNTERPART_INSTANCE" in given:
        folder = Path(given["COUNTERPART_INSTANCE"]).resolve()
        settings = replace(settings, instance_dir=folder, database_url=f"sqlite:///{folder / 'counterpart.db'}")
    return replace(
        settings,
        database_url=given.get("DATABASE_URL", settings.database_url),
        bind_host=given.get("COUNTERPART_HOST", settings.bind_host),
        bind_port=int(given.get("COUNTERPART_PORT", settings.bind_port)),
        demo=given.get("COUNTERPART_DEMO") == "1",
        secure_cookies=given.get("COUNTERPART_TLS") == "1",
        public_url=given.get("COUNTERPART_URL", settings.public_url),
        smtp_host=given.get("COUNTERPART_SMTP_HOST", settings.smtp_host),
        smtp_port=int(given.get("COUNTERPART_SMTP_PORT", settings.smtp_port)),
        smtp_tls=given.get("COUNTERPART_SMTP_TLS", settings.smtp_tls),
        smtp_user=given.get("COUNTERPART_SMTP_USER", settings.smtp_user),
        smtp_password=given.get("COUNTERPART_SMTP_PASSWORD", settings.smtp_password),
        smtp_sender=given.get("COUNTERPART_SMTP_SENDER", settings.smtp_sender),
        messenger_schemas=_listed(given.get("COUNTERPART_MESSENGERS", "")),
        metrics_token=given.get("COUNTERPART_METRICS_TOKEN", settings.metrics_token),
        webhook_hosts=_listed(given.get("COUNTERPART_WEBHOOK_HOSTS", "")),
        trusted_hosts=tuple(given["COUNTERPART_HOSTS"].split(","))
        if "COUNTERPART_HOSTS" in given
        else settings.trusted_hosts,
    )


def _listed(text: str) -> tuple[str, ...]:
    """Names parted by commas."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def real_now() -> datetime:
    """The only reading of the clock."""
    return datetime.now(UTC)


def create_app(
    settings: Settings | None = None,
    *,
    now: Callable[[], datetime] | None = None,
    workflows: Mapping[str, Workflow] | None = None,
) -> Flask:
    """The desk as a WSGI application. Raises what must stop the start: an undeclared route, an unfit key, a demo out of place.

    `now` and `workflows` are for tests: a clock to move, further duties to declare.
    """
    settings = settings or settings_from_environment()
    app = Flask("counterpart", root_path=str(HOME), template_folder="templates", static_folder=None)
    assert isinstance(app.json, DefaultJSONProvider)
    app.json.sort_keys = False
    app.config.update(
        MAX_CONTENT_LENGTH=settings.upload_limit_bytes + 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        TRUSTED_HOSTS=list(settings.trusted_hosts),
    )
    settings.instance_dir.mkdir(parents=True, exist_ok=True)
    app.extensions["counterpart"] = Counterpart(settings, open_engine(settings.database_url), now or real_now)
    Babel(
        app,
        default_locale=settings.languages[0],
        default_timezone=settings.display_zone,
        default_translation_directories=str(translations.compiled()),
        locale_selector=current_language,
    )
    assets.install(app)
    auth.init_app(app)
    tickets.init_app(app, workflows=workflows)
    policy.enforce(app)
    app.wsgi_app = Taken(app.wsgi_app)  # type: ignore[method-assign]  # To wrap an app, Flask has one assign here.
    return app
