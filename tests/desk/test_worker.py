"""The clock's worker: every deadline once, whoever strikes it and however late."""

from __future__ import annotations

from threading import Event
from typing import Any

import pytest
from sqlalchemy import text

from tests.stage import Stage
from tickets import worker


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


def test_one_timer_that_cannot_be_struck_does_not_hold_up_the_others(
    stage: Stage, inside: str, visit_fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = stage.open("visit", by="staff1", **visit_fields)
    stage.do(other, "allow", by="manager1")
    stage.do(other, "enter", by="engineer1")
    stage.later(strike=False, days=1)
    broken, strike = stage.desk.due()[0], stage.desk.strike

    def failing(timer: int) -> bool:
        if timer == broken:
            raise RuntimeError("a planted fault")
        return strike(timer)

    monkeypatch.setattr(stage.desk, "strike", failing)
    assert worker.turn(stage.desk, "w") == 1
    assert stage.desk.due() == [broken]


def test_the_loop_ends_when_it_is_told_to(stage: Stage) -> None:
    stop = Event()
    stop.set()
    worker.run(stage.desk, pause_seconds=0, stop=stop)
