"""The clock's worker: every deadline once, whoever strikes it and however late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from database import reading
from tests.stage import Stage
from tickets import chrome, log_check, striking, worker
from tickets.desk import Desk
from tickets.models import Beat, Ticket, Timer
from tickets.watch.models import Unstruck


@pytest.fixture
def inside(stage: Stage, visit_fields: dict[str, Any]) -> str:
    """A visit that is under way."""
    number = stage.open("visit", by="staff1", **visit_fields)
    stage.do(number, "allow", by="manager1")
    stage.do(number, "enter", by="engineer1")
    return number


def test_a_turn_strikes_what_is_due_once_and_gives_a_sign_of_life(stage: Stage, inside: str) -> None:
    stage.later(strike=False, days=1)
    assert worker.turn(stage.desk, "w1") == 1
    assert worker.turn(stage.desk, "w2") == 0
    assert [e.action for e in stage.ticket(inside).events].count("note_overstay") == 1
    with stage.engine.begin() as connection:
        assert connection.execute(text("SELECT worker, struck FROM beat ORDER BY worker")).all() == [
            ("w1", 1),
            ("w2", 0),
        ]


def test_a_timer_is_struck_once_by_whoever_comes_first(stage: Stage, inside: str) -> None:
    stage.later(strike=False, days=1)
    timer = stage.desk.due()[0]
    assert stage.desk.strike(timer)
    assert not stage.desk.strike(timer)


def test_what_is_not_due_is_not_struck(stage: Stage, inside: str) -> None:
    due_at = stage.ticket(inside).deadlines["overstay"].due_at
    stage.at = due_at
    assert stage.desk.due() == []
    timer = stage.ticket(inside).deadlines["overstay"].id
    assert not stage.desk.strike(timer)
    stage.later(strike=False, milliseconds=1)
    assert stage.desk.strike(timer)


def test_a_breach_noted_late_tells_both_instants(stage: Stage, inside: str) -> None:
    due_at = stage.ticket(inside).deadlines["overstay"].due_at
    stage.later(days=30)
    timer = stage.ticket(inside).deadlines["overstay"]
    assert (timer.status, timer.due_at, timer.struck_at) == ("missed", due_at, stage.at)


@dataclass
class Poisoned:
    """Two visits that overstayed; the limit of the first cannot be noted until it is `mended`."""

    stage: Stage
    number: str
    timer: int
    tries: list[datetime] = field(default_factory=list)
    is_mended: bool = False
    fault: Exception = field(default_factory=lambda: RuntimeError("a planted fault"))

    def row(self) -> Timer:
        with reading(self.stage.engine) as session:
            return session.get_one(Timer, self.timer)

    def unstruck(self) -> list[Unstruck]:
        with reading(self.stage.engine) as session:
            return list(session.scalars(select(Unstruck)))


@pytest.fixture
def poisoned(stage: Stage, inside: str, visit_fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Poisoned:
    other = stage.open("visit", by="staff1", **visit_fields)
    stage.do(other, "allow", by="manager1")
    stage.do(other, "enter", by="engineer1")
    stage.later(strike=False, days=1)
    made, note = Poisoned(stage, inside, stage.desk.due()[0]), striking.note

    def failing(desk: Any, case: Any, row: Any, timer: Timer) -> Any:
        written = note(desk, case, row, timer)
        if timer.id == made.timer and not made.is_mended:
            made.tries.append(stage.at)
            raise made.fault
        return written

    monkeypatch.setattr(striking, "note", failing)
    return made


def beats(stage: Stage) -> list[tuple[str, int, int]]:
    with reading(stage.engine) as session:
        return [(beat.worker, beat.struck, beat.stuck) for beat in session.scalars(select(Beat).order_by(Beat.worker))]


def noted(stage: Stage, number: str) -> list[tuple[bool, str]]:
    return [(e.accepted, e.reason) for e in stage.ticket(number).events if e.action == "note_overstay"]


def test_one_limit_that_cannot_be_noted_does_not_hold_up_the_others(poisoned: Poisoned) -> None:
    """What was struck together with it is undone with it, and struck again by itself: once."""
    stage = poisoned.stage
    assert worker.turn(stage.desk, "w") == 1
    assert stage.desk.due() == []
    statuses = {number: stage.ticket(number).deadlines["overstay"].status for number in numbers(stage)}
    assert [statuses.pop(poisoned.number), *statuses.values()] == ["failed", "missed"]
    assert sorted(len(noted(stage, number)) for number in numbers(stage)) == [0, 1]
    assert log_check.verify(stage.desk) == []


def numbers(stage: Stage) -> list[str]:
    with reading(stage.engine) as session:
        return list(session.scalars(select(Ticket.number).order_by(Ticket.id)))


def test_what_cannot_be_noted_is_logged_and_told_without_its_words_until_it_can(
    poisoned: Poisoned, caplog: pytest.LogCaptureFixture
) -> None:
    stage, due_at = poisoned.stage, poisoned.row().due_at
    worker.turn(stage.desk, "w")
    assert beats(stage) == [("w", 1, 1)]
    assert f"timer {poisoned.timer} could not be struck" in [one.getMessage() for one in caplog.records]
    assert "a planted fault" in caplog.text
    (told,) = poisoned.unstruck()
    assert (told.since, told.tries, told.error.split(":")[0]) == (
        stage.at, 1, "RuntimeError · tests/desk/test_worker.py",
    )  # fmt: skip
    poisoned.is_mended = True
    stage.later(strike=False, minutes=1)
    assert worker.turn(stage.desk, "w") == 1
    assert beats(stage) == [("w", 2, 0)]
    assert poisoned.unstruck() == []
    assert (poisoned.row().status, poisoned.row().due_at, poisoned.row().struck_at) == ("missed", due_at, stage.at)
    assert noted(stage, poisoned.number) == [(True, "")]


def test_it_is_tried_again_ever_more_rarely_and_not_at_each_turn(poisoned: Poisoned) -> None:
    stage, began_at = poisoned.stage, poisoned.stage.at
    worker.turn(stage.desk, "w")
    tried = []
    for minute in range(260):
        before = len(poisoned.tries)
        stage.at = began_at + timedelta(minutes=minute)
        assert worker.turn(stage.desk, "w") == 0
        if len(poisoned.tries) > before:
            tried.append(minute)
    assert tried == [1, 3, 7, 15, 31, 63, 123, 183, 243]
    assert poisoned.unstruck()[0].since == began_at


def test_one_that_another_worker_could_note_is_told_no_more(poisoned: Poisoned) -> None:
    stage = poisoned.stage
    worker.turn(stage.desk, "w")
    poisoned.is_mended = True
    stage.later(strike=False, minutes=1)
    assert worker.turn(stage.desk, "another") == 1
    assert worker.turn(stage.desk, "w") == 0
    assert beats(stage) == [("another", 1, 0), ("w", 1, 0)]


@pytest.mark.parametrize("by_the_worker", [True, False], ids=["the worker was there first", "a person comes first"])
def test_people_go_on_while_a_limit_cannot_be_noted_and_the_breach_is_not_lost(
    poisoned: Poisoned, by_the_worker: bool
) -> None:
    stage, number = poisoned.stage, poisoned.number
    due_at = poisoned.row().due_at
    if by_the_worker:
        worker.turn(stage.desk, "w")
    stage.do(number, "leave", by="engineer1")
    assert stage.row(number).state == "left"
    left_at = stage.at
    assert (poisoned.row().status, poisoned.row().shown, poisoned.row().stopped_at) == ("failed", "missed", left_at)
    poisoned.is_mended = True
    stage.later(strike=False, hours=2)
    worker.turn(stage.desk, "w")
    row = poisoned.row()
    assert (row.status, row.due_at, row.stopped_at, row.struck_at) == ("missed", due_at, left_at, stage.at)
    assert noted(stage, number) == [(False, "not_now")]  # What the clock came too late to do stands on record as such.
    assert log_check.verify(stage.desk) == []


@pytest.mark.parametrize("fault", [OperationalError("SELECT 1", {}, Exception("disk I/O error")), OSError("no space")])
def test_what_is_nobodys_fault_sets_no_limit_aside(poisoned: Poisoned, fault: Exception) -> None:
    poisoned.fault = fault
    with pytest.raises(type(fault)):
        worker.turn(poisoned.stage.desk, "w")
    assert poisoned.unstruck() == []
    assert poisoned.row().status == "running"
    assert beats(poisoned.stage) == []  # Whoever cannot work gives no sign of life.


def test_who_catches_up_for_long_gives_signs_of_life_meanwhile(
    stage: Stage, visit_fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(6):
        number = stage.open("visit", by="staff1", **visit_fields)
        stage.do(number, "allow", by="manager1")
        stage.do(number, "enter", by="engineer1")
    stage.later(strike=False, days=1)
    together, seen = striking.strike_all, list[tuple[datetime, int] | None]()

    def slow(desk: Desk, timers: Sequence[int]) -> striking.Batch:
        with reading(stage.engine) as session:
            beat = session.get(Beat, "w")
            seen.append((beat.at, beat.struck) if beat else None)
        stage.later(strike=False, seconds=6)
        return together(desk, timers)

    monkeypatch.setattr(striking, "AT_ONCE", 1)
    monkeypatch.setattr(striking, "strike_all", slow)
    began_at = stage.at
    assert worker.turn(stage.desk, "w") == 6
    assert timedelta(seconds=6) + worker.BEAT_EVERY < chrome.ALIVE
    second, fourth = ((began_at + timedelta(seconds=6 * n), n) for n in (2, 4))
    assert seen == [None, None, second, second, fourth, fourth]
    assert beats(stage) == [("w", 6, 0)]


def test_the_loop_ends_when_it_is_told_to(stage: Stage) -> None:
    stop = Event()
    stop.set()
    worker.run(stage.desk, pause_seconds=0, stop=stop)
