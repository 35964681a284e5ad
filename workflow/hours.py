"""Service hours: when a desk that is promised for 5×8 or 7×24 is open, and how long it was open between two moments.

The hours themselves are data of a contract. Spans of a day are half-open: at 12:00 a morning that ends at 12:00 is over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from workflow.calendar import Calendar, Reckoning
from workflow.terms import Text

WORKING_DAYS, EVERY_DAY = "working_days", "every_day"
DAYS = (WORKING_DAYS, EVERY_DAY)
MINUTES_OF_A_DAY = 24 * 60
_LONGEST_SEARCH_DAYS = 36_600
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """A part of a day in minutes since its midnight, by the clock on the wall: from `opens` until just before `closes`."""

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not 0 <= self.opens < self.closes <= MINUTES_OF_A_DAY:
            raise ValueError("a span of a day opens before it closes, within that day")

    def __str__(self) -> str:
        return "–".join(f"{minutes // 60:02d}:{minutes % 60:02d}" for minutes in (self.opens, self.closes))


@dataclass(frozen=True)
class Hours:
    """Hours of service under a clause: on working days (make-up days among them) or on every day, in `spans`.

    `status` and `question` are as those of a figure: what the contract does not say is our proposal until both agree.
    """

    key: str
    name: Text
    clause: str
    status: str
    days: str
    spans: tuple[Span, ...]
    question: str = ""

    def __post_init__(self) -> None:
        if self.days not in DAYS or not self.spans:
            raise ValueError("hours need days and spans")
        if any(one.closes > after.opens for one, after in zip(self.spans, self.spans[1:], strict=False)):
            raise ValueError("the spans of a day follow each other")

    @property
    def is_settled(self) -> bool:
        """Whether it stands in the contract, or both parties agreed to it since."""
        return self.status != "proposed"

    @property
    def minutes_a_day(self) -> int:
        """How long an open day is, by the clock on the wall."""
        return sum(span.closes - span.opens for span in self.spans)

    def is_open(self, calendar: Calendar, at: datetime) -> bool:
        """Whether there is service at the instant `at`."""
        return any(opens <= at < closes for opens, closes in self.openings(calendar, calendar.local_day(at)))

    def next_opening(self, calendar: Calendar, at: datetime) -> Reckoning:
        """The first instant (UTC) from `at` on at which there is service: `at` itself, where there is some."""
        return self.after(calendar, at, timedelta())

    def after(self, calendar: Calendar, start: datetime, length: timedelta) -> Reckoning:
        """The instant (UTC) at which there has been service for `length` since `start`; a length that is used up at a
        closing ends there, not at the opening after it. Provisional where days without announced holidays were counted.
        ValueError for a negative length.
        """
        if length < timedelta():
            raise ValueError("time of service is counted forwards")
        first, left = calendar.local_day(start), length
        for day in (first + n * _DAY for n in range(_LONGEST_SEARCH_DAYS)):
            for opens, closes in self.openings(calendar, day):
                begins = max(opens, start)
                if begins < closes and left <= closes - begins:
                    return self._reckoned(calendar, begins + left, first, day)
                left -= max(closes - begins, timedelta())
        raise ValueError("so much service lies beyond every calendar")

    def between(self, calendar: Calendar, start: datetime, end: datetime) -> timedelta:
        """How long there was service from `start` until `end`. ValueError where the end lies before the start."""
        if end < start:
            raise ValueError("time of service is counted forwards")
        open_for = timedelta()
        day, last = calendar.local_day(start), calendar.local_day(end)
        while day <= last:
            for opens, closes in self.openings(calendar, day):
                open_for += max(min(closes, end) - max(opens, start), timedelta())
            day += _DAY
        return open_for

    def openings(self, calendar: Calendar, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The spans of a day as instants (UTC), in their order; none where there is no service."""
        if self.days == EVERY_DAY or calendar.is_working_day(day):
            for span in self.spans:
                yield _instant(calendar, day, span.opens), _instant(calendar, day, span.closes)

    def _reckoned(self, calendar: Calendar, at: datetime, first: date, last: date) -> Reckoning:
        provisional = self.days == WORKING_DAYS and calendar.is_provisional(first, last)
        return Reckoning(at, at, calendar.local_day(at), provisional=provisional)


def _instant(calendar: Calendar, day: date, minutes: int) -> datetime:
    """By the clock on the wall: adding hours to midnight would be wrong on a day on which clocks are set."""
    if minutes == MINUTES_OF_A_DAY:
        return calendar.end_of_day(day)
    at = datetime.combine(day, time(minutes // 60, minutes % 60), calendar.zone)
    return at.astimezone(calendar.start_of_day(day).tzinfo)
