"""How the tables came to be as they are: one straight line of steps, applied by `flask migrate`.

There is no alembic.ini: what it would say stands in `settings_for`. A new step: `make migration SAYS="what now holds"`.
"""

from __future__ import annotations

import importlib
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations.ops import CreateTableOp
from alembic.script import ScriptDirectory
from sqlalchemy import DDL, text

from database import Base, open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from sqlalchemy import Connection, Engine, MetaData, Table

HOME = Path(__file__).resolve().parent
ROOMS_WITH_TABLES = ("auth", "tickets", "tickets.outbox", "tickets.duty", "tickets.watch")


def settings_for(connection: Connection | None = None, declared: MetaData | None = None) -> Config:
    """Alembic's settings; on `connection`, and against the `declared` tables, `env.py` then works."""
    config = Config()
    config.set_main_option("script_location", str(HOME))
    config.set_main_option("path_separator", "os")
    # The files of a folder listing then stand in the order of the chain.
    config.set_main_option("file_template", "%%(year)d%%(month).2d%%(day).2d%%(hour).2d%%(minute).2d_%%(slug)s")
    config.attributes.update(connection=connection, declared=declared)
    return config


def upgrade(engine: Engine) -> list[str]:
    """Applies what is missing, all of it or nothing; returns the steps taken, the oldest first.

    The write lock comes before the first look at the version, so that two processes starting at once take turns.
    """
    with _locked(engine) as connection:
        missing = _missing(connection)
        if missing:
            command.upgrade(settings_for(connection), "head")
            _no_row_points_nowhere(connection)
    return missing


@contextmanager
def _locked(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction that nobody else migrates in.

    SQLite changes a column by making the table anew and dropping the old one, which it refuses while other rows point
    there. It can be told to look away, but only before the transaction.
    """
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('counterpart.migrations'))"))
            yield connection
        return
    with engine.execution_options(begin="IMMEDIATE").connect() as connection:
        driver: Any = connection.connection.driver_connection  # For SQLAlchemy a transaction would begin with the word.
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
        finally:  # The connection goes back to others.
            driver.execute("PRAGMA foreign_keys=ON")


def _no_row_points_nowhere(connection: Connection) -> None:
    """Looks where SQLite was told not to; PostgreSQL never looked away."""
    if connection.dialect.name == "sqlite":
        astray = sorted({str(row[0]) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")})
        if astray:
            raise RuntimeError(f"rows would point to what is not there, so nothing was migrated: {', '.join(astray)}")


def pending(engine: Engine) -> list[str]:
    """The steps that this database has yet to take, the oldest first. A desk with any does not start."""
    with engine.connect() as connection:
        return _missing(connection)


def is_at_head(connection: Connection) -> bool:
    """As `pending`, answered by one statement: for whoever asks every few seconds."""
    return MigrationContext.configure(connection).get_current_heads() == _heads()


@cache
def _heads() -> tuple[str, ...]:
    return tuple(ScriptDirectory.from_config(settings_for()).get_heads())


def _missing(connection: Connection) -> list[str]:
    heads = MigrationContext.configure(connection).get_current_heads()
    script = ScriptDirectory.from_config(settings_for())
    behind = {step.revision for head in heads for step in script.iterate_revisions(head, "base")}
    return [step.revision for step in script.walk_revisions() if step.revision not in behind][::-1]


def tables() -> MetaData:
    """The tables as the code declares them. Tables stand in modules named `models`; a test holds the code to that."""
    for room in ROOMS_WITH_TABLES:
        importlib.import_module(f"{room}.models")
    return Base.metadata


def differences(engine: Engine) -> list[Any]:
    """What the tables in `engine` lack, or have too much, against what the code declares."""
    metadata = tables()
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": keeps_to_declared(metadata)})
        return list(compare_metadata(context, metadata))


def keeps_to_declared(metadata: MetaData) -> Any:
    """A filter for Alembic: tables that a search index keeps for itself are nobody's declaration."""

    def included(name: str | None, kind: str, _parents: Any) -> bool:
        own = kind == "table" and name is not None and name not in metadata.tables
        return not (own and _belongs_to_an_index(name or ""))

    return included


def _belongs_to_an_index(name: str) -> bool:
    """SQLite's full-text search makes these beside its virtual table, whose name ends in `_fts`."""
    stem, fts, rest = name.partition("_fts")
    return bool(stem and fts) and rest in ("", "_data", "_idx", "_content", "_docsize", "_config")


def statements_of(table: Table) -> list[tuple[str, str]]:
    """Dialect and text of what a table says on being made: the triggers that refuse a change of what is on record.

    Alembic makes tables of its own from a step and never fires these, so the step has to hold them.
    """
    found: list[tuple[str, str]] = []
    named = {"table": table.name, "schema": table.schema or "", "fullname": table.fullname}
    for said in table.dispatch.after_create:
        only_if = said._ddl_if if isinstance(said, DDL) else None
        if not isinstance(said, DDL) or only_if is None or not isinstance(only_if.dialect, str):
            raise TypeError(f"{table.name}: what follows its making must be DDL for one named dialect")
        found.append((only_if.dialect, said.statement % named))
    return found


def with_statements(context: MigrationContext, _revision: Any, directives: list[Any]) -> None:
    """Hands the statements of the tables that a new step makes to the template that the step is written from."""
    metadata: MetaData = context.opts["target_metadata"]
    made = [one.table_name for one in directives[0].upgrade_ops.ops if isinstance(one, CreateTableOp)]
    context.opts["template_args"]["statements"] = [
        pair for name in made for pair in statements_of(metadata.tables[name])
    ]


def write(says: str) -> list[str]:
    """Writes a step that leads from the steps so far to the tables as declared; returns its files.

    An empty database in memory takes the steps so far, so that nobody's real one is asked.
    """
    declared = tables()
    engine = open_engine("sqlite://")
    upgrade(engine)
    with engine.connect() as connection:
        made = command.revision(settings_for(connection, declared), message=says, autogenerate=True)
    steps = made if isinstance(made, list) else [made]
    return [step.path for step in steps if step is not None]
