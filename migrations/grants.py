"""What the desk's role may do on PostgreSQL, where another one owns the tables: read and add everywhere, and change or remove
only in the tables named here. What is on record is in neither list, so that not even a stolen password of the desk's role
could change it; triggers would still refuse it, but that role cannot take them away.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, inspect, text

CHANGED = frozenset(
    {
        "address",
        "api_token",
        "beat",
        "delivery",
        "failure_count",
        "identity_check",
        "mandate",
        "one_time_secret",
        "person",
        "preference",
        "series",
        "ticket",
        "timer",
        "tree",
        "unstruck",
        "untold",
        "user_session",
    }
)
"""Tables with rows that the desk changes. A table that is new and not named here only grows."""
REMOVED = frozenset({"address", "failure_count", "unstruck", "untold"})
"""Tables with rows that the desk takes away: what waits to be done, what was forgiven, where somebody is no longer reached."""
ONLY_READ = frozenset({"alembic_version"})


class NoSuchGrant(ValueError):
    """There is nothing to grant: no roles in this database, or the role is the owner's own."""


def give(engine: Engine, role: str) -> list[str]:
    """Gives the role exactly this much, whatever it had before; returns the statements that did it. To be said anew after
    migrating: new tables are not in it. Raises NoSuchGrant."""
    if engine.dialect.name != "postgresql":
        raise NoSuchGrant("only PostgreSQL has roles; an SQLite file belongs to whoever may write to it")
    with engine.begin() as connection:
        if connection.execute(text("SELECT current_user")).scalar() == role:
            raise NoSuchGrant("whoever owns the tables cannot be held to less: name another role")
        said = _statements(connection, role)
        for statement in said:
            connection.exec_driver_sql(statement)
    return said


def _statements(connection: Connection, role: str) -> list[str]:
    quoted = connection.dialect.identifier_preparer.quote_identifier
    whom, schema = quoted(role), quoted(str(connection.execute(text("SELECT current_schema()")).scalar()))
    tables = sorted(inspect(connection).get_table_names())
    return [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {whom}",
        f"GRANT USAGE ON SCHEMA {schema} TO {whom}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {whom}",
        *(f"GRANT {', '.join(rights(table))} ON {quoted(table)} TO {whom}" for table in tables),
    ]


def rights(table: str) -> list[str]:
    """The verbs that the desk's role has on a table."""
    if table in ONLY_READ:
        return ["SELECT"]
    return ["SELECT", "INSERT", *(["UPDATE"] if table in CHANGED else []), *(["DELETE"] if table in REMOVED else [])]
