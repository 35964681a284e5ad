"""The whole desk as the composition root makes it, over the shipped contract, with the moved clock of these tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from config import Settings
from tests import databases
from tests.auth.conftest import START, Desk
from wsgi import create_app


@contextmanager
def whole_desk(folder: Path, **more: Any) -> Iterator[Desk]:
    """A desk in `folder` without anybody on it; `more` are settings."""
    made: list[Desk] = []
    settings = Settings(database_url=databases.migrated(folder), instance_dir=folder / "instance", **more)
    app = create_app(settings, now=lambda: made[0].at if made else START)
    app.testing = True
    engine = app.extensions["counterpart"].engine
    made.append(Desk(app, engine))
    app.extensions["tickets"].contracts.take_in(settings.contract_dirs[0], START)
    try:
        yield made[0]
    finally:
        engine.dispose()
