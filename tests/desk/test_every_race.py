"""Any two acts that are possible at once, in each duty, pressed at one instant by 2 and by 20: a sample of `make races`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

import workflow as workflows
from tests import databases
from tests.desk import naive
from tests.desk.every_race import found_by, ordered, raced
from tests.desk.naive import Plant
from tests.desk.racing import race
from tests.desk.situations import ordinary
from tests.desk.stories import STORIES
from tests.stage import Stage

KINDS = sorted(workflows.discover())
BY_TWO, BY_TWENTY = 5, 1
"""So many pairs of each duty are raced, of those that are possible along its ordinary course."""


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.engine.dispose()


@pytest.mark.parametrize("kind", KINDS)
def test_any_two_acts_at_one_instant_come_to_what_they_come_to_one_by_one(stage: Stage, kind: str) -> None:
    pairs = ordered(ordinary(kind))
    assert len(pairs) > BY_TWO
    sample = Random(kind).sample(pairs, BY_TWO)
    assert [came.faults for came in raced(stage, sample, 2) if came.faults] == []
    assert [came.faults for came in raced(stage, sample[:BY_TWENTY], 20) if came.faults] == []


def test_where_a_limit_has_run_out_the_clock_goes_before_both_and_counts_for_neither(stage: Stage) -> None:
    here = next(one for one in ordinary("complaint") if one.state == "raised")
    late = replace(here, at=here.at + timedelta(days=30))
    came = race(stage, late, ("remark", "attach"), 2)
    assert came.faults == ()
    assert came.results == {"accepted": 2}
    notes = [one.action for one in stage.ticket(here.number).events if one.action.startswith("note_late")]
    assert notes == ["note_late_taking_up", "note_late_answer"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_courses_from_which_the_long_form_begins_can_be_told(stage: Stage, kind: str) -> None:
    for story in STORIES[kind][1:]:
        story(stage)


@pytest.mark.parametrize(
    ("plant", "named"),
    [
        (naive.without_the_version, "after"),
        (naive.without_the_lock_first, "database is locked" if databases.on_sqlite else "duplicate key"),
    ],
)
def test_a_naive_desk_loses_the_same_race(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, plant: Plant, named: str
) -> None:
    two = ("accept_answer", "reject_answer")
    here = next(one for one in ordinary("complaint") if set(two) <= set(one.able))
    assert found_by(stage, here, two, times=2) == ""
    plant(monkeypatch)
    assert named in found_by(stage, here, two)
