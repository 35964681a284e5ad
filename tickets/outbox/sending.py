"""Sends what is due: a lease with a fence, the carrier outside of any transaction, then what became of it.

Several workers share the work without sending twice, as long as none of them dies: a delivery is leased by one of them
in a transaction of its own, and only the holder of the newest fence may say what became of it. A worker that dies
between sending and saying so leaves a lease that ends; the letter is then sent again under the same reference. So each
letter is sent at least once, and whoever gets it twice can tell.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from auth.records import Keyring
from auth.seal import BrokenSeal
from config import Settings
from database import transaction
from tickets.models import Message, Ticket
from tickets.outbox.carriers import Carrier, Letter, NotNow, Refused, Undelivered, Unreachable
from tickets.outbox.letters import Told, Writer
from tickets.outbox.models import DEAD, DROPPED, FAILED, HELD, JOINED, OPEN, SENDING, SENT, Delivery
from tickets.outbox.people import Reader, addresses, readers
from tickets.outbox.timing import is_quiet, next_try, when

log = logging.getLogger("counterpart.outbox")
MOST = 50
"""Deliveries in one turn: between two turns the same worker strikes deadlines, which must not wait for long."""
LONGEST_DIGEST = 200
PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=10)


@dataclass(frozen=True, eq=False)
class Piece:
    """What goes into a letter: a delivery, its message, and the ticket's number, if it is about one."""

    delivery: Delivery
    message: Message
    number: str | None


@dataclass(frozen=True)
class Leased:
    """A delivery that this worker may send, until `until`."""

    id: int
    fence: int
    attempts: int
    channel: str
    until: datetime
    letter: Letter


