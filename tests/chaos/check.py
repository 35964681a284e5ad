"""After the kills: what was promised and what is on record, compared. Each line says what is wrong; none is what it must be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, select, text

import workflow as workflows
from database import reading
from tests.api.house import House
from tests.chaos import history
from tests.chaos.history import Call, Entry, History, Row
from tests.stage import CAST
from tickets.models import Answer, Event, Link, Message, Ticket, Timer, Tree
from tickets.outbox.models import CLOSED, DESK_CHANNEL, SENT, Delivery, Untold
from tickets.simulate import checks
from tickets.watch.models import Mending
from tickets.watch.sweep import FREED, QUEUED

WHOLE = {
    "ticket behind its events": "SELECT number FROM ticket t WHERE events <> (SELECT count(*) FROM event WHERE ticket_id = t.id)",
    "number left out": "SELECT name, last FROM series s WHERE last <>"
    " (SELECT count(*) FROM ticket t WHERE t.contract_key = s.contract_key AND t.number LIKE '%-' || s.name || '-%')",
}
"""What never gives a row where every act is whole."""
WORKFLOWS = workflows.discover()
EMAIL = "email"
ADDRESSED = ("staff1", "approver1", "engineer1", "manager1", "reviewer1")
"""Who gets letters too."""


def read(engine: Engine, calls: Sequence[Call] = ()) -> History:
    """What clients saw, and everything on record that it is compared with, read at once."""
    with reading(engine) as session:
        rows = session.execute(
            select(Event, Ticket.number, Ticket.kind).join(Ticket, Ticket.id == Event.ticket_id).order_by(Event.id)
        ).all()
        places = {event.id: (number, event.sequence) for event, number, _ in rows}
        opened = {one.other_id: places[one.event_id] for one in session.scalars(select(Link))}
        entries = [
            Entry(
                event.contract_key, event.log_index, number, event.sequence, event.account_id, event.action, event.accepted,
                event.leaf, event.source, event.dest, _marks(kind, event), opened.get(event.ticket_id),
            )
            for event, number, kind in rows
        ]  # fmt: skip
        answers = {(one.account_id, one.key): _place(one.outcome) for one in session.scalars(select(Answer))}
        tickets = {one.number: Row(one.state, one.events) for one in session.scalars(select(Ticket))}
        frontiers = {one.contract_key: (one.size, list(one.frontier)) for one in session.scalars(select(Tree))}
    return History(calls, entries, answers, tickets, frontiers)


def _place(outcome: Mapping[str, Any]) -> history.Place | None:
    event = outcome.get("event")
    return (outcome["number"], event["sequence"]) if event else None


def _marks(kind: str, event: Event) -> tuple[str, ...]:
    """What was said by this act. What the desk put beside it from the record, as into a report, others have said before."""
    action = WORKFLOWS[kind].actions.get(event.action)
    said = [event.fields.get(name) for name in action.form.model_fields] if action and action.form else []
    return tuple({one for one in said if isinstance(one, str) and one.startswith("mark ")})


def faults(house: House, calls: Sequence[Call], letters: Collection[str], at: datetime) -> list[str]:
    """Everything that was lost, doubled, or half done. `at`: by the quick clock; nothing that ran out before is still to be
    struck. `letters`: Message-IDs of those that arrived."""
    found = history.faults(read(house.engine, calls))
    desk = house.room.desk
    told = checks.failures(desk, house.contract, at)
    found += [f"{name}: {line}" for name, lines in told.items() for line in lines]
    with house.engine.connect() as connection:
        for name, query in WHOLE.items():
            found += [f"half applied: {name}: {tuple(row)}" for row in connection.execute(text(query))]
        found += _mended(connection)
        if house.engine.dialect.name == "sqlite":
            said = connection.execute(text("PRAGMA integrity_check")).scalar()
            found += [] if said == "ok" else [f"integrity: {said}"]
        found += _untold(connection, house.workflows)
        found += _messages(connection, house, letters)
    return found


def _mended(connection: Connection) -> Iterator[str]:
    """Whoever was killed in the middle of an act leaves nothing for the sweep to find; a lease may outlive its holder."""
    for what, row in connection.execute(select(Mending.what, Mending.subject_id).where(Mending.what != FREED)):
        yield f"{'not told' if what == QUEUED else 'half applied'}: mended by the sweep: {what} {row}"


def _untold(connection: Connection, workflows: Any) -> Iterator[str]:
    """Whom an act is to be told has a message of it."""
    rows = connection.execute(
        select(Ticket.number, Ticket.kind, Event.sequence, Event.action)
        .join(Event, Event.ticket_id == Ticket.id)
        .outerjoin(Message, Message.event_id == Event.id)
        .where(Event.accepted, Event.account_id.is_not(None), Message.id.is_(None))
    )
    for number, kind, sequence, action in rows:
        if workflows[kind].actions[action].tells:
            yield f"half applied: {number} #{sequence} {action} has no message"


def late(engine: Engine, before: datetime) -> list[str]:
    """Limits that ran out before this moment and that nobody noted; messages that nobody was told of yet."""
    with engine.connect() as connection:
        running = connection.execute(
            select(Timer.id).where(Timer.status.in_(["running", "failed"]), Timer.due_at < before)
        )
        waiting = connection.execute(
            select(Untold.message_id).join(Message, Message.id == Untold.message_id).where(Message.at < before)
        )
        open_ = connection.execute(select(Delivery.id).where(Delivery.status.not_in(CLOSED), Delivery.due_at < before))
        return [
            *(f"not struck: timer {one.id}" for one in running),
            *(f"not told: message {one.message_id}" for one in waiting),
            *(f"not sent: delivery {one.id}" for one in open_),
        ]


def _messages(connection: Connection, house: House, letters: Collection[str]) -> Iterator[str]:
    """Everybody whom a message concerns was told of it once in the pages and, who has an address, once by letter; each
    letter that is called sent arrived, and none arrived of what is not on record."""
    arrived = {one.partition("@")[0].strip("<") for one in letters}
    known, told = set(), dict[tuple[int, str], Counter[int]]()
    waiting = set(connection.execute(select(Untold.message_id)).scalars())  # Since everybody was told, and not lost.
    for one in connection.execute(
        select(
            Delivery.message_id,
            Delivery.person_id,
            Delivery.channel,
            Delivery.status,
            Delivery.reference,
            Delivery.fault,
        )
    ):
        told.setdefault((one.message_id, one.channel), Counter())[one.person_id] += 1
        known.add(one.reference)
        if one.channel == EMAIL and one.status == SENT and one.reference not in arrived:
            yield f"not told: called sent, never arrived: {one.reference}"
        elif one.status not in CLOSED or one.status == SENT:
            continue
        else:
            yield f"not told: given up: {one.reference} ({one.status} {one.fault})"
    yield from (f"told of nothing: letter {one} is of no delivery" for one in sorted(arrived - known))
    for message, concerned in _concerned(connection, house):
        for channel, everybody in (
            (DESK_CHANNEL, concerned),
            (EMAIL, concerned & {house.ids[name] for name in ADDRESSED}),
        ):
            if told.get((message.id, channel), Counter()) != Counter(everybody) and message.id not in waiting:
                yield f"not told: message {message.id} to {message.party} by {channel}"


def _concerned(connection: Connection, house: House) -> Iterator[tuple[Any, set[int]]]:
    """Each message with those who are to be told of it: their party's, but not who did it, and no other party's drafts."""
    party_of = {house.ids[name]: role.split(".")[0] for name, role in CAST.items()}
    for message in connection.execute(
        select(Message.id, Message.party, Message.urgent, Message.readers, Event.person_id, Event.dest)
        .add_columns(Ticket.kind, Ticket.opener_only, Ticket.opened_party)
        .join(Event, Event.id == Message.event_id)
        .join(Ticket, Ticket.id == Message.ticket_id)
    ):
        state = house.workflows[message.kind].states.get(message.dest or "")
        is_draft = message.opener_only or (state is not None and state.opener_only)
        concerned = {person for person, party in party_of.items() if party == message.party}
        if is_draft and message.party != message.opened_party:
            concerned = set()
        concerned -= set() if message.urgent else {message.person_id}
        yield message, concerned & set(message.readers or ()) or concerned
