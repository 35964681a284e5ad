"""C9.16: how many intervals of feedback passed unnoticed is told at once, and comes to what counting one by one does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stage import REAL
from workflow import discover
from workflow.contract import load
from workflow.reckon import reckoned, slots

CONTRACT = load(REAL)
BEGAN = datetime(2026, 5, 12, 2, tzinfo=UTC)
EDITION = CONTRACT.at(BEGAN)
FEEDBACK = discover()["fault"].deadlines["feedback"]
BY_DAYS = "change.cooling_off"
"""Days are not all of one length: a slot of them may end later where it ends on a holiday."""


def one_by_one(figure: str, first: datetime, until: datetime) -> tuple[int, datetime]:
    passed, last = 1, first
    while (found := reckoned(FEEDBACK, figure, last, None, EDITION)) is not None and last < found.at < until:
        passed, last = passed + 1, found.at
    return passed, last


@given(
    st.sampled_from(["fault.feedback_level_1", "fault.feedback_level_2", "fault.feedback_after_restore", BY_DAYS]),
    st.timedeltas(min_value=timedelta(), max_value=timedelta(days=40)),
)
def test_c9_16_it_comes_to_what_counting_one_by_one_does(figure: str, passed: timedelta) -> None:
    assert slots(FEEDBACK, figure, BEGAN, BEGAN + passed, EDITION) == one_by_one(figure, BEGAN, BEGAN + passed)


@pytest.mark.parametrize("beside", [-1, 0, 1])
def test_c9_16_a_slot_that_ends_at_that_very_instant_has_not_run_out_before_it(beside: int) -> None:
    length = EDITION.duration("fault.feedback_level_2")
    until = BEGAN + 7 * length + beside * datetime.resolution
    expected = 8 if beside > 0 else 7
    assert slots(FEEDBACK, "fault.feedback_level_2", BEGAN, until, EDITION)[0] == expected
    assert one_by_one("fault.feedback_level_2", BEGAN, until)[0] == expected


def test_what_is_owed_no_more_or_at_once_has_one_slot() -> None:
    until = BEGAN + timedelta(days=3)
    assert slots(FEEDBACK, None, BEGAN, until, EDITION) == (1, BEGAN)
    assert slots(FEEDBACK, "", BEGAN, until, EDITION) == (1, BEGAN)
    assert slots(replace(FEEDBACK, share="no such share"), "fault.feedback_level_2", BEGAN, until, EDITION) == (
        1,
        BEGAN,
    )
