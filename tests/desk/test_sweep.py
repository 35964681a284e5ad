"""The sweep: what got lost is derived from the record again, once, on record; and where nothing is lost nothing is touched."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from database import reading
from tests import databases
from tests.desk.test_striking import busy
from tests.stage import Stage
from tests.workflow import fault_story
from tickets import log_check, worker
from tickets.models import Timer
from tickets.watch import sweep as room
from tickets.watch.models import Mending
from tickets.watch.sweep import BEGUN, DROPPED, Sweep


def sweep(stage: Stage) -> Sweep:
    return Sweep(stage.desk, "w", lambda _session, _after, _limit: ([], 0))


def tamper(stage: Stage, statement: str, **values: Any) -> None:
    """What somebody does to the tables by hand."""
    with stage.engine.begin() as connection:
        if databases.on_postgresql:
            databases.unguarded(connection)
        connection.execute(text(statement), values)


def timers(stage: Stage, number: str) -> dict[str, tuple[Any, ...]]:
    columns = [one for one in Timer.__table__.columns if one.name != "id"]
    with reading(stage.engine) as session:
        rows = session.execute(select(*columns).where(Timer.ticket_id == stage.row(number).id))
        return {row.deadline: tuple(row) for row in rows}


def on_record(stage: Stage) -> list[str]:
    with reading(stage.engine) as session:
        return list(session.scalars(select(Mending.what).order_by(Mending.id)))


@pytest.fixture
def fault(stage: Stage) -> str:
    return fault_story.at_state(stage, "respond")


def test_where_nothing_is_lost_nothing_is_touched(stage: Stage) -> None:
    busy(stage, times=2)
    fault_story.at_state(stage, "confirm")
    for hours in (0, 1, 5, 24 * 40):
        stage.later(hours=hours)
        assert sweep(stage).turn() == 0
    assert on_record(stage) == []


def test_a_limit_without_a_timer_is_watched_again_as_it_was(stage: Stage, fault: str) -> None:
    before, row = timers(stage, fault), stage.row(fault)
    assert before["removal"][-3] == "running"
    tamper(stage, "DELETE FROM timer WHERE deadline IN ('removal', 'removal_first_warning')")
    tamper(stage, "UPDATE ticket SET due_at = NULL")
    stage.later(strike=False, minutes=1)
    mending = sweep(stage)
    assert mending.turn() == 2
    assert timers(stage, fault) == before
    assert stage.row(fault).due_at == row.due_at
    last = stage.last(fault)
    assert (last.action, last.door, last.accepted, last.dest, len(last.notices)) == (
        "mend_deadlines", "clock", True, row.state, 2,
    )  # fmt: skip
    assert on_record(stage) == [BEGUN, BEGUN]
    assert log_check.verify(stage.desk) == []
    assert sweep(stage).turn() == 0
    due_at = stage.ticket(fault).deadlines["removal"].due_at
    stage.later(strike=False, days=2)
    worker.turn(stage.desk, "w")
    noted = [e.fields["due_at"] for e in stage.ticket(fault).events if e.action == "note_late_removal"]
    assert noted == [due_at.isoformat()]


def test_a_breach_whose_timer_was_lost_is_noted_with_its_due_time(stage: Stage, fault: str) -> None:
    due_at = stage.ticket(fault).deadlines["removal"].due_at
    tamper(stage, "DELETE FROM timer WHERE deadline = 'removal'")
    stage.later(strike=False, days=2)
    worker.turn(stage.desk, "w")
    assert "note_late_removal" not in [e.action for e in stage.ticket(fault).events]
    assert sweep(stage).turn() == 1
    worker.turn(stage.desk, "w")
    timer = stage.ticket(fault).deadlines["removal"]
    assert (timer.status, timer.due_at, timer.struck_at) == ("missed", due_at, stage.at)


def test_where_the_history_does_not_explain_what_is_there_nothing_is_derived_from_it(stage: Stage, fault: str) -> None:
    tamper(stage, "DELETE FROM timer WHERE deadline = 'removal'")
    tamper(stage, "UPDATE timer SET started_event = 77 WHERE deadline = 'arrival'")
    assert sweep(stage).turn() == 0


def test_a_timer_of_a_ticket_that_has_ended_is_dropped(stage: Stage) -> None:
    number = stage.open("visit", by="staff1", visitor="甲", visit_end=stage.at + timedelta(hours=5))
    stage.do(number, "allow", by="manager1")
    stage.do(number, "enter", by="engineer1")
    stage.do(number, "leave", by="engineer1")
    tamper(stage, "UPDATE timer SET status = 'running', stopped_at = NULL")
    stage.later(strike=False, hours=1)
    assert sweep(stage).turn() == 1
    timer = stage.ticket(number).deadlines["overstay"]
    assert (timer.status, timer.stopped_at) == ("dropped", stage.at)
    assert stage.last(number).action == "mend_deadlines"
    assert on_record(stage) == [DROPPED]
    assert log_check.verify(stage.desk) == []
    assert sweep(stage).turn() == 0


def test_what_ran_out_before_the_end_of_its_ticket_is_left_to_the_clock(stage: Stage) -> None:
    number = stage.open("visit", by="staff1", visitor="甲", visit_end=stage.at + timedelta(hours=5))
    stage.do(number, "allow", by="manager1")
    stage.do(number, "enter", by="engineer1")
    stage.later(hours=6)
    stage.do(number, "leave", by="engineer1")
    tamper(stage, "UPDATE timer SET status = 'running', stopped_at = NULL, struck_at = NULL")
    assert sweep(stage).turn() == 0


def test_it_comes_round_in_slices_and_not_at_each_turn(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    faults = [fault_story.at_state(stage, "respond") for _ in range(5)]
    tamper(stage, "DELETE FROM timer WHERE deadline = 'removal'")
    monkeypatch.setattr(room, "TICKETS", 2)
    going, found = sweep(stage), []
    for _ in range(4):
        found.append(going.turn())
        assert going.turn() == 0
        stage.later(strike=False, seconds=room.EVERY.total_seconds())
    assert found == [2, 2, 1, 0]
    assert all("removal" in timers(stage, one) for one in faults)


def test_a_slice_costs_the_same_however_much_there_is(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, most in (("TICKETS", 2), ("TIMERS", 4)):
        monkeypatch.setattr(room, name, most)
    costs = []
    for times in (4, 8):
        for _ in range(times):
            fault_story.reported(stage)
        going = sweep(stage)
        going.turn()
        stage.later(strike=False, seconds=60)
        with stage.counted() as counts:
            going.turn()
        costs.append(counts.statements)
    assert costs[0] == costs[1] <= 16


def test_a_lost_call_is_watched_again_and_is_no_limit_of_the_ticket(stage: Stage) -> None:
    number = fault_story.reported(stage)
    row, before = stage.row(number), timers(stage, number)
    tamper(stage, "DELETE FROM timer WHERE deadline = 'response_call_2'")
    assert sweep(stage).turn() == 1
    assert timers(stage, number) == before
    assert stage.row(number).due_at == row.due_at, "the first call is due sooner than any limit"


def test_a_ticket_that_is_older_than_a_chain_is_not_called_for_by_the_sweep(stage: Stage) -> None:
    number = fault_story.reported(stage)
    tamper(stage, "DELETE FROM timer WHERE deadline LIKE '%_call_%'")
    stage.later(minutes=1)
    assert sweep(stage).turn() == 0
    assert "call_out" not in [event.action for event in stage.ticket(number).events]
