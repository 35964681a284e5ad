"""What one transaction writes: each event with its leaf at once, all that is only added beside them together at the end.

An act may open a second ticket. Its messages and limits then go into the same statement as those of the first, and the
frontier of the log is written once, so that an act stays cheap whatever follows from it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import case, insert, update
from sqlalchemy.orm import Session

from tickets.duty.models import Unanswerable
from tickets.log import grow, leaf_bytes, leaf_hash
from tickets.models import Event, Message, Paper, Ticket, Timer, Tree
from workflow.attempt import Attempt
from workflow.canonical import plain
from workflow.declare import Party, Words
from workflow.wording import to_data

Salt = Callable[[], str]
"""Makes what an event's contents are salted with: 16 bytes in hexadecimal, another for each event."""


def new_salt() -> str:
    """By chance. Only where the same seed has to lead to the same log twice does somebody bring salts of their own."""
    return secrets.token_hex(16)


@dataclass(frozen=True)
class Entry:
    """What an event says, before it has its place in the log."""

    accepted: bool
    reason: str
    dest: str | None
    version: int
    content: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    proofs: Sequence[Mapping[str, Any]] = ()
    missing: Sequence[Mapping[str, Any]] = ()
    notices: Sequence[Mapping[str, Any]] = ()


class Pen:
    """Writes in one transaction, whose write lock is held. Whoever takes it up by `pen` cannot forget to put it down."""

    def __init__(self, session: Session, salt: Salt = new_salt) -> None:
        self.session, self._salt = session, salt
        self._grown: dict[str, tuple[Tree, int, list[bytes]]] = {}
        self._messages: list[dict[str, Any]] = []
        self._unanswered: list[dict[str, Any]] = []
        self._timers: list[dict[str, Any]] = []
        self._ended: dict[datetime, dict[int, str | None]] = {}

    def event(
        self, row: Ticket, attempt: Attempt, entry: Entry, *, clause: str, door: str, paper: Paper | None = None
    ) -> tuple[Event, dict[str, Any]]:
        """The event, on record with its place in the log, and the receipt of its leaf. Its row's number is known once the
        session is flushed, at the latest when the pen is put down: many events then cost no more statements than one."""
        tree, size, frontier = self._tree(row.contract_key)
        told = {"log_index": size, **_told(row, attempt, entry, clause, door), "salt": self._salt()}
        leaf = leaf_hash(leaf_bytes({**told, "papers": [paper.digest] if paper else []}))
        grown = grow(size, frontier, leaf)
        self._grown[row.contract_key] = (tree, grown.size, list(grown.frontier))
        if row not in self.session:
            self.session.add(row)
            self.session.flush()
        told.pop("ticket")
        event = Event(ticket_id=row.id, leaf=leaf.hex(), **told)
        self.session.add(event)
        receipt = {
            "origin": f"counterpart/{row.contract_key}",
            "index": grown.size - 1,
            "size": grown.size,
            "leaf": leaf.hex(),
            "root": grown.root.hex(),
            "proof": [h.hex() for h in grown.proof],
            "ticket": row.number,
            "sequence": row.events,
            "at": plain(attempt.at),
        }
        return event, receipt

    def tell(
        self,
        row: Ticket,
        event: Event,
        parties: Sequence[Party],
        words: Words,
        *,
        urgent: bool = False,
        readers: Sequence[int] | None = None,
        channels: Sequence[str] = (),
    ) -> None:
        """A message to each of the parties: to everybody, or to these accounts of it; by all channels, or by these."""
        self._messages += [
            {
                "contract_key": row.contract_key,
                "ticket_id": row.id,
                "event": event,
                "party": party.name,
                "at": event.at,
                "words": to_data(words),
                "urgent": urgent,
                "readers": None if readers is None else list(readers),
                "channels": list(channels) or None,
            }
            for party in parties
        ]

    def unanswered(self, row: Ticket, event: Event, party: str, post: str) -> None:
        """A call has found nobody of the party at this post."""
        self._unanswered.append(
            {
                "contract_key": row.contract_key,
                "ticket_id": row.id,
                "event": event,
                "party": party,
                "post": post,
                "at": event.at,
            }
        )

    def begin(self, timers: Sequence[dict[str, Any]]) -> None:
        """Limits that begin to run."""
        self._timers += timers

    def end(self, timers: Mapping[int, str | None], at: datetime) -> None:
        """Limits that end at `at`, each with the status that it then has, or None where it keeps the one it had."""
        self._ended.setdefault(at, {}).update(timers)

    def put_down(self) -> None:
        """Writes what was kept for the end."""
        for tree, size, frontier in self._grown.values():
            tree.size, tree.frontier = size, [h.hex() for h in frontier]
        self.session.flush()
        for at, ended in self._ended.items():
            self._end(ended, at)
        for told in (*self._messages, *self._unanswered):
            told["event_id"] = told.pop("event").id
        for table, rows in ((Timer, self._timers), (Message, self._messages), (Unanswerable, self._unanswered)):
            if rows:
                self.session.execute(insert(table).execution_options(render_nulls=True), rows)

    def _end(self, ended: Mapping[int, str | None], at: datetime) -> None:
        values: dict[str, Any] = {"stopped_at": at}
        whens = [
            (Timer.id.in_([one for one, to in ended.items() if to == status]), status)
            for status in sorted({to for to in ended.values() if to is not None})
        ]
        if whens:
            values["status"] = case(*whens, else_=Timer.status)
        self.session.execute(
            update(Timer).where(Timer.id.in_(ended)).values(**values).execution_options(synchronize_session=False)
        )

    def _tree(self, key: str) -> tuple[Tree, int, list[bytes]]:
        if key not in self._grown:
            tree = self.session.get_one(Tree, key)  # The desk has locked it.
            self._grown[key] = (tree, tree.size, [bytes.fromhex(h) for h in tree.frontier])
        return self._grown[key]


@contextmanager
def pen(session: Session, salt: Salt = new_salt) -> Iterator[Pen]:
    """A pen for the length of a transaction. Where the act fails nothing of what it kept is written."""
    taken = Pen(session, salt)
    yield taken
    taken.put_down()


def _told(row: Ticket, attempt: Attempt, entry: Entry, clause: str, door: str) -> dict[str, Any]:
    """What the event says: who did what, where from and where to, in whose name, with what was said."""
    actor = attempt.actor
    return {
        "contract_key": row.contract_key,
        "ticket": row.number,
        "sequence": row.events,
        "at": attempt.at,
        "action": attempt.action,
        "clause": clause,
        "accepted": entry.accepted,
        "reason": entry.reason,
        "account_id": actor.account,
        "person_id": actor.person,
        "name": actor.name,
        "party": actor.party.name if actor.party else "",
        "role": actor.roles[0].name if actor.roles else "",
        "door": door,
        "source": attempt.ticket.state,
        "dest": entry.dest,
        "version": entry.version,
        "content": entry.content,
        "fields": dict(entry.fields),
        "proofs": list(entry.proofs),
        "missing": list(entry.missing),
        "notices": list(entry.notices),
    }
