"""The tables a database gets by migrating are those the code declares; a step is taken whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

import migrations
from database import open_engine
from tests import databases

STEP = '''
"""A step of this test."""
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = {revision!r}, {after!r}, None, None
def upgrade():
    {does}
'''
MADE_ON_SQLITE = (
    """SELECT type, tbl_name, name, CASE WHEN type = 'trigger' THEN sql END
       FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'""",
    """SELECT 'column', t.name, c.name, c.type, c."notnull", c.dflt_value, c.pk
       FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'""",
    """SELECT 'key', t.name, k."from", k."table", k."to", k.on_delete
       FROM sqlite_master t JOIN pragma_foreign_key_list(t.name) k WHERE t.type = 'table'""",
    """SELECT 'index', t.name, CASE WHEN i.origin = 'c' THEN i.name END, i."unique", i.origin, i.partial, group_concat(c.name)
       FROM sqlite_master t JOIN pragma_index_list(t.name) i JOIN pragma_index_info(i.name) c
       WHERE t.type = 'table' GROUP BY t.name, i.name""",
)
MADE_ON_POSTGRESQL = (
    """SELECT 'column', table_name, column_name, data_type, character_maximum_length, is_nullable, column_default
       FROM information_schema.columns WHERE table_schema = current_schema()""",
    """SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
       FROM pg_constraint WHERE connamespace = current_schema()::regnamespace""",
    "SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()",
    "SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = current_schema()::regnamespace",
)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    """An empty database."""
    made = open_engine(databases.empty(tmp_path))
    yield made
    made.dispose()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[sa.Engine]:
    """Another empty database."""
    made = open_engine(databases.empty(tmp_path, "other"))
    yield made
    made.dispose()


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


def test_a_migrated_database_is_what_the_code_declares(engine: sa.Engine) -> None:
    migrations.upgrade(engine)
    assert migrations.differences(engine) == []
    assert migrations.pending(engine) == []


def made(engine: sa.Engine) -> set[tuple[Any, ...]]:
    """All that stands in the database, triggers and defaults too, as it tells of itself: Alembic compares tables only."""
    found: set[tuple[Any, ...]] = set()
    with engine.connect() as connection:
        for asked in MADE_ON_SQLITE if databases.on_sqlite else MADE_ON_POSTGRESQL:
            found.update(tuple(row) for row in connection.exec_driver_sql(asked))
    return {one for one in found if one[1] != "alembic_version"}


def test_migrating_makes_all_that_making_the_tables_at_once_would(engine: sa.Engine, other: sa.Engine) -> None:
    migrations.upgrade(engine)
    migrations.tables().create_all(other)
    assert made(engine) == made(other)


def test_a_step_that_is_written_holds_tables_and_triggers(engine: sa.Engine, other: sa.Engine, line: Any) -> None:
    (file,) = migrations.write("all that stands")
    assert Path(file).parent.parent == migrations.HOME
    migrations.upgrade(engine)
    migrations.tables().create_all(other)
    assert migrations.differences(engine) == []
    assert made(engine) == made(other)
    assert any(kind == "trigger" for kind, *_ in made(engine))


def test_a_step_that_fails_half_way_leaves_nothing(engine: sa.Engine, line: Any) -> None:
    line(1, "op.create_table('first', sa.Column('id', sa.Integer, primary_key=True))")
    line(2, "op.create_table('second', sa.Column('id', sa.Integer)); op.execute('no such thing')")
    with pytest.raises(sa.exc.DBAPIError, match="syntax error"):
        migrations.upgrade(engine)
    assert sa.inspect(engine).get_table_names() == []
    line(2, "op.create_table('second', sa.Column('id', sa.Integer))")
    assert migrations.pending(engine) == ["step1", "step2"]
    assert migrations.upgrade(engine) == ["step1", "step2"]
    assert migrations.upgrade(engine) == []
    assert set(sa.inspect(engine).get_table_names()) == {"alembic_version", "first", "second"}


def test_a_table_the_code_does_not_know_is_a_difference(engine: sa.Engine, line: Any) -> None:
    migrations.write("all that stands")
    migrations.upgrade(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE smuggled (id INTEGER PRIMARY KEY)")
    assert [(kind, table.name) for kind, table in migrations.differences(engine)] == [("remove_table", "smuggled")]


def test_a_table_that_others_point_to_can_be_made_anew_but_not_so_that_they_point_nowhere(
    engine: sa.Engine, line: Any
) -> None:
    """SQLite changes a column by making the table anew; while it is gone nobody looks where rows point."""
    key, points = (
        "sa.Column('id', sa.Integer, primary_key=True)",
        "sa.Column('of', sa.Integer, sa.ForeignKey('house.id'))",
    )
    line(1, f"op.create_table('house', {key}); op.create_table('room', {key}, {points})")
    migrations.upgrade(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO house (id) VALUES (1)")
        connection.exec_driver_sql('INSERT INTO room (id, "of") VALUES (7, 1)')
    more = "sa.Column('sold', sa.Boolean, nullable=False, server_default=sa.text('false'))"
    line(2, f"with op.batch_alter_table('house') as house: house.add_column({more})")
    assert migrations.upgrade(engine) == ["step2"]
    line(3, "op.execute('DELETE FROM house')")
    with pytest.raises((RuntimeError, sa.exc.IntegrityError), match="room"):
        migrations.upgrade(engine)
    with engine.begin() as connection:
        assert connection.exec_driver_sql('SELECT house.id, "of" FROM house, room').all() == [(1, 1)]
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM house")
