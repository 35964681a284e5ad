"""When a declared limit runs out and by which days that was counted: found at its start, and again when days are announced."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from workflow.calendar import CALENDAR_UNITS, EXACT_UNITS

if TYPE_CHECKING:
    from workflow.contract import Due, Edition
    from workflow.declare import Deadline

AT_ONCE = ""
"""In the place of a figure: what begins runs out at that same instant."""
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Reckoned:
    """When a limit runs out. `nominal_at`: without moving past days off. `calendar`: the digest of the calendar whose days
    were counted, empty where none were. `provisional` (暂定): some of them are not announced yet. Instants are UTC."""

    at: datetime
    nominal_at: datetime
    calendar: str = ""
    provisional: bool = False


def reckoned(
    deadline: Deadline, figure: str | None, started_at: datetime, end: datetime | None, edition: Edition
) -> Reckoned | None:
    """When a limit that began at `started_at` and is as long as `figure` (or lies ahead of `end`, or is a warning of what
    ends then) runs out; None where nothing tells. The same for ever, but for the days of the edition's calendar."""
    if deadline.ahead is not None:
        return None if end is None else _of(edition.before_explained(deadline.ahead, end))
    if figure == AT_ONCE:
        return Reckoned(started_at, started_at)
    due = _of(edition.due_explained(figure, started_at)) if figure else Reckoned(end, end) if end else None
    if due is None or deadline.share is None:
        return due
    if deadline.share not in edition.figures:
        return None
    # Whole milliseconds, rounded up: a warning may come late by less than one, never before its share is used up.
    used_up = (due.at - started_at) // MILLISECOND * int(edition.percent(deadline.share) * 100)
    at = started_at + -(-used_up // 10_000) * MILLISECOND
    return Reckoned(at, at, due.calendar, due.provisional)


def slots(
    deadline: Deadline, figure: str | None, first_at: datetime, until: datetime, edition: Edition
) -> tuple[int, datetime]:
    """How many slots of a limit that repeats have run out before `until`, the first at `first_at`, and when the last did.

    Slots of minutes or hours are all of one length and are not gone through one by one: a long outage has thousands.
    """
    passed, last = 1, first_at
    while (found := reckoned(deadline, figure, last, None, edition)) is not None and last < found.at < until:
        known = edition.figures.get(figure or AT_ONCE)
        is_exact = deadline.share is None and known is not None and known.unit in EXACT_UNITS
        more = (until - last - datetime.resolution) // (found.at - last) if is_exact else 1
        passed, last = passed + more, last + more * (found.at - last)
    return passed, last


def _of(due: Due) -> Reckoned:
    by_days = due.figure.unit in CALENDAR_UNITS
    return Reckoned(due.at, due.nominal_at, due.calendar.digest if by_days else "", due.provisional)
