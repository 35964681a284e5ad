"""What Alembic runs for each command: all steps in the one transaction of the connection that was handed in."""

from __future__ import annotations

from alembic import context

from migrations import keeps_to_declared, with_statements

connection = context.config.attributes["connection"]
declared = context.config.attributes["declared"]

context.configure(
    connection=connection,
    target_metadata=declared,
    include_name=None if declared is None else keeps_to_declared(declared),
    process_revision_directives=with_statements,
    # Alembic takes SQLite for unable to undo a change of tables. With our own BEGIN it can: a step that fails
    # half-way leaves the database as it was.
    transactional_ddl=True,
    # SQLite changes a column only by making the table anew.
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
