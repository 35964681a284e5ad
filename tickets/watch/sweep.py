"""The sweep: what can be derived anew from the record is compared with what the desk works by, and mended where it differs.

Nothing here should ever find anything: each of these is written in the transaction that makes it necessary. It is found
all the same where somebody put an old copy back, repaired a table by hand, or we were wrong. Each mending stands on
record; what concerns a ticket stands in its history too.

Each turn looks at a slice and remembers how far it came, so that it costs the same however much there is, and in time
comes round to everything.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import literal_column, select, tuple_
from sqlalchemy.orm import Session

from database import insert_into, once_more, reading, transaction
from tickets import gather, record
from tickets.case import locked
from tickets.contracts import InForce, history_of, known_by, past_of
from tickets.desk import Desk
from tickets.hanging import Lines, lines_of
from tickets.models import Ticket, Timer
from tickets.outbox.models import FAILED as UNSENT
from tickets.outbox.models import SENDING, Delivery, Untold
from tickets.pen import Entry, Pen, pen
from tickets.watch.models import Mending
from workflow import clocks
from workflow.attempt import THE_CLOCK, Attempt, Facts
from workflow.clocks import Term
from workflow.decide import Start
from workflow.declare import Label, Words
from workflow.escalation import step_of
from workflow.reminders import warned_of
from workflow.wording import to_data

log = logging.getLogger("counterpart.sweep")
EVERY = timedelta(seconds=30)
TICKETS, TIMERS, MESSAGES, LEASES = 50, 200, 200, 100
"""How much of each is looked at in one turn."""
BEGUN, DROPPED, QUEUED, FREED = "limit_begun_anew", "limit_dropped", "message_queued", "lease_ended"
WHAT = (BEGUN, DROPPED, QUEUED, FREED)
"""A limit that the record says runs and that had no timer; a timer of a ticket that has ended; a message that nobody was
told of; a letter in the hands of a worker that is gone."""
MENDED = Label("action", "mend_deadlines")
"""What the event is called. It is no action of any workflow: nobody attempts it, and it moves no ticket to another state."""

Lost = Callable[[Session, int, int], tuple[list[int], int]]


@dataclass
class Sweep:
    """One worker's sweep. `lost` finds messages that were never passed on (see `Outbox.lost`)."""

    desk: Desk
    worker: str
    lost: Lost
    _next_at: datetime | None = None
    _ticket: int = 0
    _timer: tuple[datetime, int] | None = None
    _message: int = 0
    found: list[tuple[str, int]] = field(default_factory=list)
    """What the last turn mended: what, and which row."""

    def turn(self) -> int:
        """Looks at the next slice, unless the last look was just now; how much was mended."""
        at = self.desk.now()
        if self._next_at is not None and timedelta() < self._next_at - at <= EVERY:
            return 0
        self._next_at, self.found = at + EVERY, []
        self._limits()
        self._leftovers()
        self._messages()
        self._leases()
        for what, row in self.found:
            log.warning("mended: %s %s", what, row)
        return len(self.found)

    # --- limits that have no timer ---------------------------------------------------------------------------------------

    def _limits(self) -> None:
        with reading(self.desk.engine) as session:
            tickets = session.scalars(
                select(Ticket).where(Ticket.id > self._ticket).order_by(Ticket.id).limit(TICKETS)
            ).all()
            hanging = lines_of(session, tickets)
            people = {key: gather.people(session, key, self.desk.now()) for key in {t.contract_key for t in tickets}}
            apart: dict[tuple[str, str], Mapping[str, Any]] = {}
            steps = {key: past_of(self.desk.contracts, key) for key in people}
            gone = [
                t.id
                for t in tickets
                if self._missing(session, t, hanging[t.id], people[t.contract_key], steps[t.contract_key], apart)
            ]
        self._ticket = tickets[-1].id if len(tickets) == TICKETS else 0
        for ticket in gone:
            once_more(lambda ticket=ticket: self._begin_anew(ticket))  # type: ignore[misc]  # A default is no argument.

    def _missing(
        self,
        session: Session,
        row: Ticket,
        rows: Lines,
        people: gather.People,
        steps: Sequence[InForce],
        apart: dict[tuple[str, str], Mapping[str, Any]],
    ) -> list[Term]:
        """The limits that run by the ticket's history and have no timer, each event told by what was in force at its time
        (`steps`). None where timers are there of which the history knows nothing: it is then told otherwise than it was judged,
        and nothing can be derived from it. What stands beside tickets is asked for once for all of a kind, and kept in
        `apart`."""
        workflow, contract = self.desk.workflows.get(row.kind), self.desk.contracts.get(row.contract_key)
        if workflow is None or contract is None:
            return []
        at = self.desk.now()
        which = (row.contract_key, row.kind)
        if which not in apart:
            apart[which] = gather.more(session, contract, workflow.gathered_for(None), at)
        facts = gather.facts(
            session, row, contract=contract, workflow=workflow, at=at, unseal=self.desk.unseal, rows=rows, known=people,
            apart=apart[which],
        )  # fmt: skip
        known = known_by(steps, row.opened_at, contract)
        found = clocks.terms(workflow, known.edition, gather.ticket_fact(row), facts, at, known.later)
        told = {(one.deadline.name, one.started_by.sequence): one for one in found}
        kept = {(one.deadline, one.started_event) for one in rows.timers}
        if not kept <= told.keys():
            return []
        lost = [one for key, one in told.items() if key not in kept and one.stopped_by is None and one.noted_by is None]
        # Where neither warning of a limit is there none was lost: the ticket is older than the warnings of its limits.
        warned = {(of[0], event) for name, event in kept if (of := warned_of(name)) is not None}
        # And where no step of a chain of calls is there: the ticket is older than the chain. How long an acknowledgement holds
        # begins by itself: whether it was lost or the ticket is older cannot be told, and to call once more than needed is worse
        # than the warnings that go on without it.
        called = {(of.name, event) for name, event in kept for of in workflow.escalations if name in of.names}
        return [
            one
            for one in lost
            if (one.deadline.of is None or (one.deadline.of.name, one.started_by.sequence) in warned)
            and ((step := step_of(one.deadline.name)) is None or (step[0], one.started_by.sequence) in called)
        ]

    def _begin_anew(self, ticket: int) -> None:
        with transaction(self.desk.engine) as session, pen(session) as taken:
            row = locked(session, Ticket.id == ticket)
            if row is None:
                return
            at = self.desk.now()
            people = gather.people(session, row.contract_key, at)
            rows = lines_of(session, [row])[row.id]
            steps = history_of(self.desk.contracts, session, row.contract_key)
            missing = self._missing(session, row, rows, people, steps, {})
            if not missing:
                return  # An act that was on its way when the slice was read has brought it.
            said = [
                Words(
                    "%(number)s: “%(deadline)s”, due %(due)s, was not watched. From now on it is.",
                    number=row.number, deadline=one.deadline.label, due=one.due_at,
                )
                for one in missing
            ]  # fmt: skip
            self._note(taken, row, said, missing[0].deadline.clause)
            for one in missing:
                start = Start(one.deadline, one.started_at, one.due_at, one.figure, one.party, one.ahead_of)
                assert one.edition is not None, "it was counted under one"
                record.begin(taken, row, [start], one.edition, one.started_by.sequence)
                self._mended(session, BEGUN, row.id)
            workflow = self.desk.workflows[row.kind]
            owed = record.owed(gather.timer_facts(rows.timers, workflow), final=row.final)
            record.project(row, [*owed, *((one.due_at, False) for one in missing if not one.deadline.reminds)])

    # --- timers of tickets that have ended -------------------------------------------------------------------------------

    def _leftovers(self) -> None:
        runs = Timer.status == literal_column("'running'")
        query = select(Timer, Ticket).join(Ticket, Ticket.id == Timer.ticket_id).where(runs)
        if self._timer is not None:
            query = query.where(tuple_(Timer.due_at, Timer.id) > self._timer)
        with reading(self.desk.engine) as session:
            rows = session.execute(query.order_by(Timer.due_at, Timer.id).limit(TIMERS)).all()
        self._timer = (rows[-1][0].due_at, rows[-1][0].id) if len(rows) == TIMERS else None
        for timer, row in rows:
            if self._is_left_over(timer, row):
                once_more(lambda timer=timer: self._drop(timer.id, timer.ticket_id))  # type: ignore[misc]  # As above.

    def _is_left_over(self, timer: Timer, row: Ticket) -> bool:
        """Whether the ticket has ended and its duty with it. What ran out before is left to the clock: it was a breach."""
        workflow = self.desk.workflows.get(row.kind)
        deadline = workflow.deadlines.get(timer.deadline) if workflow else None
        ended = deadline is not None and row.final and not deadline.outlives
        return ended and timer.due_at >= row.changed_at

    def _drop(self, timer_id: int, ticket: int) -> None:
        with transaction(self.desk.engine) as session, pen(session) as taken:
            row, timer = locked(session, Ticket.id == ticket), session.get(Timer, timer_id, populate_existing=True)
            if row is None or timer is None or timer.status != "running" or not self._is_left_over(timer, row):
                return
            timer.status, timer.stopped_at = "dropped", self.desk.now()
            said = Words(
                "%(number)s: “%(deadline)s”, due %(due)s, was still watched though the ticket has ended. It is no longer.",
                number=row.number, deadline=Label("deadline", timer.deadline), due=timer.due_at,
            )  # fmt: skip
            self._note(taken, row, [said], timer.clause)
            self._mended(session, DROPPED, timer_id)

    # --- messages and letters --------------------------------------------------------------------------------------------

    def _messages(self) -> None:
        with reading(self.desk.engine) as session:
            lost, self._message = self.lost(session, self._message, MESSAGES)
        if not lost:
            return
        with transaction(self.desk.engine) as session:
            session.execute(
                insert_into(session, Untold).on_conflict_do_nothing(), [{"message_id": one} for one in lost]
            )
            for one in lost:
                self._mended(session, QUEUED, one)

    def _leases(self) -> None:
        """Who leased a letter and is gone: another worker tries again by itself, unless its channel rests or is not carried
        here any more. The fence grows, so that who was only slow says nothing afterwards."""
        settings = self.desk.keyring.settings
        long_over = self.desk.now() - timedelta(seconds=settings.outbox_lease_seconds)
        over = select(Delivery).where(Delivery.status == SENDING, Delivery.due_at < long_over).limit(LEASES)
        with reading(self.desk.engine) as session:
            if session.scalars(over.limit(1)).first() is None:
                return
        with transaction(self.desk.engine) as session:
            for row in session.scalars(over.with_for_update(key_share=True, skip_locked=True)):
                row.status, row.fence = UNSENT, row.fence + 1
                self._mended(session, FREED, row.id)

    # --- on record -------------------------------------------------------------------------------------------------------

    def _mended(self, session: Session, what: str, row: int) -> None:
        session.add(Mending(at=self.desk.now(), worker=self.worker, what=what, subject_id=row))
        self.found.append((what, row))

    def _note(self, taken: Pen, row: Ticket, said: Sequence[Words], clause: str) -> None:
        """One event for what was mended on a ticket: both parties can see that its limits were not watched for a while."""
        at, contract = self.desk.now(), self.desk.contracts[row.contract_key]
        row.events += 1  # When the ticket changed last stays: by that it is told what ran out before its end.
        attempt = Attempt(MENDED.name, THE_CLOCK, at, gather.ticket_fact(row), Facts(), contract.at(row.opened_at))
        entry = Entry(True, "", row.state, row.version, row.content, notices=[to_data(words) for words in said])
        taken.event(row, attempt, entry, clause=clause, door="clock")
