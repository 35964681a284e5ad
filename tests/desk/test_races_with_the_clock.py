"""A limit runs out, two workers wake up, and somebody acts at that instant: the clock goes first, once, whoever was quicker."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

import workflow as workflows
from tests.desk.racing import told
from tests.desk.situations import Situation, asked, ordinary, prove
from tests.fold import differences
from tests.stage import Stage
from tests.together import at_once
from tickets import log_check, worker
from tickets.acts import Act, Outcome

KINDS = sorted(workflows.discover())
MOMENT = timedelta(milliseconds=1)
MANY = 3


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.engine.dispose()


def runs_out_at(stage: Stage, here: Situation) -> datetime | None:
    """When the first limit of the ticket that still runs has run out."""
    here.put_back(stage)
    due = [one.due_at for one in stage.ticket(here.number).deadlines.values() if one.status == "running"]
    return min(due) + MOMENT if due else None


def about_to_act(stage: Stage, here: Situation, name: str, at: datetime) -> Act:
    """Somebody has the page open, as it was before the limit ran out."""
    here.put_back(stage)
    stage.at = at
    choice = here.able[name][0]
    prove(stage, here.number, [choice])
    return asked(stage, here.number, choice, "clock")


def history(stage: Stage, here: Situation) -> list[tuple[Any, ...]]:
    return [
        (one.sequence, one.action, one.accepted, one.reason, one.source, one.dest, one.version, one.account_id)
        for one in stage.ticket(here.number).events
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_the_clock_goes_first_and_once(stage: Stage, kind: str) -> None:
    raced = 0
    for here in Random(kind).sample(ordinary(kind), len(ordinary(kind))):
        at = runs_out_at(stage, here)
        if at is None:
            continue
        name = Random(f"{kind} {raced}").choice(sorted(here.able))
        act = about_to_act(stage, here, name, at)
        stage.strike()
        after_the_clock = stage.desk.act(act)
        one_by_one = history(stage, here)
        assert [one for one in one_by_one if one[7] is None], "nothing had run out"

        act = about_to_act(stage, here, name, at)
        outcome: Outcome = at_once(
            partial(stage.desk.act, act), partial(worker.turn, stage.desk, "w1"), partial(worker.turn, stage.desk, "w2")
        )[0]
        stage.strike()
        assert told(outcome) == told(after_the_clock), (here.state, name)
        assert history(stage, here) == one_by_one
        assert differences(stage.row(here.number), stage.workflows[kind], stage.ticket(here.number).events) == []
        assert log_check.verify(stage.desk) == []
        raced += 1
        if raced == MANY:
            break
    assert raced, "no limit runs along this course"
