"""Days and periods: make-up days, the law of periods, and years whose holidays nobody has announced yet.

The rules are those of the Civil Code (民法典 200–204): the day on which something happens is not counted;
hours run from the moment itself; a period of days ends at 24:00 of its last day; if that day is a holiday
it ends on the first day after, but a weekend day that was made a working day is a working day. Nothing here
knows a contract.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PUBLISHED, PROVISIONAL = "published", "provisional"
EXACT_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}
"""Units that run round the clock and never look at a calendar."""
DAY_UNITS = ("day", "working_day", "month", "next_day_end")
PERIOD_UNITS = (*EXACT_UNITS, *DAY_UNITS)
CALENDAR_UNITS = ("day", "working_day", "month")
"""Units in which a period ends on another day when other days are announced."""
FEWEST_DAYS_OFF = 7
"""A published year with fewer days off is a torn or empty file: there are seven statutory holidays a year."""
_SATURDAY = 5
_DAY = timedelta(days=1)
_LONGEST_SEARCH_DAYS = 36_600


class CalendarError(ValueError):
    """A year that cannot be true. `msgid` and `params` say why; who reads the file adds its place."""

    def __init__(self, msgid: str, **params: str | int) -> None:
        super().__init__(msgid % params)
        self.msgid = msgid
        self.params = params


@dataclass(frozen=True)
class Year:
    """One calendar year: `off` are announced days off, `work` are weekend days that were made working days.

    A provisional year has neither: its weekdays are counted, and every result that looked at it says so.
    """

    year: int
    status: str = PROVISIONAL
    off: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()
    source: str = ""

    def __post_init__(self) -> None:
        if self.status not in (PUBLISHED, PROVISIONAL):
            raise CalendarError("The year %(year)s is neither published nor provisional.", year=self.year)
        if self.status == PROVISIONAL and (self.off or self.work):
            raise CalendarError("The provisional year %(year)s must not list days.", year=self.year)
        if self.status == PUBLISHED and len(self.off) < FEWEST_DAYS_OFF:
            raise CalendarError(
                "The year %(year)s lists %(count)s days off; the file is empty or torn.",
                year=self.year,
                count=len(self.off),
            )
        for day in sorted(self.off | self.work):
            if day.year != self.year:
                raise CalendarError("%(day)s does not lie in the year %(year)s.", day=str(day), year=self.year)
            if day in self.off and day in self.work:
                raise CalendarError("%(day)s is both a day off and a working day.", day=str(day))
            if day in self.work and day.weekday() < _SATURDAY:
                raise CalendarError("%(day)s is a weekday: only a weekend day can be a make-up day.", day=str(day))


@dataclass(frozen=True)
class Period:
    """A length of time as a contract writes it: so many of one unit, which one of `PERIOD_UNITS`."""

    value: int
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in PERIOD_UNITS:
            raise ValueError(f"not a unit of time: {self.unit}")
        if self.value <= 0:
            raise ValueError("a period is longer than nothing")

    @property
    def is_exact(self) -> bool:
        """Whether it runs round the clock, whatever the calendar says."""
        return self.unit in EXACT_UNITS

    @property
    def duration(self) -> timedelta:
        """The length of an exact period. Days have no fixed length here: ValueError."""
        if not self.is_exact:
            raise ValueError(f"a period in {self.unit} has no length without a calendar and a start")
        return self.value * EXACT_UNITS[self.unit]


@dataclass(frozen=True)
class Reckoning:
    """How a period was counted: when it ends, when it would end without holidays, and what was looked at.

    `at`, `nominal_at`: UTC. `day`: the local day of the result (the day that ends at `at`, for periods of
    days).
    """

    at: datetime
    nominal_at: datetime
    day: date
    rolled: bool = False
    provisional: bool = False


@dataclass(frozen=True)
class Calendar:
    """The days of one zone. A year that nobody loaded is provisional, never silently ordinary."""

    zone: ZoneInfo
    years: Mapping[int, Year] = field(default_factory=dict)
    digest: str = ""

    def status(self, year: int) -> str:
        """`published` or `provisional`."""
        return self.years[year].status if year in self.years else PROVISIONAL

    def is_provisional(self, first: date, last: date) -> bool:
        """Whether any day from `first` to `last` lies in a year without announced holidays."""
        return any(self.status(year) == PROVISIONAL for year in range(first.year, last.year + 1))

    def is_working_day(self, day: date) -> bool:
        """A weekday that is not off, or a weekend day that was made a working day."""
        year = self.years.get(day.year)
        if year is not None and day in year.off:
            return False
        return day.weekday() < _SATURDAY or (year is not None and day in year.work)

    def add_working_days(self, start: date, count: int) -> date:
        """The `count`-th working day after `start`, itself not counted; before it if `count` is negative."""
        if abs(count) > _LONGEST_SEARCH_DAYS:
            raise ValueError("too many days")
        step, day, left = (_DAY if count > 0 else -_DAY), start, abs(count)
        while left:
            day += step
            if self.is_working_day(day):
                left -= 1
        return day

    def add_days_rolled(self, start: date, count: int) -> date:
        """`count` natural days after `start`, moved on past days off.

        Backwards (`count` negative) it moves to an earlier day: the law is silent there, and a later one
        would shorten the notice that the other party was promised.
        """
        return self._rolled(start + count * _DAY, backward=count < 0)

    def start_of_day(self, day: date) -> datetime:
        """00:00 local of `day`, as an instant in UTC."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def end_of_day(self, day: date) -> datetime:
        """24:00 local of `day`, as an instant in UTC."""
        return self.start_of_day(day + _DAY)

    def local_day(self, instant: datetime) -> date:
        """The day on which `instant` falls here. An instant without a zone is refused: ValueError."""
        if instant.tzinfo is None:
            raise ValueError("an instant needs a zone")
        return instant.astimezone(self.zone).date()

    def after(self, start: datetime, period: Period) -> Reckoning:
        """When `period`, begun at `start`, runs out."""
        today = self.local_day(start)
        if period.is_exact:
            at = start.astimezone(UTC) + period.duration
            return Reckoning(at, at, self.local_day(at))
        if period.unit == "working_day":
            day = self.add_working_days(today, period.value)
            return self._reckoned(day, day, self.is_provisional(today + _DAY, day))
        if period.unit == "next_day_end":
            day = today + period.value * _DAY
            return self._reckoned(day, day, provisional=False)
        nominal = add_months(today, period.value) if period.unit == "month" else today + period.value * _DAY
        day = self._rolled(nominal)
        return self._reckoned(nominal, day, self.is_provisional(nominal, day))

    def before(self, end: datetime, period: Period) -> Reckoning:
        """The last moment that is still `period` before `end`; for periods of days, the end of that `day`.

        An `end` at midnight is read as 24:00 of the day before: terms end so, and the day that a term ends
        on is not counted.
        """
        if period.is_exact:
            at = end.astimezone(UTC) - period.duration
            return Reckoning(at, at, self.local_day(at))
        last = self.local_day(end - timedelta(microseconds=1))
        if period.unit == "working_day":
            day = self.add_working_days(last, -period.value)
            return self._reckoned(day, day, self.is_provisional(day, last - _DAY))
        back = add_months(last, -period.value) if period.unit == "month" else last - period.value * _DAY
        if period.unit == "next_day_end":
            return self._reckoned(back, back, provisional=False)
        day = self._rolled(back, backward=True)
        return self._reckoned(back, day, self.is_provisional(day, back))

    def _rolled(self, day: date, *, backward: bool = False) -> date:
        for _ in range(_LONGEST_SEARCH_DAYS):
            if self.is_working_day(day):
                return day
            day += -_DAY if backward else _DAY
        raise ValueError("no working day found")

    def _reckoned(self, nominal: date, day: date, provisional: bool) -> Reckoning:
        at = self.end_of_day(day)
        return Reckoning(at, self.end_of_day(nominal), day, rolled=day != nominal, provisional=provisional)


