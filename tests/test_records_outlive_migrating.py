"""Who migrates has records: from each step of the line on they are afterwards what they were, and the desk works with them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory
from flask import Flask

import migrations
from config import Settings
from database import open_engine
from migrations import grants
from tests import databases
from wsgi import create_app

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
STEPS = [step.revision for step in ScriptDirectory.from_config(migrations.settings_for()).walk_revisions()][::-1]
Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Played:
    """What lies in the tables of a desk that was used, and its folder with key, contracts and files."""

    rows: Rows
    folder: Path


@contextmanager
def served(folder: Path, url: str, at: datetime) -> Iterator[Flask]:
    app = create_app(Settings(database_url=url, instance_dir=folder), now=lambda: at)
    yield app
    app.extensions["counterpart"].engine.dispose()


def said(app: Flask, *words: str) -> str:
    outcome = app.test_cli_runner().invoke(args=words)
    assert outcome.exit_code == 0, outcome.output
    return outcome.output


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("played")
    url = f"sqlite:///{folder / 'desk.db'}"
    with served(folder, url, AT) as app:
        said(app, "migrate")
        said(app, "demo")
        said(app, "worker", "--once")
        engine = app.extensions["counterpart"].engine
        return Played(rows_in(engine, migrations.tables().tables.values()), folder)


def rows_in(engine: sa.Engine, tables: Any) -> Rows:
    """Every row by table, in the order of the keys. Tables are asked for what is declared of them."""
    with engine.connect() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(sa.select(table).order_by(*_key(table))).mappings()]
            for table in tables
        }


def _key(table: Any) -> list[Any]:
    return [table.c[column.name] for column in migrations.tables().tables[table.name].primary_key.columns]


def tables_of_then(engine: sa.Engine) -> list[Any]:
    """Each table that this database has, with those of its columns that it has, the owned ones last. What code of today
    does not declare is in nobody's way: whoever takes a column away says here what stood in it."""
    found, there = [], sa.inspect(engine)
    for declared in migrations.tables().sorted_tables:
        if there.has_table(declared.name):
            names = [one["name"] for one in there.get_columns(declared.name)]
            found.append(sa.table(declared.name, *(sa.column(name, declared.c[name].type) for name in names)))
    return found


def fill(engine: sa.Engine, tables: list[Any], rows: Rows) -> None:
    """Puts the rows in as they are. Numbers that are given by the database go on after them."""
    message = next(table for table in tables if table.name == "message")
    # Until a message could be about something else, each was about a ticket.
    unheard = set() if "about" in message.c else {row["id"] for row in rows["message"] if row["ticket_id"] is None}

    def is_of_then(row: dict[str, Any]) -> bool:
        return row.get("message_id", row["id"] if "words" in row else None) not in unheard

    with engine.begin() as connection:
        for table in tables:
            if table.name == "untold":  # A trigger has put in each message; of most of them people have been told.
                connection.execute(sa.delete(table))
            if kept := [
                {column.name: row[column.name] for column in table.c} for row in rows[table.name] if is_of_then(row)
            ]:
                connection.execute(sa.insert(table), kept)
            if connection.dialect.name == "postgresql" and "id" in table.c:
                connection.execute(
                    sa.text(
                        f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM {table.name}"  # noqa: S608 - ours
                    )
                )


@pytest.mark.parametrize("step", STEPS[:-1])
def test_records_of_each_step_are_kept_and_worked_with(played: Played, tmp_path: Path, step: str) -> None:
    url = databases.empty(tmp_path)
    engine = open_engine(url)
    with engine.begin() as connection:
        command.upgrade(migrations.settings_for(connection), step)
    tables = tables_of_then(engine)
    fill(engine, tables, played.rows)

    before = rows_in(engine, tables)
    assert before["event"]
    assert migrations.upgrade(engine) == STEPS[STEPS.index(step) + 1 :]
    assert rows_in(engine, tables) == before
    assert migrations.differences(engine) == []
    if databases.on_postgresql:
        grants.give(engine, databases.ROLE)
        url = databases.as_role(url)
    engine.dispose()

    folder = shutil.copytree(played.folder, tmp_path / "instance")
    with served(folder, url, AT + timedelta(hours=1)) as app:
        assert int(said(app, "worker", "--once").split()[0]) > 0
        assert said(app, "log", "verify") == "the log holds\n"
        with app.extensions["counterpart"].engine.connect() as connection:
            assert connection.execute(sa.text("SELECT count(*) FROM unstruck")).scalar() == 0
            mended = set(connection.execute(sa.text("SELECT what FROM mending")).scalars())
        assert mended <= ({"message_queued"} if "untold" not in before else set())
