"""From a message to its deliveries: who is told, by which channels, in which words, and from when on.

A message leaves the queue in the transaction that makes its deliveries. A worker that is killed in between has made
none, and whoever comes next makes them all: none is lost, none is made twice.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

from sqlalchemy import Engine, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from auth.records import Keyring
from database import insert_into, transaction
from tickets.models import Event, Message, Ticket
from tickets.outbox.letters import Told, Worded, Writer
from tickets.outbox.models import DESK_CHANNEL, HELD, SENT, WAITING, Delivery, Untold
from tickets.outbox.people import Reader, readers
from tickets.outbox.places import place_of
from tickets.outbox.timing import when
from workflow.contract import Contract
from workflow.declare import Workflow

log = logging.getLogger("counterpart.outbox")
AT_ONCE = 20
"""Messages in one transaction: SQLite lets nobody else write meanwhile."""
RETRY_AFTER = timedelta(minutes=1)


@dataclass(frozen=True)
class Notice:
    """A message with what decides about its readers."""

    message: Message
    ticket: Ticket | None
    """None where it is about no ticket."""
    actor: int | None
    """The natural person who acted."""
    dest: str | None


class FanOut:
    """Makes deliveries for `channels`: those that somebody carries; the page's bell is always one of them."""

    def __init__(
        self,
        engine: Engine,
        keyring: Keyring,
        now: Callable[[], datetime],
        contracts: Mapping[str, Contract],
        workflows: Mapping[str, Workflow],
        writer: Writer,
        channels: Collection[str],
        languages: Collection[str],
        display_zone: str,
    ) -> None:
        self._engine, self._now = engine, now
        self._contracts, self._workflows = contracts, workflows
        self._writer, self._channels = writer, (DESK_CHANNEL, *channels)
        self._languages, self._zone = tuple(languages), display_zone
        self._key = keyring.sealer.derive("outbox")

    def turn(self, most: int = 200) -> int:
        """Makes the deliveries of up to `most` messages; returns of how many."""
        done = 0
        while done < most:
            with transaction(self._engine) as session:
                told, seen = self._batch(session)
            done += told
            if seen < AT_ONCE:
                break
        return done

    def _batch(self, session: Session) -> tuple[int, int]:
        """How many messages were told, and how many were looked at."""
        at = self._now()
        notices = _untold(session, at)
        if not notices:
            return 0, 0
        known = readers(session, {one.message.contract_key for one in notices}, at)
        made: list[dict[str, Any]] = []
        told, failed = [], []
        for notice in notices:
            try:
                made += self._deliveries(notice, known, at)
                told.append(notice.message.id)
            except Exception:
                log.exception("message %s could not be put into words", notice.message.id)
                failed.append(notice.message.id)
        if made:
            session.execute(insert_into(session, Delivery).on_conflict_do_nothing(), made)
        if told:
            session.execute(delete(Untold).where(Untold.message_id.in_(told)))
        if failed:
            session.execute(update(Untold).where(Untold.message_id.in_(failed)).values(retry_at=at + RETRY_AFTER))
        return len(told), len(notices)

    def lost(self, session: Session, after: int, limit: int) -> tuple[list[int], int]:
        """Of the `limit` messages after this one those that stand neither in the queue nor in a delivery though somebody was
        to be told, and the last that was looked at (0: there was none). What was said just now is left to the next look."""
        at = self._now()
        rows = session.execute(
            _WHOLE.add_columns(exists().where(Untold.message_id == Message.id))
            .add_columns(exists().where(Delivery.message_id == Message.id))
            .where(Message.id > after, Message.at < at - RETRY_AFTER)
            .order_by(Message.id)
            .limit(limit)
        ).all()
        found = [Notice(*whole) for *whole, is_queued, is_told in rows if not is_queued and not is_told]
        known = readers(session, {one.message.contract_key for one in found}, at) if found else []
        lost = [one.message.id for one in found if self._deliveries(one, known, at)]
        return lost, rows[-1][0].id if rows else 0

    def _deliveries(self, notice: Notice, known: Collection[Reader], at: datetime) -> list[dict[str, Any]]:
        told = self.told(notice.message, notice.ticket.number if notice.ticket else None)

        @cache
        def worded(language: str, channel: str) -> Worded:
            return self._writer.notice(told, language, channel)

        return [
            self._row(notice.message, reader, channel, worded, at)
            for reader in self._readers(notice, known)
            for channel in self._channels
            if _by(reader, channel, notice.message)
        ]

    def _readers(self, notice: Notice, known: Collection[Reader]) -> list[Reader]:
        """Whom it concerns; of a message that names its readers those, and everybody of the party where none of them may
        know of it any more: a call that nobody hears would be silence."""
        concerned = [reader for reader in known if self._concerns(notice, reader)]
        named = [reader for reader in concerned if reader.person in (notice.message.readers or ())]
        return named or concerned

    def told(self, message: Message, number: str | None) -> Told:
        """The message as letters tell it, with the contract's zone."""
        contract = self._contracts.get(message.contract_key)
        zone = contract.calendar.zone.key if contract else self._zone
        return Told(message.words, place_of(message, number), message.at, zone, message.urgent)

    def _concerns(self, notice: Notice, reader: Reader) -> bool:
        """Whether the reader is to be told: a mandate for the party when it happened and now, no draft of another party,
        and not what they have just done themselves, unless it is urgent."""
        message, ticket = notice.message, notice.ticket
        if not reader.may_know(message.contract_key, message.party, message.at):
            return False
        if ticket is not None and self._is_draft(ticket, notice.dest) and message.party != ticket.opened_party:
            return False
        return message.urgent or reader.natural != notice.actor

    def _is_draft(self, ticket: Ticket, dest: str | None) -> bool:
        """Whether the ticket is its opener's alone, now or after the act that is told of."""
        workflow = self._workflows.get(ticket.kind)
        state = workflow.states.get(dest or "") if workflow else None
        return ticket.opener_only or (state is not None and state.opener_only)

    def _row(
        self, message: Message, reader: Reader, channel: str, worded: Callable[[str, str], Worded], at: datetime
    ) -> dict[str, Any]:
        language = reader.language if reader.language in self._languages else self._languages[0]
        words, in_page = worded(language, channel), channel == DESK_CHANNEL
        contract = self._contracts.get(message.contract_key)
        due_at, status = at, SENT
        if not in_page:
            zone = contract.calendar.zone if contract else None
            due_at = when(reader.preferences, message.at, zone, urgent=message.urgent) if zone else at
            status = HELD if reader.preferences.gathers(urgent=message.urgent) else WAITING
        return {
            "message_id": message.id,
            "person_id": reader.person,
            "channel": channel,
            "reference": self.reference(message.id, reader.person, channel),
            "urgent": message.urgent,
            "language": language,
            "subject": words.subject,
            "body": words.body,
            "status": status,
            "made_at": at,
            "due_at": due_at,
            "sent_at": at if in_page else None,
        }

    def reference(self, message: int, person: int, channel: str) -> str:
        """The same for ever, different for each delivery and in each house, and telling nobody how many there are."""
        text = f"{message}:{person}:{channel}".encode()
        return f"{hmac.new(self._key, text, sha256).hexdigest()[:32]}.{sha256(self._key).hexdigest()[:8]}"


def _by(reader: Reader, channel: str, message: Message) -> bool:
    """Whether the reader is told by this channel. A message that names channels goes by those of them that the reader has,
    whatever the reader prefers; who has none of them is told as of any other."""
    if channel == DESK_CHANNEL:
        return True
    named = reader.addressed.intersection(message.channels or ())
    return channel in (named or reader.addressed) and (
        bool(named) or reader.preferences.wants(channel, urgent=message.urgent)
    )


_WHOLE = (
    select(Message, Ticket, Event.person_id, Event.dest)
    .select_from(Message)
    .outerjoin(Ticket, Ticket.id == Message.ticket_id)
    .outerjoin(Event, Event.id == Message.event_id)
)


def _untold(session: Session, at: datetime) -> list[Notice]:
    """The oldest messages of the queue that no other worker has in hand."""
    rows = session.execute(
        _WHOLE.join(Untold, Untold.message_id == Message.id)
        .where(or_(Untold.retry_at.is_(None), Untold.retry_at <= at))
        .order_by(Untold.message_id)
        .limit(AT_ONCE)
        .with_for_update(of=Untold, skip_locked=True)
    )
    return [Notice(*row) for row in rows]
