"""A message can be about who is on duty or the days of a year and no ticket

Step e58a43c239b0, after 776ec98155e8.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = 'e58a43c239b0'
down_revision = '776ec98155e8'
branch_labels = None
depends_on = None

STATEMENTS = (
    # SQLite has made the table anew, without what hung on the old one.
    ('sqlite', "CREATE TRIGGER message_is_not_changed BEFORE UPDATE ON message BEGIN SELECT RAISE(ABORT, 'message: records are only added'); END"),
    ('sqlite', "CREATE TRIGGER message_is_not_removed BEFORE DELETE ON message BEGIN SELECT RAISE(ABORT, 'message: records are only added'); END"),
    ('sqlite', 'CREATE TRIGGER message_is_untold AFTER INSERT ON message BEGIN INSERT INTO untold (message_id) VALUES (NEW.id); END'),
)


def upgrade() -> None:
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.add_column(sa.Column('about', sa.String(length=20), server_default='ticket', nullable=False))
        batch_op.alter_column('ticket_id',
               existing_type=sa.INTEGER(),
               nullable=True)
        batch_op.alter_column('event_id',
               existing_type=sa.INTEGER(),
               nullable=True)
        batch_op.create_check_constraint(op.f('ck_message_about_its_ticket'), "(about = 'ticket') = (ticket_id IS NOT NULL)")
        batch_op.create_check_constraint(op.f('ck_message_event_of_its_ticket'), '(event_id IS NULL) = (ticket_id IS NULL)')

    for dialect, statement in STATEMENTS:
        if op.get_bind().dialect.name == dialect:
            op.get_bind().exec_driver_sql(statement)
