"""Gaps and overlaps are found as somebody would who looks at each minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import ELSEWHERE
from tests.stage import REAL
from workflow.calendar import Calendar
from workflow.contract import Contract, load
from workflow.duty import Shift, gaps, openings, overlaps

START = datetime(2026, 5, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
intervals = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda one: (one[0], one[0] + one[1])), max_size=8
)


def at(minute: int) -> datetime:
    return START + minute * MINUTE


def minutes(found: list[tuple[datetime, datetime]]) -> list[int]:
    return [m for m in range(-5, 90) if any(begin <= at(m) < end for begin, end in found)]


def apart(drawn: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those that follow each other: hours of service do not overlap."""
    kept: list[tuple[int, int]] = []
    for begin, end in sorted(drawn):
        if not kept or begin > kept[-1][1]:
            kept.append((begin, end))
    return kept


@given(intervals.map(apart), intervals)
def test_c4_6_a_gap_is_each_minute_of_service_that_nobody_covers_and_no_other(
    wanted: list[tuple[int, int]], covered: list[tuple[int, int]]
) -> None:
    found = gaps([(at(a), at(b)) for a, b in wanted], [(at(a), at(b)) for a, b in covered])
    missing = [
        m for m in range(-5, 90) if any(a <= m < b for a, b in wanted) and not any(a <= m < b for a, b in covered)
    ]
    assert minutes(found) == missing
    assert all(begin < end for begin, end in found), "what is nothing long is no gap"
    assert found == sorted(found)
    assert all(one[1] <= other[0] for one, other in pairwise(found))


@given(intervals)
def test_two_shifts_overlap_where_some_minute_is_in_both(drawn: list[tuple[int, int]]) -> None:
    shifts = [Shift("post", n, str(n), at(a), at(b)) for n, (a, b) in enumerate(drawn)]
    found = {frozenset((one.account, other.account)) for one, other in overlaps(shifts)}
    assert found == {
        frozenset((one.account, other.account))
        for one in shifts
        for other in shifts
        if one.account < other.account and one.starts < other.ends and other.starts < one.ends
    }


def test_gaps_are_found_to_the_microsecond() -> None:
    tick = timedelta(microseconds=1)
    day = [(at(0), at(60))]
    assert gaps(day, [(at(0), at(30)), (at(30), at(60))]) == []
    assert gaps(day, [(at(0), at(30)), (at(30) + tick, at(60))]) == [(at(30), at(30) + tick)]
    assert gaps(day, [(at(0), at(60) - tick)]) == [(at(60) - tick, at(60))]
    assert gaps(day, []) == day


def _whole_days(contract: Contract, first: date, days: int, hours: str) -> list[tuple[datetime, datetime]]:
    calendar: Calendar = contract.calendar
    found = contract.editions[-1].hours(hours)
    return openings(found, calendar, calendar.start_of_day(first), calendar.start_of_day(first + timedelta(days=days)))


def test_c4_6_service_round_the_clock_is_one_interval_and_on_working_days_many() -> None:
    beijing = load(REAL)
    (always,) = _whole_days(beijing, date(2026, 5, 12), 3, "support.fault_hours")
    assert always[1] - always[0] == timedelta(days=3)
    # Saturday 9 May 2026 is a make-up working day; Sunday the 10th is none.
    parted = _whole_days(beijing, date(2026, 5, 9), 2, "support.advice_hours")
    assert [end - begin for begin, end in parted] == [timedelta(hours=3), timedelta(hours=5)]


def test_hours_follow_the_wall_when_clocks_are_set() -> None:
    (always,) = _whole_days(load(ELSEWHERE), date(2025, 3, 30), 1, "support.fault_hours")
    assert always[1] - always[0] == timedelta(hours=23)
