"""What the system administrator sees of the desk's upkeep: limits that cannot be noted, and what was found broken and mended.

No ticket stands here: a limit is told by its name and its own number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tickets.models import Timer
from tickets.watch.models import ClockSet, Mending, Unstruck

MOST_SHOWN = 20


@dataclass(frozen=True)
class Upkeep:
    """How it stands."""

    unstruck: Sequence[tuple[Unstruck, Timer]]
    """The oldest of the limits that cannot be noted."""
    unstruck_count: int
    mended: Mapping[str, tuple[int, datetime]]
    """By what was mended (`tickets.watch.sweep.WHAT`): how often, and when last."""
    clock_set: Sequence[ClockSet] = ()
    """The newest settings of any worker's clock."""


def standing(session: Session) -> Upkeep:
    """As it is now; three statements."""
    shown = session.execute(
        select(Unstruck, Timer, func.count().over())
        .join(Timer, Timer.id == Unstruck.timer_id)
        .order_by(Unstruck.since, Unstruck.timer_id)
        .limit(MOST_SHOWN)
    ).all()
    mended = session.execute(select(Mending.what, func.count(), func.max(Mending.at)).group_by(Mending.what)).all()
    count = shown[0][2] if shown else 0
    set_ = session.scalars(select(ClockSet).order_by(ClockSet.id.desc()).limit(MOST_SHOWN)).all()
    whole = {what: (many, last) for what, many, last in mended}
    return Upkeep([(one, timer) for one, timer, _ in shown], count, whole, set_)
