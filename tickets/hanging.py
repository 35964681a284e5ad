"""What hangs on a ticket as it lies in the tables: whole rows for those who show them, or only what guards rely on.

An act reads the whole history of its ticket. Of each event it needs who did what and when, and what was filled in; what it
relied on or lacked is the greater half of an event, and is for readers alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select
from sqlalchemy.orm import Session

from tickets import gather_sql
from tickets.models import Event, Paper, Signature, Ticket, Timer


class EventLine(NamedTuple):
    """An event as guards know it, in the order of `Past`."""

    sequence: int
    action: str
    accepted: bool
    person_id: int | None
    account_id: int | None
    name: str
    party: str
    at: datetime
    content: str
    source: str | None
    dest: str | None
    fields: Mapping[str, Any]
    reason: str


class PaperLine(NamedTuple):
    """A version of a paper as guards know it."""

    id: int
    kind: str
    version: int
    digest: str
    content: str
    filed_by: int | None
    party: str
    at: datetime
    fields: Mapping[str, Any]


class SignatureLine(NamedTuple):
    """A signature as guards know it."""

    id: int
    paper_id: int
    person_id: int
    account_id: int
    party: str
    role: str
    meaning: str
    at: datetime


class TimerLine(NamedTuple):
    """A limit as guards know it."""

    id: int
    deadline: str
    started_event: int
    started_at: datetime
    due_at: datetime
    status: str
    stopped_at: datetime | None
    provisional: bool
    calendar: str
    party: str

    @property
    def shown(self) -> str:
        """As `Timer.shown`."""
        return shown(self.status)


def shown(status: str) -> str:
    """The status for guards and readers: what ran out is missed, though the desk failed to note it."""
    return "missed" if status == "failed" else status


@dataclass(frozen=True)
class Rows:
    """Everything that hangs on one ticket, in whole rows."""

    events: Sequence[Event] = ()
    papers: Sequence[Paper] = ()
    signatures: Sequence[Signature] = ()
    timers: Sequence[Timer] = ()
    checks: Sequence[Any] = ()
    links: Sequence[Any] = ()


@dataclass(frozen=True)
class Lines:
    """Everything that guards rely on of what hangs on one ticket. An event that was written just now is there as its row."""

    events: Sequence[Event | EventLine] = ()
    papers: Sequence[PaperLine] = ()
    signatures: Sequence[SignatureLine] = ()
    timers: Sequence[TimerLine] = ()
    checks: Sequence[Any] = ()
    links: Sequence[Any] = ()

    def with_event(self, event: Event) -> Lines:
        """After this event."""
        return replace(self, events=[*self.events, event])

    def with_missed(self, timer_id: int) -> Lines:
        """Once this limit is marked as missed."""
        return replace(self, timers=[t._replace(status="missed") if t.id == timer_id else t for t in self.timers])


def rows_of(session: Session, row: Ticket) -> Rows:
    """Whole rows of one ticket, by two queries, whatever the ticket: to ask for each kind apart would take half of what a
    page may ask."""
    found = session.execute(gather_sql.RECORD, {"ticket": row.id}).all()
    events, papers, signatures, timers = (
        list({one.id: one for one in column if one is not None}.values())
        for column in (zip(*[each[1:] for each in found], strict=True) if found else ([], [], [], []))
    )
    checks, links = _around(session, [row])[row.id]
    return Rows(events, papers, sorted(signatures, key=lambda one: one.id), timers, checks, links)


def lines_of(session: Session, tickets: Sequence[Ticket]) -> dict[int, Lines]:
    """What guards rely on, by ticket, by two queries for however many. What the session has not written yet is written
    first."""
    session.flush()  # No mapped class is asked for, so the session would not know that it has to.
    found = {row.id: _Found() for row in tickets}
    asked = _asked(gather_sql.RELIED_ON, gather_sql.RELIED_ON_BY_MANY, tickets)
    for ticket, *line in session.connection().execute(*asked).all():
        if ticket is not None:
            found[ticket].add(line)
    around = _around(session, tickets)
    return {ticket: one.lines(*around[ticket]) for ticket, one in found.items()}


_PAPER = len(gather_sql.EVENT)
_SIGNATURE = _PAPER + len(gather_sql.PAPER)
_TIMER = _SIGNATURE + len(gather_sql.SIGNATURE)
"""Where in a line of the answer a paper, a signature and a limit begin."""


@dataclass
class _Found:
    """What was found of one ticket so far. A paper comes once for each signature under it."""

    events: list[EventLine] = field(default_factory=list)
    papers: dict[int, PaperLine] = field(default_factory=dict)
    signatures: list[SignatureLine] = field(default_factory=list)
    timers: list[TimerLine] = field(default_factory=list)

    def add(self, line: Sequence[Any]) -> None:
        if line[0] is not None:
            self.events.append(EventLine(*line[:_PAPER]))
        elif line[_TIMER] is not None:
            self.timers.append(TimerLine(*line[_TIMER:]))
        else:
            if line[_PAPER] not in self.papers:
                self.papers[line[_PAPER]] = PaperLine(*line[_PAPER:_SIGNATURE])
            if line[_SIGNATURE] is not None:
                self.signatures.append(SignatureLine(*line[_SIGNATURE:_TIMER]))

    def lines(self, checks: Sequence[Any], links: Sequence[Any]) -> Lines:
        return Lines(self.events, list(self.papers.values()), sorted(self.signatures), self.timers, checks, links)


def _asked(
    of_one: Select[Any], of_many: Select[Any], tickets: Sequence[Ticket]
) -> tuple[Select[Any], Mapping[str, Any]]:
    if len(tickets) == 1:
        return of_one, {"ticket": tickets[0].id}
    return of_many, {"tickets": [row.id for row in tickets]}


def _around(session: Session, tickets: Sequence[Ticket]) -> dict[int, tuple[list[Any], list[Any]]]:
    """Identity checks and links, by ticket: few of either, so that one query with each beside each is cheaper than two."""
    checks: dict[int, dict[int, Any]] = {row.id: {} for row in tickets}
    links: dict[int, dict[int, Any]] = {row.id: {} for row in tickets}
    asked = _asked(gather_sql.AROUND, gather_sql.AROUND_MANY, tickets)
    for ticket, check, person, verifier, link, other in session.execute(*asked).all():
        if check is not None:
            checks[ticket][check.id] = (check, person, verifier)
        if link is not None:
            links[ticket][link.id] = (link.relation, other)
    return {row.id: (list(checks[row.id].values()), list(links[row.id].values())) for row in tickets}
