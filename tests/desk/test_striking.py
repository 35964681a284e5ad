"""Many limits at once: struck together they come to what they come to one by one, each once, whoever strikes and when."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, text

from database import open_engine, reading
from tests import databases
from tests.desk import permit, visit
from tests.desk.permit import running
from tests.stage import Stage
from tests.together import at_once
from tests.workflow import fault_story
from tickets import log_check, striking, worker
from tickets.desk import Desk
from tickets.models import Beat, Event, Message, Ticket, Timer

DUTIES = {"visit": visit.workflow, "permit": permit.workflow}


def busy(stage: Stage, times: int = 1) -> Stage:
    """Tickets of three duties with limits that run out one after another."""
    for _ in range(times):
        fault_story.reported(stage)
        fault_story.at_state(stage, "respond")
        running(stage, until=stage.at + timedelta(hours=3, minutes=10))
        number = stage.open("visit", by="staff1", visitor="甲", visit_end=stage.at + timedelta(hours=1))
        stage.do(number, "allow", by="manager1")
        stage.do(number, "enter", by="engineer1")
    return stage


def record(stage: Stage) -> dict[str, list[Any]]:
    """What stands on record, but for its place in the log, which tickets share."""
    with reading(stage.engine) as session:
        numbers = dict(session.execute(select(Ticket.id, Ticket.number)).all())
        events = select(Event).order_by(Event.ticket_id, Event.sequence)
        timers = select(Timer).order_by(Timer.ticket_id, Timer.started_event, Timer.deadline, Timer.due_at)
        messages = select(Message, Event.sequence).join(Event, Event.id == Message.event_id)
        return {
            "tickets": [
                (t.number, t.state, t.events, t.version, t.due_at) for t in session.scalars(select(Ticket).order_by(Ticket.id))
            ],
            "events": [
                (numbers[e.ticket_id], e.sequence, e.at, e.action, e.accepted, e.reason, e.fields, e.missing)
                for e in session.scalars(events)
            ],
            "timers": [
                (numbers[t.ticket_id], t.deadline, t.started_event, t.due_at, t.status, t.stopped_at, t.struck_at)
                for t in session.scalars(timers)
            ],
            "messages": sorted(
                (numbers[m.ticket_id or 0], sequence, m.party, str(m.words)) for m, sequence in session.execute(messages)
            ),
        }  # fmt: skip


@contextmanager
def commits(stage: Stage) -> Iterator[list[int]]:
    """How often something is committed inside."""
    counted = [0]

    def count(_connection: Any) -> None:
        counted[0] += 1

    event.listen(stage.engine, "commit", count)
    yield counted
    event.remove(stage.engine, "commit", count)


def test_struck_together_they_come_to_what_they_come_to_one_by_one(tmp_path: Path) -> None:
    one, other = (busy(Stage(tmp_path / name, extra=DUTIES)) for name in ("one", "other"))
    for stage in (one, other):
        stage.later(strike=False, hours=4)
    due = len(one.desk.due())
    with commits(one) as together:
        struck = worker.turn(one.desk, "w")
    assert other.strike() == struck > due > 15
    assert together[0] < struck / 2
    assert record(one) == record(other)
    assert log_check.verify(one.desk) == []


def test_no_more_is_struck_in_one_transaction_than_a_person_can_wait_for(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy(stage, times=2)
    stage.later(strike=False, hours=4)
    monkeypatch.setattr(striking, "AT_ONCE", 3)
    due = stage.desk.due()
    with stage.counted() as counts:
        batch = striking.strike_all(stage.desk, due)
    assert counts.commits == 1
    assert 3 <= batch.struck < len(due)
    assert batch.left
    assert not batch.left & batch.done
    worker.turn(stage.desk, "w")
    assert stage.desk.due() == []
    assert log_check.verify(stage.desk) == []


def test_what_is_struck_together_costs_as_many_statements_for_few_as_for_many(tmp_path: Path) -> None:
    found = []
    for times in (1, 6):
        stage = Stage(tmp_path / str(times))
        for _ in range(times):
            fault_story.reported(stage)
        stage.later(strike=False, minutes=33)
        with stage.counted() as counts:
            assert striking.strike_all(stage.desk, stage.desk.due()).struck >= 2 * times
        found.append((counts.statements, counts.commits))
    assert found[0] == found[1]
    assert found[0][0] <= 18, "two of them for who is on duty, and for whom a call did not find"


def test_several_workers_at_one_instant_strike_everything_once(stage: Stage) -> None:
    busy(stage, times=3)
    stage.later(strike=False, hours=4)
    desks = [process(stage) for _ in range(4)]
    struck = at_once(*(lambda desk=desk, n=n: worker.turn(desk, f"w{n}") for n, desk in enumerate(desks)))
    assert worker.turn(stage.desk, "last") == 0 or stage.desk.due() == []
    for desk in desks:
        desk.engine.dispose()
    with reading(stage.engine) as session:
        by_the_clock = session.scalars(select(Event).where(Event.door == "clock")).all()
        told = sum(session.scalars(select(Beat.struck)))
    noted = [(one.ticket_id, one.fields["deadline"], one.fields["due_at"]) for one in by_the_clock]
    assert len(noted) == len(set(noted)) == told >= sum(struck) > 0
    with stage.engine.connect() as connection:
        missed = connection.execute(text("SELECT count(*) FROM timer WHERE status = 'missed'")).scalar()
    assert missed == len(noted)
    assert log_check.verify(stage.desk) == []


def process(stage: Stage) -> Desk:
    """The desk as another process has it: with connections of its own."""
    url = stage.engine.url.render_as_string(hide_password=False)
    engine = open_engine(url)
    event.listen(engine, "connect", databases.hurry)
    return Desk(engine, stage.keyring, lambda: stage.at, stage.desk.contracts, stage.workflows)


def test_after_thirty_days_without_a_worker_every_breach_is_there_once_with_its_due_time(stage: Stage) -> None:
    busy(stage, times=2)
    with reading(stage.engine) as session:
        promised = {
            (one.ticket_id, one.deadline, one.due_at)
            for one in session.scalars(select(Timer))
            if one.status == "running"
        }
    stage.later(strike=False, days=30)
    back_at = stage.at
    worker.turn(stage.desk, "w1")
    worker.turn(stage.desk, "w2")
    with reading(stage.engine) as session:
        timers = session.scalars(select(Timer)).all()
        noted = session.scalars(select(Event).where(Event.door == "clock", Event.accepted)).all()
    # Every limit that ran at the beginning was missed at its own instant, and noted when somebody was there to do so.
    over = {(one.ticket_id, one.deadline, one.due_at): one for one in timers}
    assert {over[one].status for one in promised} == {"missed"}
    for one in timers:
        assert (one.status == "missed") == (one.struck_at == back_at)
    told = [(one.ticket_id, one.fields["deadline"], one.fields["due_at"]) for one in noted]
    assert sorted(told) == sorted(
        (one.ticket_id, one.deadline, one.due_at.isoformat()) for one in timers if one.status == "missed"
    )
    assert len(told) == len(set(told))
    # Of the slots that repeat each is told once: by itself, or in one act that says how many they were and the last.
    folded = [one for one in noted if "slots" in one.fields]
    assert folded
    assert all(one.fields["slots"] > 50 and one.fields["last_due_at"] > one.fields["due_at"] for one in folded)
    assert all(one.due_at >= back_at for one in timers if one.status == "running")
    assert log_check.verify(stage.desk) == []


def test_a_sweep_that_finds_nothing_asks_little_and_by_the_index(stage: Stage) -> None:
    """However many limits run: the statement goes down the index of running ones, in their order, and stops."""
    busy(stage)
    asked: list[tuple[str, Any]] = []
    event.listen(stage.engine, "before_cursor_execute", lambda *given: asked.append(given[2:4]))
    with stage.counted() as counts:
        assert worker.turn(stage.desk, "w") == 0
    assert counts.statements <= 8
    ((query, values),) = [one for one in asked if "timer.due_at <" in one[0]]
    with stage.engine.connect() as connection:
        if databases.on_postgresql:
            connection.execute(text("SET LOCAL enable_seqscan = off"))  # With so few rows it would read them all.
        explain = "EXPLAIN QUERY PLAN " if databases.on_sqlite else "EXPLAIN "
        plan = " ".join(str(row) for row in connection.exec_driver_sql(explain + query, values))
    assert "ix_timer_running_due" in plan
    assert "TEMP B-TREE" not in plan
