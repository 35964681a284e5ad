"""Days and periods against the published calendar of 2026, and against a model that counts one day at a time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow.calendar import (
    PROVISIONAL,
    PUBLISHED,
    Calendar,
    CalendarError,
    Period,
    Year,
    add_months,
    calendar_of,
    next_month_day,
    published,
)
from workflow.contract import Contract, load

SHANGHAI = ZoneInfo("Asia/Shanghai")
OCTOBER = frozenset(date(2026, 10, n) for n in range(1, 9))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture
def days(beijing: Contract) -> Calendar:
    return beijing.calendar


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        ("2026-03-03", 15, "2026-03-24"),
        ("2026-04-30", 1, "2026-05-06"),
        ("2026-04-30", 5, "2026-05-11"),
        ("2026-05-08", 1, "2026-05-09"),
        ("2026-06-18", 1, "2026-06-22"),
        ("2026-09-18", 2, "2026-09-21"),
        ("2026-09-24", 3, "2026-09-30"),
        ("2026-09-30", 1, "2026-10-08"),
        ("2026-09-30", 5, "2026-10-13"),
        ("2026-10-09", 1, "2026-10-10"),
    ],
)
def test_r8_1_working_days_follow_the_announcement(days: Calendar, start: str, count: int, expected: str) -> None:
    assert days.add_working_days(date.fromisoformat(start), count) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("start", "count", "nominal", "expected"),
    [
        ("2026-09-15", 20, "2026-10-05", "2026-10-08"),
        ("2026-04-14", 20, "2026-05-04", "2026-05-06"),
        ("2026-06-04", 15, "2026-06-19", "2026-06-22"),
        ("2026-09-06", 14, "2026-09-20", "2026-09-20"),
        ("2026-04-24", 15, "2026-05-09", "2026-05-09"),
        ("2026-09-25", 15, "2026-10-10", "2026-10-10"),
    ],
)
def test_civil_code_203_days_roll_over_holidays_but_not_over_make_up_days(
    days: Calendar, start: str, count: int, nominal: str, expected: str
) -> None:
    day = date.fromisoformat(start)
    assert days.add_days_rolled(day, count) == date.fromisoformat(expected)
    found = days.after(local(f"{start}T09:30"), Period(count, "day"))
    assert found.day == date.fromisoformat(expected)
    assert found.nominal_at == days.end_of_day(date.fromisoformat(nominal))
    assert found.rolled is (nominal != expected)
    assert found.provisional is False


def test_the_year_2026_has_248_working_days_and_its_make_up_days_are_open(days: Calendar) -> None:
    year = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert sum(map(days.is_working_day, year)) == 248
    assert days.is_working_day(date(2026, 5, 9))
    assert not days.is_working_day(date(2026, 5, 4))
    assert (days.status(2026), days.status(2027), days.status(2031)) == (PUBLISHED, PROVISIONAL, PROVISIONAL)


def test_civil_code_203_a_day_ends_at_midnight_of_its_zone(days: Calendar) -> None:
    assert days.end_of_day(date(2026, 10, 8)) == datetime(2026, 10, 8, 16, tzinfo=UTC)
    assert days.local_day(datetime(2026, 10, 8, 15, 59, 59, tzinfo=UTC)) == date(2026, 10, 8)
    assert days.local_day(datetime(2026, 10, 8, 16, tzinfo=UTC)) == date(2026, 10, 9)


def test_civil_code_201_minutes_and_hours_run_from_the_moment_through_holidays(days: Calendar) -> None:
    start = local("2026-10-01T23:55")
    assert days.after(start, Period(15, "minute")).at == datetime(2026, 10, 1, 16, 10, tzinfo=UTC)
    assert days.before(start, Period(2, "hour")).at == datetime(2026, 10, 1, 13, 55, tzinfo=UTC)


def test_the_next_day_is_not_moved_even_on_a_holiday(days: Calendar) -> None:
    found = days.after(local("2026-09-30T18:00"), Period(1, "next_day_end"))
    assert (found.day, found.rolled) == (date(2026, 10, 1), False)


def test_civil_code_202_months_end_on_the_corresponding_day_or_the_last(days: Calendar) -> None:
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2028, 1, 31), 1) == date(2028, 2, 29)
    assert add_months(date(2026, 3, 10), -3) == date(2025, 12, 10)
    assert days.after(local("2026-09-01T00:00"), Period(1, "month")).day == date(2026, 10, 8)
    assert next_month_day(date(2026, 12, 1), "11-30") == date(2027, 11, 30)
    assert next_month_day(date(2026, 11, 30), "11-30") == date(2026, 11, 30)
    assert next_month_day(date(2027, 1, 1), "02-29") == date(2027, 2, 28)


def test_counting_backwards_moves_earlier_and_takes_midnight_as_the_day_before(days: Calendar) -> None:
    assert days.add_days_rolled(date(2026, 10, 12), -8) == date(2026, 9, 30)
    term_end = days.end_of_day(date(2026, 9, 30))
    assert days.before(term_end, Period(1, "working_day")).day == date(2026, 9, 29)
    assert days.before(term_end + timedelta(microseconds=1), Period(1, "working_day")).day == date(2026, 9, 30)


def test_r8_1_what_looks_at_an_unannounced_year_is_provisional(days: Calendar) -> None:
    assert days.after(local("2026-12-30T10:00"), Period(1, "working_day")).provisional is False
    assert days.after(local("2026-12-30T10:00"), Period(3, "working_day")).provisional is True
    assert days.after(local("2025-12-30T10:00"), Period(2, "working_day")).provisional is True
    assert days.after(local("2025-12-31T10:00"), Period(1, "working_day")).provisional is False
    assert days.before(local("2027-01-01T10:00"), Period(1, "working_day")).provisional is False
    assert days.before(local("2027-01-02T10:00"), Period(1, "working_day")).provisional is True
    assert days.after(local("2026-12-25T10:00"), Period(7, "day")).provisional is True
    assert days.after(local("2026-12-31T23:59"), Period(15, "minute")).provisional is False


@pytest.mark.parametrize(
    "build",
    [
        lambda: Year(2026, PUBLISHED),
        lambda: Year(2026, PUBLISHED, frozenset(date(2026, 10, n) for n in range(1, 7))),
        lambda: Year(2027, PROVISIONAL, frozenset({date(2027, 1, 1)})),
        lambda: Year(2026, PUBLISHED, frozenset(date(2027, 10, n) for n in range(1, 9))),
        lambda: Year(2026, PUBLISHED, OCTOBER, frozenset({date(2026, 10, 3)})),
        lambda: Year(2026, PUBLISHED, OCTOBER, frozenset({date(2026, 6, 1)})),
        lambda: Year(2026, "guessed"),
    ],
)
def test_r8_2_a_year_that_cannot_be_true_is_refused(build: object) -> None:
    assert callable(build)
    with pytest.raises(CalendarError):
        build()


def test_civil_code_201_the_day_on_which_it_begins_is_not_counted(days: Calendar) -> None:
    for clock in ("00:00", "09:30", "23:59"):
        assert days.after(local(f"2026-03-03T{clock}"), Period(1, "day")).day == date(2026, 3, 4)
        assert days.after(local(f"2026-03-03T{clock}"), Period(1, "working_day")).day == date(2026, 3, 4)


def test_r8_2_the_end_of_the_term_counts_back_to_a_provisional_day_and_says_so(beijing: Contract) -> None:
    """Weekdays alone lead into the Spring Festival; that is never told as settled."""
    start = beijing.calendar.before(beijing.term_end, Period(20, "working_day"))
    assert start.provisional


def test_periods_and_instants_without_sense_are_refused(days: Calendar) -> None:
    for value, unit in ((0, "day"), (-1, "hour"), (1, "fortnight")):
        with pytest.raises(ValueError):
            Period(value, unit)
    with pytest.raises(ValueError):
        days.after(datetime(2026, 3, 10), Period(1, "day"))  # noqa: DTZ001 - the missing zone is what is refused
    with pytest.raises(ValueError):
        _ = Period(1, "day").duration
    with pytest.raises(ValueError):
        days.add_working_days(date(2026, 1, 1), 10**9)


def test_a_night_in_which_clocks_are_set_back_lasts_longer(harbour: Contract) -> None:
    lisbon = harbour.calendar
    assert lisbon.end_of_day(date(2025, 10, 26)) - lisbon.start_of_day(date(2025, 10, 26)) == timedelta(hours=25)
    start = datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    assert lisbon.after(start, Period(2, "hour")).at == start + timedelta(hours=2)


DATES = st.dates(date(2026, 1, 1), date(2026, 12, 31))
ANNOUNCED = load(__file__.rsplit("/tests/", 1)[0] + "/workflow/contracts/beijing-2026").calendar


def _model_is_open(day: date) -> bool:
    year = ANNOUNCED.years.get(day.year)
    off, work = (year.off, year.work) if year else (frozenset(), frozenset())
    return day in work or (day.isoweekday() <= 5 and day not in off)


@settings(deadline=None)
@given(DATES, st.integers(-120, 120))
def test_working_days_agree_with_counting_one_by_one(start: date, count: int) -> None:
    found = ANNOUNCED.add_working_days(start, count)
    low, high = sorted((start, found))
    between = [low + timedelta(days=n) for n in range((high - low).days + 1)]
    counted = sum(_model_is_open(day) for day in between if day != start)
    assert counted == abs(count)
    assert count == 0 or _model_is_open(found)


@settings(deadline=None)
@given(DATES, st.integers(-60, 60))
def test_rolled_days_are_the_nearest_open_day_in_their_direction(start: date, count: int) -> None:
    nominal, found = start + timedelta(days=count), ANNOUNCED.add_days_rolled(start, count)
    step = timedelta(days=-1 if count < 0 else 1)
    expected = nominal
    while not _model_is_open(expected):
        expected += step
    assert found == expected


@settings(deadline=None)
@given(DATES, st.integers(1, 200), st.sampled_from(["working_day", "day", "month", "next_day_end"]))
def test_a_later_start_never_ends_earlier(start: date, value: int, unit: str) -> None:
    value = value % 24 + 1 if unit == "month" else value
    first = ANNOUNCED.after(ANNOUNCED.start_of_day(start), Period(value, unit))
    second = ANNOUNCED.after(ANNOUNCED.start_of_day(start + timedelta(days=1)), Period(value, unit))
    assert first.at <= second.at
    assert first.nominal_at <= first.at
    assert first.rolled is (first.at != first.nominal_at)


@settings(deadline=None)
@given(DATES, st.integers(1, 120), st.integers(0, 60))
def test_more_days_never_end_earlier_and_none_ends_on_a_day_off(start: date, count: int, more: int) -> None:
    for add in (ANNOUNCED.add_working_days, ANNOUNCED.add_days_rolled):
        first, second = add(start, count), add(start, count + more)
        assert start < first <= second
        assert _model_is_open(first)


@settings(deadline=None)
@given(DATES, st.integers(1, 60), st.sampled_from(["working_day", "day", "month"]))
def test_counting_backwards_never_ends_later_than_the_plain_days(start: date, value: int, unit: str) -> None:
    end = ANNOUNCED.end_of_day(start)
    found = ANNOUNCED.before(end, Period(value, unit))
    assert found.day < start
    assert found.at <= found.nominal_at <= end
    assert _model_is_open(found.day)
    assert ANNOUNCED.before(end, Period(value + 1, unit)).at <= found.at


@settings(deadline=None)
@given(st.sampled_from(sorted(ANNOUNCED.years[2026].work)), st.integers(1, 20))
def test_make_up_days_count(make_up_day: date, count: int) -> None:
    """Were it an ordinary weekend day, what begins the day before would take one day more."""
    year = ANNOUNCED.years[2026]
    without = calendar_of(SHANGHAI, {2026: published(2026, year.off, year.work - {make_up_day})})
    eve = make_up_day - timedelta(days=1)
    assert ANNOUNCED.add_working_days(eve, 1) == make_up_day
    assert ANNOUNCED.add_working_days(eve, count) < without.add_working_days(eve, count)
    assert ANNOUNCED.add_days_rolled(make_up_day, 0) == make_up_day
