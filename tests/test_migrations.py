"""The tables a database gets by migrating are those the code declares; a step is taken whole or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

import migrations
from database import open_engine

STEP = '''
"""A step of this test."""
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = {revision!r}, {after!r}, None, None
def upgrade():
    {does}
'''


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`line(number, does)` writes a step into a line of steps of this test's own."""
    home = tmp_path / "migrations"
    shutil.copytree(migrations.HOME, home, ignore=shutil.ignore_patterns("versions", "__pycache__"))
    (home / "versions").mkdir()
    monkeypatch.setattr(migrations, "HOME", home)

    def step(number: int, does: str, after: str | None = "before") -> None:
        before = f"step{number - 1}" if number > 1 else None
        written = STEP.format(revision=f"step{number}", after=before if after == "before" else after, does=does)
        (home / "versions" / f"step{number}.py").write_text(written)

    return step


def test_migrations_are_one_line() -> None:
    script = ScriptDirectory.from_config(migrations.settings_for())
    assert len(script.get_heads()) <= 1
    assert len(script.get_bases()) <= 1


def test_a_migrated_database_is_what_the_code_declares(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'migrated.db'}")
    migrations.upgrade(engine)
    assert migrations.differences(engine) == []
    assert migrations.pending(engine) == []
    engine.dispose()


def _made(engine: sa.Engine) -> set[tuple[str, str]]:
    """Kind and name of all that stands in the database, triggers and indexes too: Alembic compares tables only."""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT type, name FROM sqlite_master WHERE tbl_name NOT LIKE 'alembic%'")
        return {(kind, name) for kind, name in rows if not name.startswith("sqlite_")}


def test_migrating_makes_the_triggers_that_making_the_tables_at_once_would(tmp_path: Path) -> None:
    migrated, at_once = (open_engine(f"sqlite:///{tmp_path / name}.db") for name in ("migrated", "at once"))
    migrations.upgrade(migrated)
    migrations.tables().create_all(at_once)
    assert _made(migrated) == _made(at_once)
    for engine in (migrated, at_once):
        engine.dispose()


def test_a_step_that_is_written_holds_tables_and_triggers(tmp_path: Path, line: Any) -> None:
    written, at_once = (open_engine(f"sqlite:///{tmp_path / name}.db") for name in ("written", "at once"))
    (file,) = migrations.write("all that stands")
    assert Path(file).parent.parent == migrations.HOME
    migrations.upgrade(written)
    migrations.tables().create_all(at_once)
    assert migrations.differences(written) == []
    assert _made(written) == _made(at_once)
    assert any(kind == "trigger" for kind, _ in _made(written))
    for engine in (written, at_once):
        engine.dispose()


def test_a_step_that_fails_half_way_leaves_nothing(tmp_path: Path, line: Any) -> None:
    line(1, "op.create_table('first', sa.Column('id', sa.Integer, primary_key=True))")
    line(2, "op.create_table('second', sa.Column('id', sa.Integer)); op.execute('no such thing')")
    engine = open_engine(f"sqlite:///{tmp_path / 'half.db'}")
    with pytest.raises(sa.exc.OperationalError):
        migrations.upgrade(engine)
    assert sa.inspect(engine).get_table_names() == []
    line(2, "op.create_table('second', sa.Column('id', sa.Integer))")
    assert migrations.pending(engine) == ["step1", "step2"]
    assert migrations.upgrade(engine) == ["step1", "step2"]
    assert migrations.upgrade(engine) == []
    assert set(sa.inspect(engine).get_table_names()) == {"alembic_version", "first", "second"}
    engine.dispose()


def test_a_table_the_code_does_not_know_is_a_difference(tmp_path: Path, line: Any) -> None:
    migrations.write("all that stands")
    engine = open_engine(f"sqlite:///{tmp_path / 'more.db'}")
    migrations.upgrade(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE smuggled (id INTEGER PRIMARY KEY)")
    assert [(kind, table.name) for kind, table in migrations.differences(engine)] == [("remove_table", "smuggled")]
    engine.dispose()
