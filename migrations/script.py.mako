"""${message}

Step ${up_revision}, after ${down_revision or "nothing" | comma,n}.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import database
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None
% if statements:

STATEMENTS = (
% for dialect, statement in statements:
    (${repr(dialect)}, ${repr(statement)}),
% endfor
)
% endif


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
% if statements:
    for dialect, statement in STATEMENTS:
        if op.get_bind().dialect.name == dialect:
            op.get_bind().exec_driver_sql(statement)
% endif
