"""The ground: engine, declarative base, the UTC instant type, and the only commit of the code base.

SQLite is the embedded default. Its driver must not open transactions on its own (`isolation_level=None`): a
transaction that begins with a read and writes later is refused by SQLite at once, whatever the time-out, so a
writer says `BEGIN IMMEDIATE` before it reads. Readers stay deferred, else every page would queue behind a writer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Engine, MetaData, TypeDecorator, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


AUTOCOMMIT = "(none)"


class Base(DeclarativeBase):
    """Every table hangs here; constraints are named so that migrations can speak of them."""

    metadata = MetaData(naming_convention=_NAMES)


class UtcInstant(TypeDecorator[datetime]):
    """An instant, stored in UTC to the microsecond. A datetime without a zone is refused, never guessed."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def open_engine(url: str) -> Engine:
    """The engine for `url`, with the pragmas without which an acknowledged act could be lost.

    `synchronous=FULL` is not a matter of taste: with NORMAL the answer leaves before the log is on disk.
    """
    # Whoever waits for SQLite's write lock holds a connection meanwhile. With a bounded pool those who wait would keep
    # the one who holds the lock from a second connection, and everybody would stand still until a time-out.
    engine = create_engine(url, **({"max_overflow": -1} if url.startswith("sqlite:///") else {"pool_pre_ping": True}))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in ("busy_timeout=15000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    kind = connection.get_execution_options().get("begin", "DEFERRED")
    if kind != AUTOCOMMIT:
        connection.exec_driver_sql(f"BEGIN {kind}")


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """One act, one transaction: everything inside is committed together or not at all.

    The only place that commits. On SQLite the write lock is taken first, so what is read is what is changed.
    """
    writer = engine.execution_options(begin="IMMEDIATE")
    with Session(writer, expire_on_commit=False) as session:
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise


def insert_into(session: Session, table: type[Base]) -> Any:
    """An insertion that can say what is to happen when the row is there already: `on_conflict_do_update` and its kin.
    Both databases know it, in one wording, but SQLAlchemy has it under each of their names."""
    dialects = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
    return dialects[session.get_bind().dialect.name](table)


@contextmanager
def glance(engine: Engine) -> Iterator[Session]:
    """For a single statement, which is a consistent view by itself: on SQLite no transaction is opened around it."""
    with Session(engine.execution_options(begin=AUTOCOMMIT), expire_on_commit=False) as session:
        yield session


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A consistent view for a page or an answer. Nothing written inside is kept."""
    with Session(engine, expire_on_commit=False) as session:
        yield session
