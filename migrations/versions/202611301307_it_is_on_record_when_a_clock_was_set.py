"""It is on record when a clock was set

Step b0a9fdf66f65, after e58a43c239b0.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import database

revision = 'b0a9fdf66f65'
down_revision = 'e58a43c239b0'
branch_labels = None
depends_on = None

STATEMENTS = (
    ('sqlite', "CREATE TRIGGER clock_set_is_not_changed BEFORE UPDATE ON clock_set BEGIN SELECT RAISE(ABORT, 'clock_set: records are only added'); END"),
    ('sqlite', "CREATE TRIGGER clock_set_is_not_removed BEFORE DELETE ON clock_set BEGIN SELECT RAISE(ABORT, 'clock_set: records are only added'); END"),
    ('postgresql', "CREATE FUNCTION clock_set_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'clock_set: records are only added'; END $$"),
    ('postgresql', 'CREATE TRIGGER clock_set_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON clock_set FOR EACH STATEMENT EXECUTE FUNCTION clock_set_only_grows()'),
)


def upgrade() -> None:
    op.create_table('clock_set',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', database.UtcInstant(timezone=True), nullable=False),
    sa.Column('worker', sa.String(length=80), nullable=False),
    sa.Column('milliseconds', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clock_set'))
    )
    for dialect, statement in STATEMENTS:
        if op.get_bind().dialect.name == dialect:
            op.get_bind().exec_driver_sql(statement)