class Sending:
    """Sends by the `carriers`, one for each channel. What it remembers from turn to turn is only which channel rests."""

    def __init__(
        self,
        engine: Engine,
        keyring: Keyring,
        now: Callable[[], datetime],
        settings: Settings,
        writer: Writer,
        told: Callable[[Message, str | None], Told],
        carriers: Mapping[str, Carrier],
    ) -> None:
        self._engine, self._keyring, self._now = engine, keyring, now
        self._settings, self._writer, self._told, self._carriers = settings, writer, told, carriers
        self._resting: dict[str, tuple[datetime, timedelta]] = {}

    def turn(self) -> int:
        """Sends what is due, up to `MOST`; returns how many were sent."""
        sent = 0
        for _ in range(MOST):
            with transaction(self._engine) as session:
                row = self._next(session)
                if row is None:
                    break
                leased = self._lease(session, row)
            if leased is not None:
                sent += self._send(leased)
        return sent

    # --- before ----------------------------------------------------------------------------------------------------------

    def _next(self, session: Session) -> Delivery | None:
        """The delivery to be sent next that no other worker has in hand: urgent ones first, then the oldest."""
        at = self._now()
        rests = {name for name, (until, pause) in self._resting.items() if timedelta() < until - at <= pause}
        open_channels = sorted(set(self._carriers) - rests)
        if not open_channels:
            return None
        return session.scalars(
            select(Delivery)
            .where(Delivery.status.in_(OPEN), Delivery.due_at <= at, Delivery.channel.in_(open_channels))
            .order_by(Delivery.urgent.desc(), Delivery.due_at, Delivery.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()

    def _lease(self, session: Session, row: Delivery) -> Leased | None:
        """Takes the delivery, or closes or puts off what is not to be sent now."""
        at = self._now()
        if row.attempts >= self._settings.outbox_attempts:
            row.status = DEAD  # The last worker that tried never came back to say so.
            return None
        pieces = self._pieces(session, row, at)
        found = readers(session, {one.message.contract_key for one in pieces}, at, only=[row.person_id])
        address = self._address(session, row)
        reachable = bool(found) and address is not None
        pieces_allowed = [one for one in pieces if reachable and _may_know(found[0], one.message)]
        for one in pieces:
            if one not in pieces_allowed:
                one.delivery.status = DROPPED
        if row.status == DROPPED or address is None or self._is_too_early(row, found[0], pieces[0], at):
            return None
        if len(pieces_allowed) > 1:
            self._join(row, pieces_allowed)
        row.status, row.fence, row.attempts = SENDING, row.fence + 1, row.attempts + 1
        row.due_at = at + timedelta(seconds=self._settings.outbox_lease_seconds)
        letter = Letter(row.reference, address, row.subject, row.body, at)
        return Leased(row.id, row.fence, row.attempts, row.channel, row.due_at, letter)

    def _pieces(self, session: Session, row: Delivery, at: datetime) -> list[Piece]:
        """The delivery with its message; for a letter of the day with all others that are due to go in it, row first."""
        query = (
            select(Delivery, Message, Ticket.number)
            .join(Message, Message.id == Delivery.message_id)
            .outerjoin(Ticket, Ticket.id == Message.ticket_id)
        )
        if row.status != HELD:
            return [Piece(*one) for one in session.execute(query.where(Delivery.id == row.id))]
        together = query.where(
            Delivery.person_id == row.person_id,
            Delivery.channel == row.channel,
            Delivery.status == HELD,
            Delivery.due_at <= at,
        ).order_by(Delivery.message_id)
        found = session.execute(together.limit(LONGEST_DIGEST).with_for_update(of=Delivery, skip_locked=True))
        pieces = [Piece(*one) for one in found]
        return sorted(pieces, key=lambda one: one.delivery.id != row.id)

    def _is_too_early(self, row: Delivery, reader: Reader, piece: Piece, at: datetime) -> bool:
        """Whether quiet hours have come meanwhile: by a retry, an outage or a changed wish. It is then put off."""
        zone = ZoneInfo(self._told(piece.message, piece.number).zone)
        if row.urgent or not is_quiet(reader.preferences, at, zone):
            return False
        row.due_at = when(reader.preferences, at, zone, urgent=False)
        return True

    def _join(self, row: Delivery, pieces: Sequence[Piece]) -> None:
        """One letter out of several, under the reference of `row`; from now on its words stand."""
        in_order = sorted(pieces, key=lambda one: one.message.id)
        words = self._writer.digest(
            [self._told(one.message, one.number) for one in in_order], row.language, row.channel
        )
        row.subject, row.body = words.subject, words.body
        for one in pieces:
            if one.delivery is not row:
                one.delivery.status, one.delivery.joined_id = JOINED, row.id

    def _address(self, session: Session, row: Delivery) -> str | None:
        try:
            return addresses(session, self._keyring, row.person_id).get(row.channel)
        except BrokenSeal:
            log.error("the address for delivery %s cannot be opened: it was sealed with another key", row.id)
            return None

    # --- and after -------------------------------------------------------------------------------------------------------

    def _send(self, leased: Leased) -> int:
        """Sends, and says what became of it; 1 if it was sent."""
        if self._now() >= leased.until:
            return 0  # This worker was held up for so long that another one may be sending by now.
        try:
            self._carriers[leased.channel].carry(leased.letter)
        except Undelivered as fault:
            self._failed(leased, fault)
            return 0
        except Exception as fault:
            log.exception("delivery %s: the carrier has made a mistake", leased.id)
            self._failed(leased, NotNow(type(fault).__name__))
            return 0
        self._resting.pop(leased.channel, None)
        return self._finish(leased, status=SENT, sent_at=self._now(), fault="", detail="")

    def _failed(self, leased: Leased, fault: Undelivered) -> None:
        at, settings = self._now(), self._settings
        if isinstance(fault, Unreachable):
            _, before = self._resting.get(leased.channel, (at, PAUSE / 2))
            pause = min(before * 2, LONGEST_PAUSE)
            self._resting[leased.channel] = at + pause, pause
        is_dead = isinstance(fault, Refused) or leased.attempts >= settings.outbox_attempts
        due_at = next_try(
            at,
            attempts=leased.attempts,
            reference=leased.letter.reference,
            first=timedelta(seconds=settings.outbox_first_retry_seconds),
            longest=timedelta(hours=settings.outbox_longest_retry_hours),
        )
        status = DEAD if is_dead else FAILED
        log.warning("delivery %s by %s: %s %s", leased.id, leased.channel, fault.fault, fault.detail)
        self._finish(leased, status=status, due_at=due_at, fault=fault.fault, detail=fault.detail)

    def _finish(self, leased: Leased, **values: object) -> int:
        """Writes it down, unless somebody with a newer fence has taken over; how many rows that were."""
        with transaction(self._engine) as session:
            done = session.execute(
                update(Delivery)
                .where(Delivery.id == leased.id, Delivery.fence == leased.fence, Delivery.status == SENDING)
                .values(**values)
                .execution_options(synchronize_session=False)
            )
            return int(done.rowcount)  # type: ignore[attr-defined]  # An update answers with a cursor, which counts.


def _may_know(reader: Reader, message: Message) -> bool:
    return reader.may_know(message.contract_key, message.party, message.at)
