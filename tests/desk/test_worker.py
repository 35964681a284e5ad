"""The clock's worker: every deadline once, whoever strikes it and however late."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pytest
from sqlalchemy import select, text

from database import reading
from tests.stage import Stage
from tickets import chrome, worker
from tickets.models import Beat


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
    """Two visits that overstayed; the timer of the first cannot be struck until it is `mended`."""

    stage: Stage
    timer: int
    tries: list[datetime] = field(default_factory=list)
    is_mended: bool = False


@pytest.fixture
def poisoned(stage: Stage, inside: str, visit_fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Poisoned:
    other = stage.open("visit", by="staff1", **visit_fields)
    stage.do(other, "allow", by="manager1")
    stage.do(other, "enter", by="engineer1")
    stage.later(strike=False, days=1)
    made, strike = Poisoned(stage, stage.desk.due()[0]), stage.desk.strike

    def failing(timer: int, **how: bool) -> bool:
        if timer == made.timer and not made.is_mended:
            made.tries.append(stage.at)
            raise RuntimeError("a planted fault")
        return strike(timer, **how)

    monkeypatch.setattr(stage.desk, "strike", failing)
    return made


def beats(stage: Stage) -> list[tuple[str, int, int]]:
    with reading(stage.engine) as session:
        return [(beat.worker, beat.struck, beat.stuck) for beat in session.scalars(select(Beat).order_by(Beat.worker))]


def test_one_timer_that_cannot_be_struck_does_not_hold_up_the_others(poisoned: Poisoned) -> None:
    assert worker.turn(poisoned.stage.desk, "w") == 1
    assert poisoned.stage.desk.due() == [poisoned.timer]


def test_a_timer_that_cannot_be_struck_is_logged_and_told_until_it_can(
    poisoned: Poisoned, caplog: pytest.LogCaptureFixture
) -> None:
    stage, stuck = poisoned.stage, dict[int, datetime]()
    worker.turn(stage.desk, "w", stuck)
    assert beats(stage) == [("w", 1, 1)]
    assert [f"timer {poisoned.timer} could not be struck"] == [one.getMessage() for one in caplog.records]
    assert "a planted fault" in caplog.text
    poisoned.is_mended = True
    stage.later(strike=False, minutes=1)
    assert worker.turn(stage.desk, "w", stuck) == 1
    assert beats(stage) == [("w", 2, 0)]
    assert stage.desk.due() == []


def test_it_is_tried_again_after_a_while_and_not_at_each_turn(poisoned: Poisoned) -> None:
    stage, stuck, began_at = poisoned.stage, dict[int, datetime](), poisoned.stage.at
    for _ in range(65):
        worker.turn(stage.desk, "w", stuck)
        assert beats(stage)[0][2] == 1
        stage.later(strike=False, seconds=2)
    assert poisoned.tries == [began_at + n * worker.RETRY_AFTER for n in range(3)]


def test_one_that_another_has_struck_meanwhile_is_told_no_more(poisoned: Poisoned) -> None:
    stage, stuck = poisoned.stage, dict[int, datetime]()
    worker.turn(stage.desk, "w", stuck)
    poisoned.is_mended = True
    assert worker.turn(stage.desk, "another") == 1
    stage.later(strike=False, seconds=worker.RETRY_AFTER.total_seconds())
    worker.turn(stage.desk, "w", stuck)
    assert beats(stage) == [("another", 1, 0), ("w", 1, 0)]


def test_a_clock_that_is_set_back_does_not_keep_it_from_being_tried(poisoned: Poisoned) -> None:
    stage, stuck = poisoned.stage, dict[int, datetime]()
    worker.turn(stage.desk, "w", stuck)
    poisoned.is_mended = True
    stage.later(strike=False, seconds=-1)
    assert worker.turn(stage.desk, "w", stuck) == 1


def test_who_catches_up_for_long_gives_signs_of_life_meanwhile(
    stage: Stage, visit_fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(6):
        number = stage.open("visit", by="staff1", **visit_fields)
        stage.do(number, "allow", by="manager1")
        stage.do(number, "enter", by="engineer1")
    stage.later(strike=False, days=1)
    strike, seen = stage.desk.strike, list[tuple[datetime, int] | None]()

    def slow(timer: int, **how: bool) -> bool:
        with reading(stage.engine) as session:
            beat = session.get(Beat, "w")
            seen.append((beat.at, beat.struck) if beat else None)
        stage.later(strike=False, seconds=6)
        return strike(timer, **how)

    monkeypatch.setattr(stage.desk, "strike", slow)
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
