"""Notices as their reader sees them: what the party was told, and what of it the reader has not read yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session

from auth.sessions import Caller
from tickets.models import Message, Ticket
from tickets.outbox.models import DESK_CHANNEL, Delivery
from tickets.outbox.places import Place, place_of
from tickets.queries import told_to, unread


@dataclass(frozen=True)
class Seen:
    """One notice, and the delivery to the reader's bell if they were told in person. `number`: that of its ticket."""

    message: Message
    number: str | None
    delivery: Delivery | None

    @property
    def place(self) -> Place:
        return place_of(self.message, self.number)

    @property
    def is_new(self) -> bool:
        """Whether it waits to be read."""
        return self.delivery is not None and self.delivery.read_at is None


def of_party(
    session: Session, caller: Caller, *, after: int | None = None, limit: int, new_only: bool = False
) -> Sequence[Seen]:
    """What the caller's parties were told, newest first, by key; `new_only`: what the caller has yet to read."""
    mine = and_(
        Delivery.message_id == Message.id, Delivery.person_id == caller.person_id, Delivery.channel == DESK_CHANNEL
    )
    query = (
        select(Message, Ticket.number, Delivery)
        .outerjoin(Ticket, Ticket.id == Message.ticket_id)
        .join(Delivery, mine, isouter=not new_only)
        .where(told_to(caller))
    )
    if new_only:
        query = query.where(unread(caller))
    if after is not None:
        query = query.where(Message.id < after)
    return [Seen(*row) for row in session.execute(query.order_by(Message.id.desc()).limit(limit))]


def of_person(
    session: Session, caller: Caller, *, after: str | None, limit: int, new_only: bool
) -> Sequence[Seen] | None:
    """What the caller was told in person, newest first. `after`: the reference at which the page before ended; None where
    nobody told the caller such a thing."""
    query = (
        select(Message, Ticket.number, Delivery)
        .outerjoin(Ticket, Ticket.id == Message.ticket_id)
        .join(Delivery, Delivery.message_id == Message.id)
        .where(Delivery.person_id == caller.person_id, Delivery.channel == DESK_CHANNEL)
        .where(told_to(caller))
    )
    if new_only:
        query = query.where(unread(caller))
    if after is not None:
        place = session.scalar(
            select(Delivery.message_id).where(Delivery.reference == after, Delivery.person_id == caller.person_id)
        )
        if place is None:
            return None
        query = query.where(Message.id < place)
    return [Seen(*row) for row in session.execute(query.order_by(Message.id.desc()).limit(limit))]


def mark_read(
    session: Session, caller: Caller, *, at: datetime, until: int | None = None, only: int | None = None
) -> None:
    """Marks the caller's own as read: the one of message `only`, or all up to message `until`, so that one which came
    after the page was made is not marked unseen."""
    query = update(Delivery).where(unread(caller)).values(read_at=at).execution_options(synchronize_session=False)
    if only is not None:
        query = query.where(Delivery.message_id == only)
    if until is not None:
        query = query.where(Delivery.message_id <= until)
    session.execute(query)
