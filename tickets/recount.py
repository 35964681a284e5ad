"""Limits are counted again when the days of a year are announced: what they come to then, on record and told to both parties.

A limit that still runs moves. One that was missed stays as it was noted, for people acted by the days that were known then;
what it would have come to is said beside it. Nothing is counted twice by the same calendar, so the work can stop anywhere
and go on: a timer tells by its digest by which one it was counted last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from database import once_more, reading, transaction
from tickets import gather, record
from tickets.case import locked
from tickets.contracts import SEEN_WITHIN, InForce, contracts_now, history_of
from tickets.models import Event, Recount, Ticket, Timer
from tickets.pen import Entry, Pen, pen
from workflow.attempt import THE_CLOCK, Attempt, Facts, TimerFact
from workflow.calendar import PUBLISHED
from workflow.contract import Contract
from workflow.declare import CLIENT, SUPPLIER, Deadline, Label, Words, Workflow
from workflow.reckon import Reckoned, reckoned
from workflow.wording import to_data

if TYPE_CHECKING:
    from tickets.desk import Desk

COUNTED_AGAIN = Label("action", "recount_deadlines")
"""What the event is called. It is no action of any workflow: nobody attempts it, and it moves no ticket to another state."""
OPEN = ("running", "missed")
AT_ONCE = 200
"""So many tickets are counted again before the answer to an approval leaves; the clock's worker does the others."""


@dataclass(frozen=True)
class _Change:
    """A timer as it was before it was counted again, and what it came to."""

    timer: Timer
    before: Reckoned
    found: Reckoned
    binds: bool
    kept: bool
    """It had run out by the days that were known then."""

    @property
    def moved(self) -> bool:
        return self.found.at != self.before.at

    @property
    def tells(self) -> bool:
        """Whether anything is to be said: that it moved, or that it is settled now (or again open). A warning goes with its
        limit without a word of its own."""
        if not self.binds:
            return False
        return self.moved or (not self.kept and self.found.provisional != self.before.provisional)


def is_behind(timer: Timer | TimerFact, contract: Contract) -> bool:
    """Whether the days by which this timer was counted are not those that are known now."""
    return timer.calendar not in ("", contract.calendar.digest) and timer.status in OPEN


def catch_up(
    taken: Pen, row: Ticket, workflow: Workflow, contract: Contract, at: datetime, contracts: Mapping[str, Contract]
) -> bool:
    """Counts the timers of a ticket again that are behind; the caller holds its lock. False where none was."""
    of_ticket = select(Timer).where(Timer.ticket_id == row.id).order_by(Timer.id)
    timers = taken.session.scalars(of_ticket.execution_options(populate_existing=True)).all()
    late = [timer for timer in timers if is_behind(timer, contract)]
    steps = history_of(contracts, taken.session, row.contract_key) if late else []
    changes = [change for timer in late if (change := _counted(timer, workflow, contract, row, steps)) is not None]
    if told := [change for change in changes if change.tells]:
        event = _told(taken, row, contract, told, at)
        taken.session.flush()
        taken.session.add_all(_on_record(change, event, contract.calendar.digest) for change in told)
    for change in changes:
        _write(change, contract.calendar.digest)
    for timer in late:
        # Where there is nothing left to count (the limit is declared no more) nobody asks again.
        timer.calendar = timer.calendar if timer.calendar in ("", contract.calendar.digest) else ""
    facts = gather.timer_facts(timers, workflow)
    record.project(row, record.owed(facts, final=row.final))
    taken.session.flush()
    return bool(late)


def _counted(
    timer: Timer, workflow: Workflow, contract: Contract, row: Ticket, steps: Sequence[InForce]
) -> _Change | None:
    deadline = workflow.deadlines.get(timer.deadline)
    edition = contract.at(row.opened_at)
    figure = timer.figure if timer.figure in edition.figures else None
    found = reckoned(deadline, figure, timer.started_at, timer.end_at, edition) if deadline else None
    if deadline is None or found is None:
        return None
    before = Reckoned(timer.due_at, timer.nominal_at or timer.due_at, timer.calendar, timer.provisional)
    kept = timer.status == "missed" or _ran_out_before(timer, deadline, row, steps)
    return _Change(timer, before, found, binds=deadline.of is None, kept=kept)


def _ran_out_before(timer: Timer, deadline: Deadline, row: Ticket, steps: Sequence[InForce]) -> bool:
    """Whether a limit that the clock has not noted yet had run out before the days were in force that would have moved it: a
    breach must not depend on how fast the worker was."""
    places = [place for place, step in enumerate(steps) if step.contract.calendar.digest == timer.calendar]
    due_at = timer.due_at
    for step in steps[places[-1] + 1 :] if places else steps[-1:]:
        if due_at < step.since:
            return True
        edition = step.contract.at(row.opened_at)
        figure = timer.figure if timer.figure in edition.figures else None
        found = reckoned(deadline, figure, timer.started_at, timer.end_at, edition)
        due_at = due_at if found is None else found.at
    return False


def _write(change: _Change, calendar: str) -> None:
    timer, found = change.timer, change.found
    timer.calendar = calendar if found.calendar else ""
    if not change.kept:
        timer.due_at, timer.provisional = found.at, found.provisional
        timer.nominal_at = found.nominal_at if found.calendar else None


