"""Every scenario of this room is a history too: at its end the events alone must come to what the timers say. And after
each act the tables must hold what the judgement alone says that follows from it (see `workflow.follow`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from database import reading
from tests.followed import FollowedDesk
from tests.stage import Stage
from tests.workflow.clock_story import from_events, from_tables
from tickets.models import Ticket


@pytest.fixture(autouse=True)
def _followed(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Stage.counted

    @contextmanager
    def apart(stage: Stage) -> Iterator[Any]:
        monkeypatch.setattr(FollowedDesk, "paused", True)
        with counted(stage) as counts:
            yield counts
        monkeypatch.setattr(FollowedDesk, "paused", False)

    monkeypatch.setattr("tests.stage.Desk", FollowedDesk)
    monkeypatch.setattr(Stage, "counted", apart)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A desk on the shipped contract, 2026-05-12 10:00 in Shanghai, whose clocks are gone through once more afterwards."""
    made = Stage(tmp_path)
    made.remembers = True
    yield made
    made.strike()
    with reading(made.engine) as session:
        numbers = list(session.scalars(select(Ticket.number)))
    for number in numbers:
        assert from_events(made, number) == from_tables(made, number), number
