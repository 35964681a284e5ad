"""Whether the clock goes as time does: a clock that is set moves limits in the eyes of everybody who waits for them.

Order on record is by sequence and never by time, so nothing is undone when a clock is set back, and what was noted as
missed stays missed. But whoever doubts a limit has to know that the clock was set while it ran: so it is on record and
stands on the page of the ticket's clocks, for both parties.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from database import transaction
from tickets.desk import Desk
from tickets.watch.models import ClockSet

TOLERATED = timedelta(seconds=2)
"""A clock that is kept right goes a little faster or slower for a while. That is no setting."""
MOST_READ, MOST_SHOWN = 500, 20


class Ticking:
    """Compares, from one look to the next, what the clock says with the time that has `passed` (seconds of a clock that
    nobody can set; one that also stands still while the machine sleeps)."""

    def __init__(self, now: Callable[[], datetime], passed: Callable[[], float] = monotonic) -> None:
        self._now, self._passed = now, passed
        self._last: tuple[datetime, float] | None = None

    def look(self) -> timedelta | None:
        """By how much the clock was set since the last look; None where it was not."""
        at, passed = self._now(), self._passed()
        before, self._last = self._last, (at, passed)
        if before is None:
            return None
        by = (at - before[0]) - timedelta(seconds=passed - before[1])
        return by if abs(by) > TOLERATED else None


def note(desk: Desk, worker: str, by: timedelta) -> None:
    """Puts on record that the clock was set."""
    with transaction(desk.engine) as session:
        session.add(ClockSet(at=desk.now(), worker=worker, milliseconds=by // timedelta(milliseconds=1)))


def settings_of(session: Session, since: datetime, until: datetime) -> Sequence[ClockSet]:
    """The settings of any worker's clock that touch this time, the newest first: what it said before, after, or in between."""
    found = session.scalars(select(ClockSet).order_by(ClockSet.id.desc()).limit(MOST_READ))
    return [one for one in found if min(one.at, one.before) <= until and max(one.at, one.before) >= since][:MOST_SHOWN]


def count(session: Session) -> int:
    """How often a clock was set, as far as there are records."""
    return session.scalar(select(func.count()).select_from(ClockSet)) or 0
