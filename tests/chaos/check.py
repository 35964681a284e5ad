"""After the kills: what was promised and what is on record, compared. Each line says what is wrong; none is what it must be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, select, text

from database import reading
from tests.api.house import House
from tests.chaos.load import Asked
from tests.stage import CAST
from tickets import log_check
from tickets.models import Answer, Event, Message, Paper, Ticket, Timer
from tickets.outbox.models import DEAD, SENT, Delivery, Untold
from tickets.watch.models import Mending
from tickets.watch.sweep import FREED, MENDED, QUEUED

Left = tuple[Any, ...]
WHOLE = {
    "gap in the history": "SELECT ticket_id FROM event GROUP BY ticket_id HAVING count(*) <> max(sequence)",
    "ticket behind its events": "SELECT number FROM ticket t WHERE events <> (SELECT count(*) FROM event WHERE ticket_id = t.id)",
    "number left out": "SELECT last FROM series WHERE last <> (SELECT count(*) FROM ticket)",
}
"""What never gives a row where every act is whole."""


@dataclass(frozen=True)
class Record:
    """Everything on record that is compared, read at once."""

    events: Sequence[tuple[Event, Ticket]]
    answers: Mapping[tuple[int, str], dict[str, Any]]
    timers: Sequence[Timer]
    left: Mapping[int, Left]
    """By event: what it left behind, as far as it is the same whenever the same is done."""


def read(engine: Engine) -> Record:
    with reading(engine) as session:
        rows = session.execute(select(Event, Ticket).join(Ticket, Ticket.id == Event.ticket_id).order_by(Event.id))
        events = [(event, ticket) for event, ticket in rows]
        answers = {(one.account_id, one.key): one.outcome for one in session.scalars(select(Answer))}
        timers = list(session.scalars(select(Timer)))
        messages, papers = Counter[tuple[int, str]](), Counter[int]()
        messages.update((event, party) for event, party in session.execute(select(Message.event_id, Message.party)))
        papers.update(session.scalars(select(Paper.event_id)))
    begun: dict[tuple[int, int], list[str]] = {}
    for timer in timers:
        begun.setdefault((timer.ticket_id, timer.started_event), []).append(timer.deadline)
    told: dict[int, list[str]] = {}
    for (event_id, party), many in messages.items():
        told.setdefault(event_id, []).append(f"{party}×{many}")
    left = {
        event.id: (
            sorted(told.get(event.id, [])),
            sorted(begun.get((event.ticket_id, event.sequence), [])) if event.accepted else [],
            papers[event.id],
        )
        for event, _ in events
    }
    return Record(events, answers, timers, left)


def habits(record: Record) -> dict[Left, set[str]]:
    """What each act leaves behind, learnt in a quiet house."""
    found: dict[Left, set[str]] = {}
    for event, _ in record.events:
        found.setdefault(_kind(event), set()).add(str(record.left[event.id]))
    return found


def _kind(event: Event) -> Left:
    return event.action, event.accepted, event.reason, event.source, event.dest


def faults(
    house: House, journal: Sequence[Asked], quiet: Mapping[Left, set[str]], letters: Iterable[str], workflows: Any
) -> list[str]:
    """Everything that was lost, doubled, or half done."""
    record = read(house.engine)
    found = [f"log: {fault}" for fault in log_check.verify(house.room.desk)]
    with house.engine.connect() as connection:
        for name, query in WHOLE.items():
            found += [f"half applied: {name}: {tuple(row)}" for row in connection.execute(text(query))]
        for what, row in connection.execute(select(Mending.what, Mending.subject_id).where(Mending.what != FREED)):
            # Whoever was killed in the middle of an act leaves nothing for the sweep to find; a lease may outlive its holder.
            found.append(f"{'not told' if what == QUEUED else 'half applied'}: mended by the sweep: {what} {row}")
        if house.engine.dialect.name == "sqlite":
            said = connection.execute(text("PRAGMA integrity_check")).scalar()
            found += [] if said == "ok" else [f"integrity: {said}"]
    return [
        *found,
        *promises(record, journal, house.ids),
        *_halves(record, quiet, workflows),
        *_strikes(record, workflows),
        *_messages(house, letters),
    ]


def promises(record: Record, journal: Sequence[Asked], ids: Mapping[str, int]) -> list[str]:
    """Whoever was answered finds it on record, as it was answered; who was not finds it once or not at all."""
    found = []
    places: dict[Any, Event] = {(ticket.number, event.sequence): event for event, ticket in record.events}
    for one in journal:
        kept = record.answers.get((ids[one.by], one.key))
        if not one.status:
            continue
        place = (kept["number"], (kept["event"] or {}).get("sequence")) if kept else None
        event = places.get(place) if place else None
        if event is None or event.action != one.action or event.accepted is not (one.status < 400):
            found.append(f"acknowledged but lost: {one.key} ({one.action}, {one.status})")
        elif one.status < 400 and (place, event.leaf, event.log_index) != (
            (one.number, one.sequence),
            one.leaf,
            one.index,
        ):
            found.append(f"acknowledged but altered: {one.key} ({one.action})")
    marks = Counter(one for event, _ in record.events for one in _marks(event.fields))
    found += [f"done twice: {mark}, {many} times" for mark, many in marks.items() if many > 1]
    by_people = sum(event.account_id is not None for event, _ in record.events)
    if by_people != len(record.answers):
        found.append(f"half applied: {by_people} acts of people, {len(record.answers)} answers")
    known = {(ids[one.by], one.key) for one in journal}
    found += [f"never asked for: {key}" for key in record.answers if key not in known]
    return found


def _marks(fields: Mapping[str, Any]) -> list[str]:
    return [one for one in fields.values() if isinstance(one, str) and one.startswith("mark ")]


def _halves(record: Record, quiet: Mapping[Left, set[str]], workflows: Any) -> list[str]:
    """What a person does leaves behind what it leaves behind when nobody is killed, and is told where it is to be told.
    What the clock does depends on what it finds."""
    found = []
    for event, ticket in record.events:
        if event.account_id is None:
            continue
        left, usual = record.left[event.id], quiet.get(_kind(event), set())
        action = workflows[ticket.kind].actions[event.action]
        if (event.accepted and action.tells and not left[0]) or (usual and str(left) not in usual):
            found.append(f"half applied: {ticket.number} #{event.sequence} {event.action} left {left}")
    return found


def _strikes(record: Record, workflows: Any) -> list[str]:
    """Each limit that ran out was noted, and by one act of the clock."""
    found = []
    noted, owed = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    numbers, kinds = {}, {}
    for event, ticket in record.events:
        numbers[ticket.id], kinds[ticket.id] = ticket.number, ticket.kind
        if event.door == "clock" and event.action != MENDED.name:
            noted[ticket.number, event.action] += 1
    for timer in record.timers:
        if timer.status == "missed":
            missed = workflows[kinds[timer.ticket_id]].deadlines[timer.deadline].missed
            owed[numbers[timer.ticket_id], missed] += 1
    for place in sorted({*noted, *owed}):
        if noted[place] != owed[place]:
            word = "struck twice" if noted[place] > owed[place] else "struck but not noted"
            found.append(f"{word}: {place[0]} {place[1]}: {noted[place]} acts of the clock for {owed[place]} limits")
    return found


def late(engine: Engine, before: Any) -> list[str]:
    """Limits that ran out before this moment and that nobody noted; messages that nobody was told of yet."""
    with engine.connect() as connection:
        running = connection.execute(
            select(Timer.id).where(Timer.status.in_(["running", "failed"]), Timer.due_at < before)
        )
        waiting = connection.execute(
            select(Untold.message_id).join(Message, Message.id == Untold.message_id).where(Message.at < before)
        )
        open_ = connection.execute(
            select(Delivery.id).where(
                Delivery.status.not_in((SENT, DEAD, "joined", "dropped")), Delivery.due_at < before
            )
        )
        return [
            *(f"not struck: timer {one.id}" for one in running),
            *(f"not told: message {one.message_id}" for one in waiting),
            *(f"not sent: delivery {one.id}" for one in open_),
        ]


def _messages(house: House, letters: Iterable[str]) -> list[str]:
    """Everybody whom a message concerns was told of it once in the pages; each letter that is called sent arrived."""
    found, arrived = [], set(letters)
    party_of = {name: role.split(".")[0] for name, role in _roles(house).items()}
    with house.engine.connect() as connection:
        told: dict[int, Counter[int]] = {}
        for delivery in connection.execute(
            select(Delivery.message_id, Delivery.person_id, Delivery.channel, Delivery.status, Delivery.reference)
        ):
            if delivery.channel == "desk":
                told.setdefault(delivery.message_id, Counter())[delivery.person_id] += 1
            elif delivery.status == SENT and not any(delivery.reference in one for one in arrived):
                found.append(f"called sent, never arrived: {delivery.reference}")
            elif delivery.status == DEAD:
                found.append(f"given up: {delivery.reference}")
        waiting = set(
            connection.execute(select(Untold.message_id)).scalars()
        )  # Since everybody was told, and not lost.
        for message in connection.execute(
            select(Message.id, Message.party, Message.urgent, Message.readers, Event.person_id).join(
                Event, Event.id == Message.event_id
            )
        ):
            concerned = {person for person, party in party_of.items() if party == message.party}
            concerned -= set() if message.urgent else {message.person_id}
            concerned = concerned & set(message.readers or ()) or concerned
            if told.get(message.id, Counter()) != Counter(concerned) and message.id not in waiting:
                found.append(f"not told: message {message.id} to {message.party}")
    return found


def _roles(house: House) -> dict[int, str]:
    return {house.ids[name]: role for name, role in CAST.items()}
