"""What the system administrator sees of the desk's upkeep: limits that cannot be noted, and what was found broken and mended.

No ticket stands here: a limit is told by its name and its own number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal_column, select
from sqlalchemy.orm import Session, aliased

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
    """As it is now; two statements."""
    shown = session.execute(
        select(Unstruck, Timer, func.count().over())
        .join(Timer, Timer.id == Unstruck.timer_id)
        .order_by(Unstruck.since, Unstruck.timer_id)
        .limit(MOST_SHOWN)
    ).all()
    count = shown[0][2] if shown else 0
    beside = session.execute(_BESIDE).all()
    mended = [row[:3] for row in beside if row[0] is not None]
    set_ = [row[3] for row in beside if row[3] is not None]
    whole = {what: (many, last) for what, many, last in mended}
    return Upkeep([(one, timer) for one, timer, _ in shown], count, whole, set_)


_parts = select(literal_column("1").label("part")).union_all(select(literal_column("2"))).subquery("parts")
_mended = (
    select(Mending.what, func.count().label("many"), func.max(Mending.at).label("last"))
    .group_by(Mending.what)
    .subquery("mended")
)
_newest = aliased(ClockSet, select(ClockSet).order_by(ClockSet.id.desc()).limit(MOST_SHOWN).subquery("newest"))
_BESIDE = (
    select(_mended, _newest)
    .select_from(_parts)
    .outerjoin(_mended, _parts.c.part == 1)
    .outerjoin(_newest, _parts.c.part == 2)
    .order_by(_newest.id.desc())
)
"""What was mended, and the newest settings of a clock: side by side, so that the page asks once for both."""