def _told(taken: Pen, row: Ticket, contract: Contract, changes: list[_Change], at: datetime) -> Event:
    """One event for everything that changed on the ticket, and a message to both parties for each limit that moved."""
    words = [(change, _words(change, row, contract)) for change in changes]
    row.events, row.changed_at = row.events + 1, at
    edition = contract.at(row.opened_at)
    attempt = Attempt(COUNTED_AGAIN.name, THE_CLOCK, at, gather.ticket_fact(row), Facts(), edition)
    entry = Entry(True, "", row.state, row.version, row.content, notices=[to_data(said) for _, said in words])
    event, _ = taken.event(row, attempt, entry, clause=changes[0].timer.clause, door="clock")
    for change, said in words:
        if change.moved:
            taken.tell(row, event, [CLIENT, SUPPLIER], said)
    return event


def _words(change: _Change, row: Ticket, contract: Contract) -> Words:
    year, source = _announced(change, contract)
    values = {
        "number": row.number, "deadline": Label("deadline", change.timer.deadline), "before": change.before.at,
        "after": change.found.at, "year": year, "source": source,
    }  # fmt: skip
    if change.kept:
        return Words(
            "%(number)s: “%(deadline)s” was due %(before)s and is on record as missed. By the days of %(year)s as announced "
            "since (%(source)s) it would have been due %(after)s. The record stays as it is.",
            **values,
        )
    if change.moved:
        return Words(
            "%(number)s: “%(deadline)s” is due %(after)s instead of %(before)s, because the days of %(year)s were announced "
            "(%(source)s).",
            **values,
        )
    if change.found.provisional:
        return Words("%(number)s: “%(deadline)s” stays due %(after)s, but is provisional.", **values)
    return Words(
        "%(number)s: “%(deadline)s” stays due %(after)s and is provisional no longer: the days of %(year)s were announced "
        "(%(source)s).",
        **values,
    )


def _announced(change: _Change, contract: Contract) -> tuple[int, str]:
    """The latest year among those that were counted over, and its notice."""
    timer, calendar = change.timer, contract.calendar
    instants = (timer.started_at, change.before.at, change.found.at)
    touched = [calendar.local_day(one).year for one in (*instants, timer.end_at or timer.started_at)]
    settled = [year for year in touched if calendar.status(year) == PUBLISHED]
    year = max(settled or touched)
    return year, calendar.years[year].source if year in calendar.years else ""


def _on_record(change: _Change, event: Event, calendar: str) -> Recount:
    before, found = change.before, change.found
    return Recount(
        timer_id=change.timer.id,
        event_id=event.id,
        at=event.at,
        kept=change.kept,
        calendar_before=before.calendar,
        calendar=calendar,
        due_before=before.at,
        due_at=found.at,
        nominal_before=before.nominal_at,
        nominal_at=found.nominal_at,
        provisional_before=before.provisional,
        provisional=found.provisional,
    )


# --- all tickets of a contract ---------------------------------------------------------------------------------------


def waiting(session: Session, contract: Contract, limit: int) -> list[int]:
    """Tickets of the contract with a timer that is behind, the oldest first."""
    return list(
        session.scalars(
            select(Ticket.id)
            .join(Timer, Timer.ticket_id == Ticket.id)
            .where(
                Ticket.contract_key == contract.key,
                Timer.calendar.not_in(["", contract.calendar.digest]),
                Timer.status.in_(OPEN),
            )
            .group_by(Ticket.id)
            .order_by(Ticket.id)
            .limit(limit)
        )
    )


def recount(desk: Desk, ticket_id: int) -> bool:
    """Counts one ticket again in a transaction of its own. False where somebody else already did."""

    def counted() -> bool:
        with transaction(desk.engine) as session, pen(session, desk.salt) as taken:
            row = locked(session, Ticket.id == ticket_id)
            if row is None or row.kind not in desk.workflows:
                return False
            contract = contracts_now(desk.contracts, session)[row.contract_key]
            return catch_up(taken, row, desk.workflows[row.kind], contract, desk.now(), desk.contracts)

    return once_more(counted)


def recount_all(desk: Desk, key: str, *, limit: int = AT_ONCE) -> int:
    """Counts tickets of a contract again until none is behind, or `limit` have been. Returns how many it were."""
    done = 0
    while done < limit:
        with reading(desk.engine) as session:
            contract = contracts_now(desk.contracts, session)[key]
            found = waiting(session, contract, min(limit - done, 50))
        counted = [ticket for ticket in found if recount(desk, ticket)]
        done += len(counted)
        if not counted:
            break
    return done


@dataclass
class Watch:
    """What a worker remembers: the calendar by which each contract has been counted through, so that it asks again only when
    the days change, and shortly after, for what was begun meanwhile by a process that did not know them yet."""

    _seen: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    _done: dict[str, str] = field(default_factory=dict)

    def turn(self, desk: Desk, contracts: Mapping[str, Contract]) -> int:
        counted, at = 0, desk.now()
        for key, contract in contracts.items():
            digest = contract.calendar.digest
            if self._done.get(key) == digest:
                continue
            if self._seen.get(key, ("", at))[0] != digest:
                self._seen[key] = digest, at
            counted += recount_all(desk, key)
            if not timedelta() <= at - self._seen[key][1] < 2 * SEEN_WITHIN:
                self._done[key] = digest
        return counted
