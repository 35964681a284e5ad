"""What the system administrator sees of the outbox: how much waits, what was given up and why, and the way to try again.

No ticket stands here: a delivery is told by who was to get it and by which channel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from auth.models import Person
from tickets.outbox.models import DEAD, FAILED, HELD, OPEN, WAITING, Delivery, Untold

MOST_SHOWN = 20
MOST_COUNTED = 1000


@dataclass(frozen=True)
class Standing:
    """How the outbox stands. Counting stops at `MOST_COUNTED`."""

    untold: int
    """Messages of which no deliveries were made yet."""
    open: Mapping[str, int]
    """Deliveries still to be sent, by status."""
    dead: Sequence[tuple[Delivery, str]]
    """The newest that were given up, with the user name of who was to get them."""
    dead_count: int


def standing(session: Session) -> Standing:
    """As it is now; four statements, whatever the number of deliveries."""
    untold = _counted(session, select(Untold.message_id).limit(MOST_COUNTED))
    still = select(Delivery.status).where(Delivery.status.in_(OPEN)).limit(MOST_COUNTED).subquery()
    rows = session.execute(select(still.c.status, func.count()).group_by(still.c.status)).all()
    dead = session.execute(
        select(Delivery, Person.username)
        .join(Person, Person.id == Delivery.person_id)
        .where(Delivery.status == DEAD)
        .order_by(Delivery.id.desc())
        .limit(MOST_SHOWN)
    ).all()
    count = _counted(session, select(Delivery.id).where(Delivery.status == DEAD).limit(MOST_COUNTED))
    found = {str(status): int(number) for status, number in rows}
    in_order = {status: found[status] for status in (WAITING, HELD, FAILED) if status in found}
    return Standing(untold, in_order, [(delivery, name) for delivery, name in dead], count)


def _counted(session: Session, query: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0


def again(session: Session, delivery: int | None, *, at: datetime) -> int:
    """Puts a dead delivery back, or all of them, with all tries before it and the reference that it had; how many."""
    query = update(Delivery).where(Delivery.status == DEAD)
    if delivery is not None:
        query = query.where(Delivery.id == delivery)
    done = session.execute(
        query.values(status=WAITING, attempts=0, due_at=at).execution_options(synchronize_session=False)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]  # An update answers with a cursor, which counts.
