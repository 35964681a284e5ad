"""What holds of PostgreSQL alone, wherever the other tests run: how it is addressed, and what the desk's role may do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

import migrations
from config import Settings
from database import glance, open_engine, reading, transaction
from migrations import grants
from tests import databases
from tickets.models import ONLY_ADDED
from wsgi import create_app

ON_RECORD = (*ONLY_ADDED, "security_event", "answer")
ADDED = "INSERT INTO contract_record (key, digest, loaded_at) VALUES ('k', 'd', now())"


@pytest.fixture
def owned() -> Iterator[Engine]:
    """An empty database, as its owner has it."""
    engine = open_engine(databases.server().make())
    yield engine
    engine.dispose()


@pytest.fixture
def owner() -> Iterator[Engine]:
    """One with all tables, of which the desk's role has its share."""
    engine = open_engine(databases.migrated_on_server())
    yield engine
    engine.dispose()


@pytest.fixture
def desks(owner: Engine) -> Iterator[Engine]:
    """The same database as the desk's role has it."""
    engine = open_engine(databases.as_role(owner.url.render_as_string(hide_password=False)))
    yield engine
    engine.dispose()


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg", "postgresql+psycopg2", "postgresql+asyncpg"])
def test_an_address_is_enough_whatever_driver_it_names(scheme: str) -> None:
    engine = open_engine(f"{scheme}://desk:p%40ss@db.example/counterpart")
    assert (engine.dialect.name, engine.driver) == ("postgresql", "psycopg")
    assert (engine.url.password, engine.url.host, engine.url.database) == ("p@ss", "db.example", "counterpart")


def test_what_is_acknowledged_is_kept_and_nobody_waits_for_ever(owned: Engine) -> None:
    """The server of the tests acknowledges before it has written; the desk does not take that."""
    with glance(owned) as session:
        asked = "SELECT current_setting('synchronous_commit'), current_setting('lock_timeout')"
        assert session.execute(text(asked)).one() == ("on", "15s")


def test_a_page_sees_one_moment_and_an_act_what_is_committed(owner: Engine) -> None:
    counted = text("SELECT count(*) FROM contract_record")
    with reading(owner) as page, transaction(owner) as act:
        assert (page.scalar(counted), act.scalar(counted)) == (0, 0)
        with transaction(owner) as other:
            other.execute(text(ADDED))
        assert (page.scalar(counted), act.scalar(counted)) == (0, 1)
        with pytest.raises(DBAPIError, match="read-only"):
            page.execute(text(ADDED))


def test_a_migrated_database_is_what_the_code_declares(owner: Engine) -> None:
    assert migrations.differences(owner) == []
    assert migrations.pending(owner) == []


def test_triggers_refuse_even_the_owner(owner: Engine) -> None:
    for table in (*ONLY_ADDED, "security_event"):
        for statement in ("UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"):
            with pytest.raises(DBAPIError, match="only added"), owner.begin() as connection:
                connection.execute(text(statement.format(table)))


def test_the_desks_role_changes_nothing_that_is_on_record(desks: Engine) -> None:
    for name in ON_RECORD:
        key = migrations.tables().tables[name].primary_key.columns[0].name
        for statement in (f"UPDATE {name} SET {key} = {key}", f"DELETE FROM {name}", f"TRUNCATE {name}"):  # noqa: S608 - ours
            with pytest.raises(ProgrammingError, match="permission denied"), desks.begin() as connection:
                connection.execute(text(statement))
        with pytest.raises(ProgrammingError, match="must be owner"), desks.begin() as connection:
            connection.execute(text(f"DROP TABLE {name}"))


def test_the_desks_role_cannot_take_the_triggers_away(desks: Engine) -> None:
    for statement in ("DROP TRIGGER event_only_grows ON event", "ALTER TABLE event DISABLE TRIGGER ALL"):
        with pytest.raises(ProgrammingError, match="must be owner"), desks.begin() as connection:
            connection.execute(text(statement))


def test_the_role_has_what_is_said_and_no_more_however_much_it_had(owner: Engine, desks: Engine) -> None:
    with owner.begin() as connection:
        connection.execute(text(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {databases.ROLE}"))
    grants.give(owner, databases.ROLE)
    held = "SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = :role"
    found: dict[str, set[str]] = {}
    with owner.connect() as connection:
        for table, verb in connection.execute(text(held), {"role": databases.ROLE}):
            found.setdefault(table, set()).add(verb)
    assert found.keys() == {*migrations.tables().tables, "alembic_version"}
    assert all(verbs == set(grants.rights(table)) for table, verbs in found.items())
    assert all(found[table] == {"SELECT", "INSERT"} for table in ON_RECORD)
    assert grants.REMOVED <= grants.CHANGED <= found.keys()
    with transaction(desks) as session:
        session.execute(text(ADDED))


def test_the_command_says_what_it_gave_or_why_it_could_not(owner: Engine, tmp_path: Path) -> None:
    settings = Settings(database_url=owner.url.render_as_string(hide_password=False), instance_dir=tmp_path)
    app = create_app(settings)
    runner = app.test_cli_runner()
    given = runner.invoke(args=["grants", databases.ROLE])
    assert given.exit_code == 0, given.output
    assert f'GRANT SELECT, INSERT ON "event" TO "{databases.ROLE}";' in given.output
    assert runner.invoke(args=["grants", "postgres"]).exit_code == 1
    refused = runner.invoke(args=["grants", 'nobody"; DROP TABLE event; --'])
    assert (refused.exit_code, "does not exist" in refused.output) == (1, True)
    app.extensions["counterpart"].engine.dispose()


def test_a_file_has_no_roles(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'desk.db'}")
    with pytest.raises(grants.NoSuchGrant, match="only PostgreSQL"):
        grants.give(engine, "anybody")
    engine.dispose()
