"""The deadlines of one ticket made ready for its page and the API: each as it is on record, and what was said of it since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext

from tickets.models import Timer
from tickets.queries import Sight
from tickets.speech import label
from workflow import deductions, delays, reminders
from workflow.attempt import Past
from workflow.delays import Forecast


@dataclass(frozen=True)
class Limit:
    """One deadline: running, met, late, missed or dropped."""

    name: str
    says: str
    clause: str
    party: str
    status: str
    due_at: datetime
    started_at: datetime
    stopped_at: datetime | None
    noted_at: datetime | None
    amber_seconds: int
    provisional: bool = False
    """Counted over days that are not announced yet."""
    rolled_from: datetime | None = None
    """When it would be due if it had not been moved past days off."""
    adjusted_due_at: datetime | None = None
    """When it would be due without what both parties left out of it; `due_at` is the raw one, which stays."""
    foretold: Forecast | None = None
    """The last word of who owes it that it will be late."""
    likely_miss: Past | None = None
    """When nobody had said anything at the last warning, the others were told that a miss is likely."""

    @property
    def is_open(self) -> bool:
        return self.status in ("running", "missed")

    @property
    def adjusted_is_kept(self) -> bool:
        """Whether it is kept without what was left out, though it is not by the raw time."""
        if self.adjusted_due_at is None or self.stopped_at is None:
            return False
        return self.status == "late" and self.stopped_at <= self.adjusted_due_at

    @property
    def late_by(self) -> timedelta | None:
        return self.stopped_at - self.due_at if self.stopped_at is not None and self.status == "late" else None


_ORDER = {"missed": 0, "running": 1, "late": 2, "met": 3, "dropped": 4}


def limits(sight: Sight) -> list[Limit]:
    """Deadlines of the ticket: those missed and those running first, then what is over. Reminders ahead of one are left to
    the timeline: nobody owes anything by them."""
    declared = sight.workflow.deadlines
    owed = (
        timer for timer in sight.rows.timers if timer.deadline not in declared or not declared[timer.deadline].reminds
    )
    return sorted((_limit(sight, timer) for timer in owed), key=lambda one: (_ORDER[one.status], one.due_at))


def _limit(sight: Sight, timer: Timer) -> Limit:
    declared = sight.workflow.deadlines.get(timer.deadline)
    status = "late" if timer.shown == "missed" and timer.stopped_at is not None else timer.shown
    term, beside = timer.due_at - timer.started_at, said_of(sight, timer)
    return Limit(
        label("deadline", timer.deadline),
        gettext(declared.says) if declared and declared.says else "",
        timer.clause,
        label("party", timer.party) if timer.party else "",
        status,
        timer.due_at,
        timer.started_at,
        timer.stopped_at,
        timer.struck_at,
        amber_seconds=max(60, int(term.total_seconds()) // 3),
        provisional=timer.provisional,
        rolled_from=timer.nominal_at if timer.nominal_at != timer.due_at else None,
        adjusted_due_at=beside.adjusted_due_at,
        foretold=beside.foretold,
        likely_miss=beside.likely_miss,
    )


@dataclass(frozen=True)
class SaidOf:
    """What was agreed or said of one term, which moved nothing."""

    adjusted_due_at: datetime | None
    foretold: Forecast | None
    likely_miss: Past | None


def said_of(sight: Sight, timer: Timer) -> SaidOf:
    """What both parties left out of a term, what was foretold of it, and whether a miss was called likely."""
    history, end = sight.facts.history, timer.stopped_at or sight.at
    periods = deductions.agreed(history, timer.deadline)
    left_out = deductions.left_out(periods, timer.started_at, end)
    foretold = delays.forecasts(history, timer.deadline, timer.started_at, end)
    return SaidOf(
        timer.due_at + left_out if left_out else None,
        foretold[-1] if foretold else None,
        reminders.likely_miss(history, timer.deadline, timer.started_at, end),
    )
