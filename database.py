"""The ground: engine, declarative base, the UTC instant type, and the only commit of the code base.

SQLite is the embedded default. Its driver must not open transactions on its own (`isolation_level=None`): a
transaction that begins with a read and writes later is refused by SQLite at once, whatever the time-out, so a
writer says `BEGIN IMMEDIATE` before it reads. Readers stay deferred, else every page would queue behind a writer.

PostgreSQL lets writers in side by side. A writer works under READ COMMITTED and locks the row that it is about to
judge (`locked_row`, `with_for_update`), so that what it reads after the lock is what is changed; a reader has one snapshot.
All row locks are `FOR NO KEY UPDATE` (`key_share`): a record that only points to a locked row must not wait for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic_core import from_json
from sqlalchemy import DateTime, Engine, MetaData, TypeDecorator, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session

Row = TypeVar("Row")
Answer = TypeVar("Answer")

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


AUTOCOMMIT = "(none)"
CROSSED = frozenset({"23505", "40001", "40P01"})
"""How PostgreSQL says that two transactions crossed: a unique key was taken meanwhile, or one of the two had to yield."""


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

    def result_processor(self, dialect: Any, coltype: Any) -> Any:
        # A page or an act reads hundreds of instants. SQLite gives text, and one step from there is a third of the three
        # that SQLAlchemy would take; what is NULL, most of a wide answer, is none at all.
        return _instant_of_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _instant_of_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(f"{value}+00:00")


def open_engine(url: str) -> Engine:
    """The engine for `url`: `sqlite:///PATH`, or `postgresql://…` whatever its driver is called. Settings without which an
    acknowledged act could be lost are made here, not left to the server.

    `synchronous=FULL` is not a matter of taste: with NORMAL the answer leaves before the log is on disk.
    """
    # Whoever waits for a lock holds a connection meanwhile. With a bounded pool those who wait would keep the one who
    # holds the lock from a second connection, and everybody would stand still until a time-out.
    if make_url(url).get_backend_name() == "postgresql":
        target = make_url(url).set(drivername="postgresql+psycopg")
        engine = create_engine(
            target, max_overflow=-1, pool_pre_ping=True, isolation_level="READ COMMITTED", json_deserializer=from_json
        )
        event.listen(engine, "connect", _prepare_postgresql)
        return engine
    pool = {"max_overflow": -1} if url.startswith("sqlite:///") else {}
    engine = create_engine(url, json_deserializer=from_json, **pool)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    """A server may be set to acknowledge before it has written; stricter settings (a standby's) are left as they are."""
    connection.autocommit = True
    connection.execute(
        "SELECT set_config('lock_timeout', '15s', false),"
        " set_config('synchronous_commit', CASE current_setting('synchronous_commit')"
        " WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)"
    )
    connection.autocommit = False


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

    The only place that commits. On SQLite the write lock is taken first, so what is read is what is changed; on
    PostgreSQL what is judged is locked before it is read.
    """
    writer = engine.execution_options(begin="IMMEDIATE")
    with Session(writer, expire_on_commit=False) as session:
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise


def once_more(act: Callable[[], Answer]) -> Answer:
    """What `act`, a whole transaction, comes to; done again where it crossed another. The second time it finds what the
    other one wrote: of two that bring the same key at one instant one acts, and the other is given its answer."""
    try:
        return act()
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) not in CROSSED:
            raise
    return act()


def locked_row(session: Session, table: type[Row], key: Any) -> Row | None:
    """The row, locked until the transaction ends and read after the lock, whatever the session knew of it before."""
    return session.get(table, key, with_for_update={"key_share": True}, populate_existing=True)


def alone(session: Session, matter: str) -> None:
    """Until the transaction ends nobody else is in this matter: for what is judged by many rows, or by rows that are not
    there yet. On SQLite every writer is alone."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:matter))"), {"matter": f"counterpart.{matter}"})


def insert_into(session: Session, table: type[Base]) -> Any:
    """An insertion that can say what is to happen when the row is there already: `on_conflict_do_update` and its kin.
    Both databases know it, in one wording, but SQLAlchemy has it under each of their names."""
    dialects = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
    return dialects[session.get_bind().dialect.name](table)


@contextmanager
def glance(engine: Engine) -> Iterator[Session]:
    """For a single statement, which is a consistent view by itself: no transaction is opened around it."""
    options = {"begin": AUTOCOMMIT} if engine.dialect.name == "sqlite" else {"isolation_level": "AUTOCOMMIT"}
    with Session(engine.execution_options(**options), expire_on_commit=False) as session:
        yield session


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A consistent view for a page or an answer. Nothing written inside is kept."""
    snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    options = snapshot if engine.dialect.name == "postgresql" else {}
    with Session(engine.execution_options(**options), expire_on_commit=False) as session:
        yield session


def append_only(table: str, dialect: str) -> tuple[str, ...]:
    """The statements that make a table append-only. They stop accidents and the application, not who owns the database."""
    if dialect == "sqlite":
        return tuple(
            f"CREATE TRIGGER {table}_is_not_{word} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table}: records are only added'); END"
            for verb, word in (("UPDATE", "changed"), ("DELETE", "removed"))
        )
    function = (
        f"CREATE FUNCTION {table}_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table}: records are only added'; END $$"
    )
    trigger = (
        f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_only_grows()"
    )
    return function, trigger
