"""Service hours: 5×8 follows the calendar with its make-up days, 7×24 never closes, and time of service adds up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.conftest import BEIJING, Change
from workflow.contract import Contract, ContractError, UnknownEntry, load
from workflow.hours import EVERY_DAY, WORKING_DAYS, Hours, Span
from workflow.terms import Text

SHANGHAI = ZoneInfo("Asia/Shanghai")
CONTRACT = load(BEIJING)
CALENDAR, FIVE_BY_EIGHT, ALWAYS = (
    CONTRACT.calendar, CONTRACT.hours["working_hours"], CONTRACT.hours["round_the_clock"],
)  # fmt: skip


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-05-09T10:00", True),  # A Saturday that was made a working day.
        ("2026-05-04T10:00", False),  # A Monday in the holidays.
        ("2026-05-16T10:00", False),
        ("2026-05-12T08:59:59", False),
        ("2026-05-12T09:00", True),
        ("2026-05-12T11:59:59", True),
        ("2026-05-12T12:00", False),
        ("2026-05-12T13:00", True),
        ("2026-05-12T18:00", False),
    ],
)
def test_r8_5_five_by_eight_follows_the_announcement_and_the_clock(at: str, is_open: bool) -> None:
    assert FIVE_BY_EIGHT.is_open(CALENDAR, local(at)) is is_open
    assert ALWAYS.is_open(CALENDAR, local(at))


def test_c3_5_five_days_of_eight_hours_and_a_pause_that_is_only_proposed() -> None:
    assert FIVE_BY_EIGHT.minutes_a_day == 8 * 60
    assert not FIVE_BY_EIGHT.is_settled
    assert ALWAYS.minutes_a_day == 24 * 60
    assert ALWAYS.is_settled
    edition = CONTRACT.editions[-1]
    assert edition.hours("support.advice_hours") is FIVE_BY_EIGHT
    assert edition.hours("support.fault_hours") is ALWAYS


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2026-05-12T10:00", "2026-05-12T10:00"),
        ("2026-05-12T12:00", "2026-05-12T13:00"),
        ("2026-05-12T18:00", "2026-05-13T09:00"),
        ("2026-04-30T18:00", "2026-05-06T09:00"),
        ("2026-05-08T20:00", "2026-05-09T09:00"),
    ],
)
def test_the_next_opening_is_now_or_after_the_pause_the_night_or_the_holidays(at: str, opens: str) -> None:
    assert FIVE_BY_EIGHT.next_opening(CALENDAR, local(at)).at == local(opens)
    assert ALWAYS.next_opening(CALENDAR, local(at)).at == local(at)


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-05-12T09:00", 180, "2026-05-12T12:00"),  # Used up at the closing, not at the next opening.
        ("2026-05-12T09:00", 181, "2026-05-12T13:01"),
        ("2026-05-12T12:30", 60, "2026-05-12T14:00"),
        ("2026-04-30T17:30", 60, "2026-05-06T09:30"),
        ("2026-05-08T17:59", 481, "2026-05-09T18:00"),
        ("2026-05-08T17:59", 482, "2026-05-11T09:01"),
    ],
)
def test_minutes_of_service_run_only_while_there_is_service(start: str, minutes: int, end: str) -> None:
    found = FIVE_BY_EIGHT.after(CALENDAR, local(start), timedelta(minutes=minutes))
    assert (found.at, found.provisional) == (local(end), False)
    assert FIVE_BY_EIGHT.between(CALENDAR, local(start), local(end)) == timedelta(minutes=minutes)
    assert ALWAYS.after(CALENDAR, local(start), timedelta(minutes=minutes)).at == local(start) + timedelta(
        minutes=minutes
    )


def test_a_day_round_the_clock_loses_no_second() -> None:
    assert ALWAYS.between(CALENDAR, local("2026-05-12T00:00"), local("2026-05-14T00:00")) == timedelta(days=2)
    assert ALWAYS.is_open(CALENDAR, local("2026-05-12T23:59:59.999999"))


def test_r8_1_service_in_a_year_without_announced_holidays_is_provisional_unless_it_never_closes() -> None:
    start = local("2026-12-31T17:00")
    assert FIVE_BY_EIGHT.after(CALENDAR, start, timedelta(hours=1)).provisional is False
    assert FIVE_BY_EIGHT.after(CALENDAR, start, timedelta(hours=2)).provisional is True
    assert ALWAYS.after(CALENDAR, start, timedelta(hours=20)).provisional is False


def test_another_contract_has_other_hours_and_days_on_which_clocks_are_set(harbour: Contract) -> None:
    lisbon, hours = harbour.calendar, harbour.hours
    assert hours["working_hours"].minutes_a_day != FIVE_BY_EIGHT.minutes_a_day
    first, after = lisbon.start_of_day(date(2025, 10, 26)), lisbon.start_of_day(date(2025, 10, 27))
    assert hours["round_the_clock"].between(lisbon, first, after) == timedelta(hours=25)
    opening = hours["working_hours"].next_opening(lisbon, first).at
    assert opening == datetime(2025, 10, 27, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"09:00-12:00"', '"12:00-09:00"', "Service hours are spans of one day"),
        ('"09:00-12:00"', '"09:00-14:00"', "Service hours are spans of one day"),
        ('"09:00-12:00"', '"9-12"', "Service hours are spans of one day"),
        ('"00:00-24:00"', '"00:00-24:01"', "Service hours are spans of one day"),
        ('["00:00-24:00"]', "[]", "Service hours are spans of one day"),
        ('["00:00-24:00"]', "7", "Service hours are spans of one day"),
        ('days = "every_day"', 'days = "most_days"', "is none of"),
        ('key = "working_hours"', 'key = "other_hours"', "There are no service hours working_hours."),
        ('key = "working_hours"', 'key = "round_the_clock"', "stands here twice"),
        ('clause = "C3.5"', 'clause = "C33.5"', "There is no clause C33.5."),
    ],
)
def test_hours_that_cannot_be_are_refused(changed: Change, old: str, new: str, says: str) -> None:
    with pytest.raises(ContractError, match=says):
        load(changed("calendar/calendar.toml", old, new))


def test_hours_without_sense_are_refused() -> None:
    name, noon = Text("时间", "Hours"), Span(540, 720)
    for spans in ((), (noon, noon), (Span(780, 1080), noon)):
        with pytest.raises(ValueError):
            Hours("odd", name, "C3.5", "contract", EVERY_DAY, spans)
    with pytest.raises(ValueError):
        Hours("odd", name, "C3.5", "contract", "some_days", (noon,))
    with pytest.raises(ValueError):
        FIVE_BY_EIGHT.after(CALENDAR, local("2026-05-12T09:00"), timedelta(minutes=-1))
    with pytest.raises(ValueError):
        FIVE_BY_EIGHT.between(CALENDAR, local("2026-05-12T09:00"), local("2026-05-12T08:59"))
    with pytest.raises(UnknownEntry):
        CONTRACT.with_years(()).editions[-1].hours("penalty.part_day")
    assert Hours("odd", name, "C3.5", "contract", WORKING_DAYS, (noon, Span(720, 780))).minutes_a_day == 240


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 20), timezones=st.just(SHANGHAI))  # noqa: DTZ001 - the zone is beside


@given(MOMENTS, st.integers(1, 3000), st.integers(0, 600))
def test_service_that_was_counted_adds_up(start: datetime, minutes: int, more: int) -> None:
    length = timedelta(minutes=minutes)
    end = FIVE_BY_EIGHT.after(CALENDAR, start, length).at
    assert FIVE_BY_EIGHT.between(CALENDAR, start, end) == length
    assert FIVE_BY_EIGHT.is_open(CALENDAR, end - timedelta(microseconds=1))
    assert FIVE_BY_EIGHT.after(CALENDAR, start, length + timedelta(minutes=more)).at >= end
    opens = FIVE_BY_EIGHT.next_opening(CALENDAR, start).at
    assert FIVE_BY_EIGHT.is_open(CALENDAR, opens)
    assert FIVE_BY_EIGHT.between(CALENDAR, start, opens) == timedelta()
