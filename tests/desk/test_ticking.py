"""A clock that is set is on record for both parties, and undoes nothing that was noted."""

from __future__ import annotations

from datetime import timedelta
from threading import Event as Flag
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from database import reading, transaction
from tests.stage import Stage
from tests.workflow.clock_story import from_events, from_tables
from tests.workflow.fault_story import go, reported
from tickets import worker
from tickets.watch import ticking
from tickets.watch.models import ClockSet
from tickets.watch.ticking import Ticking

SECOND = timedelta(seconds=1)


class Machine:
    """A clock that can be set, beside the time that passes."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.passed = stage, 1000.0
        self.ticks = Ticking(lambda: self.stage.at, lambda: self.passed)

    def goes(self, real: timedelta, by: timedelta = timedelta(0)) -> timedelta | None:
        """So much time passes, in which the clock is set by so much."""
        self.passed += real.total_seconds()
        self.stage.at += real + by
        return self.ticks.look()


@pytest.fixture
def machine(stage: Stage) -> Machine:
    made = Machine(stage)
    assert made.ticks.look() is None
    return made


@pytest.mark.parametrize("real", [SECOND, timedelta(hours=8)])
@pytest.mark.parametrize("by", [3 * SECOND, -3 * SECOND, timedelta(days=1), timedelta(days=-1)])
def test_a_clock_that_is_set_is_noticed_once(machine: Machine, real: timedelta, by: timedelta) -> None:
    assert machine.goes(real) is None
    found = machine.goes(real, by)
    assert found is not None
    assert abs(found - by) < timedelta(milliseconds=1)
    assert machine.goes(real) is None, "afterwards it goes as time does"


@pytest.mark.parametrize("by", [timedelta(0), 2 * SECOND, -2 * SECOND, timedelta(milliseconds=300)])
def test_a_clock_that_is_kept_right_is_not_set(machine: Machine, by: timedelta) -> None:
    assert machine.goes(10 * SECOND, by) is None


def test_a_worker_puts_it_on_record(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    passed, stop = iter([0.0, 5.0, 10.0]), Flag()
    monkeypatch.setattr(ticking, "monotonic", lambda: next(passed))
    monkeypatch.setattr(worker, "Ticking", lambda now: Ticking(now, lambda: next(passed)))
    turns = 0

    def sweep() -> int:
        nonlocal turns
        turns += 1
        stage.at += timedelta(seconds=5) - (timedelta(minutes=3) if turns == 1 else timedelta(0))
        if turns == 3:
            stop.set()
        return 0

    worker.run(stage.desk, pause_seconds=0, stop=stop, sweep=sweep)
    with reading(stage.engine) as session:
        (row,) = session.scalars(select(ClockSet))
        assert ticking.count(session) == 1
    assert (row.milliseconds, row.worker) == (-180_000, worker.name_of_this_worker())
    assert row.before - row.at == timedelta(minutes=3)
    with pytest.raises(DatabaseError), transaction(stage.engine) as session:
        session.merge(ClockSet(id=row.id, at=row.at, worker="nobody", milliseconds=0))


def test_c9_a_clock_that_is_set_back_does_not_undo_a_breach(stage: Stage) -> None:
    number = reported(stage)
    stage.later(minutes=16)
    assert stage.ticket(number).deadlines["response"].status == "missed"
    stage.at -= timedelta(minutes=10)
    stage.strike()
    go(stage, number, "respond")
    assert stage.ticket(number).deadlines["response"].status == "missed", "answered within the time by the clock of now"
    assert [event.sequence for event in stage.ticket(number).events] == sorted(
        event.sequence for event in stage.ticket(number).events
    )
    assert from_events(stage, number) == from_tables(stage, number)
    stage.later(days=1)
    assert [event.action for event in stage.ticket(number).events].count("note_late_response") == 1


@pytest.mark.parametrize(
    ("at", "by", "touches"),
    [(5, 180, True), (5, -180, True), (-1, -180, True), (-10, 60, False), (31, 180, True), (40, 60, False)],
)
def test_it_stands_with_the_tickets_that_it_touches(stage: Stage, at: int, by: int, touches: bool) -> None:
    """Minutes from the opening at which the clock, after it was set by so many seconds, goes on; the ticket lasts for thirty."""
    begin = stage.at
    with transaction(stage.engine) as session:
        session.add(ClockSet(at=begin + timedelta(minutes=at), worker="w", milliseconds=by * 1000))
    with reading(stage.engine) as session:
        found: Any = ticking.settings_of(session, begin, begin + timedelta(minutes=30))
    assert bool(found) is touches
