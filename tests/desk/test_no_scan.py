"""No act, strike or page reads a table from end to end: what it costs must not grow with what others have on record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from database import glance
from tests import databases
from tests.stage import Stage
from tests.workflow.fault_story import at_state, reported
from tickets import hanging, worker
from tickets.models import Ticket

GROWING = ("event", "paper", "signature", "timer", "message", "ticket", "link", "identity_check", "answer", "recount")
"""The tables that grow with every act. Those of people and contracts stay small."""

pytestmark = pytest.mark.skipif(
    not databases.on_sqlite, reason="How SQLite would answer is asked of SQLite; the statements are the same on both."
)


class Asked:
    """Every statement that is run from now on, with its parameters."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.statements = stage, dict[str, Any]()
        event.listen(stage.engine, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.lstrip().startswith(("SELECT", "UPDATE", "DELETE")):
            self.statements.setdefault(statement, parameters[0] if many else parameters)

    def scans(self) -> list[str]:
        """Those that SQLite answers by reading a growing table from end to end."""
        event.remove(self.stage.engine, "before_cursor_execute", self._note)
        found = []
        with glance(self.stage.engine) as session:
            for statement, parameters in self.statements.items():
                plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                # An alias is the table's name with a number behind it; along an index rows come in the order wanted.
                steps = [step for *_, step in plan if step.startswith("SCAN ") and " USING " not in step]
                found += [f"{step}: {statement}" for step in steps if step.split()[1].rstrip("_0123456789") in GROWING]
        return found


def test_what_an_act_and_a_strike_cost_does_not_grow_with_the_record(stage: Stage) -> None:
    asked = Asked(stage)
    at_state(stage, "confirm")
    reported(stage)
    stage.at += timedelta(minutes=33)
    assert worker.turn(stage.desk, "worker") > 0
    assert len(asked.statements) > 20
    assert asked.scans() == []


def test_what_a_page_reads_of_its_ticket_does_not_grow_with_the_record(stage: Stage) -> None:
    row = stage.row(reported(stage))
    asked = Asked(stage)
    with glance(stage.engine) as session:
        assert hanging.rows_of(session, session.get_one(Ticket, row.id)).timers
    assert asked.scans() == []


def test_a_table_that_is_read_from_end_to_end_is_seen(stage: Stage) -> None:
    asked = Asked(stage)
    with glance(stage.engine) as session:
        session.execute(Ticket.__table__.select().where(Ticket.__table__.c.headline == "…")).all()
    assert len(asked.scans()) == 1