def calendar_of(zone: ZoneInfo, years: Mapping[int, Year]) -> Calendar:
    """The calendar of these years. Its digest covers the zone and every day: what was counted by it can name it."""
    days = sorted(
        (year.year, year.status, sorted(map(str, year.off)), sorted(map(str, year.work))) for year in years.values()
    )
    return Calendar(zone, years, hashlib.sha256(json.dumps([zone.key, days]).encode()).hexdigest())


def add_months(start: date, months: int) -> date:
    """The corresponding day of another month, or that month's last day if it has none (民法典 202)."""
    index = start.year * 12 + start.month - 1 + months
    year, month = index // 12, index % 12 + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, min(start.day, (following - _DAY).day))


def next_month_day(start: date, month_day: str) -> date:
    """The next date `MM-DD` on or after `start`; for 02-29 in a common year, the last of February."""
    month, day = (int(part) for part in month_day.split("-"))
    for year in (start.year, start.year + 1):
        found = add_months(date(year, month, 1), 1) - _DAY
        found = found.replace(day=min(day, found.day))
        if found >= start:
            return found
    raise ValueError("no such day")


def published(year: int, off: Iterable[date], work: Iterable[date], source: str = "") -> Year:
    """A year whose holidays were announced."""
    return Year(year, PUBLISHED, frozenset(off), frozenset(work), source)
