"""Every scenario of this room is a history too: at its end the events alone must come to what the timers say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from database import reading
from tests.stage import Stage
from tests.workflow.clock_story import from_events, from_tables
from tickets.models import Ticket


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A desk on the shipped contract, 2026-05-12 10:00 in Shanghai, whose clocks are gone through once more afterwards."""
    made = Stage(tmp_path)
    yield made
    made.strike()
    with reading(made.engine) as session:
        numbers = list(session.scalars(select(Ticket.number)))
    for number in numbers:
        assert from_events(made, number) == from_tables(made, number), number
