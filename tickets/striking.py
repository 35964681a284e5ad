"""The clock's acts: what has run out is noted, each ticket's limits in the order in which they ran out.

A strike is one act in one transaction. While the clock catches up, strikes on many tickets share one: nobody is told of
any of them before its commit, so nothing that was acknowledged can be lost, and all of them or none are on record when
the process is killed. What breaks one of them takes back the whole transaction; its limits are then struck one by one.

A limit that cannot be struck by itself is set aside (`failed`, with the error) and tried again later. Meanwhile people go
on, for whom it is missed, and so do the other limits.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from traceback import extract_tb
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, literal_column, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from config import HOME
from database import glance, locked_row, once_more, transaction
from tickets import gather, record, recount
from tickets.acts import Outcome
from tickets.case import Case, beside, locked, locked_all
from tickets.contracts import ContractAltered, contracts_now
from tickets.hanging import Lines, lines_of
from tickets.models import Ticket, Timer
from tickets.pen import Pen, pen
from tickets.record import Written
from tickets.watch.models import FAILED, Unstruck
from workflow.attempt import THE_CLOCK
from workflow.contract import Contract, ContractError
from workflow.decide import Accepted, Refused, decide, run_out
from workflow.effects import ONLY_TOLD
from workflow.escalation import DUTY

if TYPE_CHECKING:
    from tickets.desk import Desk

log = logging.getLogger("counterpart.clock")
RUNNING = "running"
RUNS = Timer.status == literal_column(f"'{RUNNING}'")
"""The status is written out, not bound: so both databases know at once that the index of running timers serves."""
OUTAGES = (OperationalError, InterfaceError, ContractError, ContractAltered, OSError)
"""What is nobody's limit's fault: the database, the disk or the contracts cannot be reached, for this one or any other."""
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=1), timedelta(hours=1)


class Unstrikable(RuntimeError):
    """This timer cannot be struck; why is its cause."""

    def __init__(self, timer: int) -> None:
        super().__init__(timer)
        self.timer = timer


def due(desk: Desk, limit: int) -> list[int]:
    """Timers that have run out and are not struck yet, the longest overdue first."""
    with glance(desk.engine) as session:
        return list(session.scalars(_DUE, {"at": desk.now(), "limit": limit}))


_DUE = (
    select(Timer.id)
    .where(RUNS, Timer.due_at < bindparam("at"))
    .order_by(Timer.due_at, Timer.id)
    .limit(bindparam("limit"))
)


# --- one limit ---------------------------------------------------------------------------------------------------------


def strike(desk: Desk, timer_id: int, *, wait: bool = True) -> bool:
    """Notes what ran out, in a transaction of its own: see `Desk.strike`. Raises Unstrikable, and what lies in OUTAGES."""
    tried: list[int] = []
    try:
        return once_more(lambda: _struck(desk, timer_id, wait, tried))
    except OUTAGES:
        raise
    except Exception as error:
        if not tried:
            raise
        raise Unstrikable(tried[-1]) from error


def _struck(desk: Desk, timer_id: int, wait: bool, tried: list[int]) -> bool:
    with transaction(desk.engine) as session, pen(session, desk.salt) as taken:
        timer = session.get(Timer, timer_id)
        if timer is None or timer.status not in (RUNNING, FAILED):
            return False
        row = locked(session, Ticket.id == timer.ticket_id, wait=wait)
        if row is None:
            return False
        at = desk.now()
        # Read once more under the lock of the ticket: an act or another worker may have ended it meanwhile.
        still = _open(session, [row.id]).get(row.id, [])
        if timer not in still or timer.due_at >= at:
            return False
        first = timer if timer.status == FAILED else next(one for one in still if one.status == RUNNING)
        tried.append(first.id)
        if any(one.calendar for one in still) and desk.counted_again(taken, row, at):
            return False  # Days were announced meanwhile: whether it is due still is for the next look to find.
        if first.status == FAILED:
            session.execute(delete(Unstruck).where(Unstruck.timer_id == first.id))
        _mark(first, at)
        case = desk.case(taken, row, at, desk.workflows[row.kind].deadlines[first.deadline].missed)
        note(desk, case, row, first)
        return True


def _open(session: Session, tickets: Sequence[int]) -> dict[int, list[Timer]]:
    """The timers of these tickets that are still to be struck, by ticket, in the order in which they run out."""
    found: dict[int, list[Timer]] = {}
    query = (
        select(Timer)
        .where(Timer.ticket_id.in_(tickets), Timer.status.in_([RUNNING, FAILED]))
        .order_by(Timer.due_at, Timer.id)
    )
    for timer in session.scalars(query.execution_options(populate_existing=True)):
        found.setdefault(timer.ticket_id, []).append(timer)
    return found


def _mark(timer: Timer, at: datetime) -> None:
    """Marks a timer missed: noted at `at`, whenever it was due. Before the facts are gathered: else they would call it
    running, and the act of the clock itself would count as the duty done in time."""
    timer.status, timer.struck_at = "missed", at


def note(desk: Desk, case: Case, row: Ticket, timer: Timer) -> tuple[Accepted | None, Written]:
    """The clock's act for a limit that is marked as missed, accepted or refused, and what was written."""
    workflow = case.workflow
    deadline = workflow.deadlines[timer.deadline]
    action = workflow.actions[deadline.missed]
    attempt = case.attempt(action.name, THE_CLOCK, None, gather.ticket_fact(row))
    attempt = replace(attempt, fields=run_out(deadline, attempt, timer.due_at))
    decision = decide(workflow, attempt)
    if isinstance(decision, Refused):
        refused = Outcome(decision.reason, missing=record.shortfalls(decision.missing))
    else:
        others = beside(case, attempt, decision, desk.workflows)
        if not isinstance(others, Outcome):
            written = record.write_acceptance(case.pen, row, workflow, attempt, decision, door="clock")
            desk.consequences(case, row, attempt, decision, written, "clock", others)
            return decision, written
        refused = others
    return None, record.write_refusal(
        case.pen, row, attempt, clause=action.clause, reason=refused.result, missing=refused.missing, door="clock"
    )


# --- what cannot be struck ---------------------------------------------------------------------------------------------


def strike_or_set_aside(desk: Desk, timer_id: int, *, wait: bool = True) -> bool:
    """As `strike`; a limit that cannot be struck is set aside, so that it stands in nobody's way. Raises what lies in
    OUTAGES."""
    try:
        return strike(desk, timer_id, wait=wait)
    except Unstrikable as fault:
        timer, told = fault.timer, _told(fault)
        log.error("timer %s could not be struck", timer, exc_info=fault.__cause__)
    once_more(lambda: _set_aside(desk, timer, told))
    return False


def _set_aside(desk: Desk, timer_id: int, error: str) -> None:
    with transaction(desk.engine) as session:
        timer = session.get(Timer, timer_id)
        if timer is None or locked(session, Ticket.id == timer.ticket_id) is None:
            return
        session.refresh(timer)
        at = desk.now()
        if timer.status not in (RUNNING, FAILED):
            return  # Somebody else could.
        known = locked_row(session, Unstruck, timer_id)
        tries = known.tries + 1 if known else 1
        retry_at = at + min(FIRST_RETRY * 2 ** min(tries - 1, 20), LONGEST_RETRY)
        timer.status = FAILED
        if known is None:
            session.add(Unstruck(timer_id=timer_id, since=at, tries=tries, retry_at=retry_at, error=error))
        else:
            known.tries, known.retry_at, known.error = tries, retry_at, error


def to_retry(desk: Desk, limit: int = 20) -> list[int]:
    """Limits that were set aside and are to be tried again by now."""
    with glance(desk.engine) as session:
        return list(session.scalars(_TO_RETRY, {"at": desk.now(), "limit": limit}))


_TO_RETRY = (
    select(Unstruck.timer_id)
    .where(Unstruck.retry_at <= bindparam("at"))
    .order_by(Unstruck.retry_at)
    .limit(bindparam("limit"))
)


def _told(fault: Unstrikable) -> str:
    """What may be shown of an error: its kind, and the innermost place of our own code."""
    error = fault.__cause__ or fault
    own = [one for one in extract_tb(error.__traceback__) if one.filename.startswith(str(HOME))]
    inner = [one for one in own if ".venv" not in one.filename]
    place = f" · {inner[-1].filename.removeprefix(f'{HOME}/')}:{inner[-1].lineno}" if inner else ""
    return f"{type(error).__name__}{place}"[:200]


# --- many limits in one transaction ------------------------------------------------------------------------------------


AT_ONCE = 100
"""Limits that are struck in one transaction, or those of one ticket more. In the meantime nobody else writes on SQLite, or
acts in these contracts on PostgreSQL: it is to be over before a person notices."""


@dataclass
class Batch:
    """What became of limits that were to be struck together: how many acts of the clock it came to, what of them was
    `done`, what has to be struck `one_by_one`, and what is `left` for the next batch. The others were in somebody else's
    hand."""

    struck: int = 0
    done: set[int] = field(default_factory=set)
    one_by_one: list[int] = field(default_factory=list)
    left: set[int] = field(default_factory=set)


def strike_all(desk: Desk, timers: Sequence[int]) -> Batch:
    """Strikes what is due on the tickets of these timers, in one transaction. Nobody is waited for. Whatever error arises
    has undone all of it."""
    return once_more(lambda: _struck_all(desk, timers))


def _struck_all(desk: Desk, timers: Sequence[int]) -> Batch:
    batch, taken_up = Batch(), 0
    with transaction(desk.engine) as session, pen(session, desk.salt) as taken:
        asked = select(Timer.id, Timer.ticket_id).where(Timer.id.in_(timers), Timer.status == RUNNING)
        wanted: dict[int, list[int]] = {}
        for timer, ticket in session.execute(asked):
            wanted.setdefault(ticket, []).append(timer)
        found = locked_all(session, list(wanted))
        at = desk.now()
        still = _open(session, [row.id for row in found])
        contracts = contracts_now(desk.contracts, session)
        chains: list[tuple[Ticket, list[Timer]]] = []
        for row in found:
            passed = [one for one in still.get(row.id, []) if one.status == RUNNING and one.due_at < at]
            if not passed:
                continue
            if taken_up >= AT_ONCE:
                batch.left.update(wanted[row.id])
            elif _stands_alone(desk, row, still.get(row.id, []), passed, contracts):
                chains.append((row, passed))
                taken_up += len(passed)
            else:
                batch.one_by_one += [one for one in wanted[row.id] if one in {timer.id for timer in passed}]
        _Together(desk, taken, contracts, at, batch).note(chains)
    return batch


def _stands_alone(
    desk: Desk, row: Ticket, still: Sequence[Timer], passed: Sequence[Timer], contracts: Mapping[str, Contract]
) -> bool:
    """Whether these limits can be noted by what hangs on their own ticket alone: nothing has to be counted again first, and
    no other ticket is looked at, which a strike before it in the same transaction may have changed."""
    workflow = desk.workflows.get(row.kind)
    if workflow is None or any(one.deadline not in workflow.deadlines for one in passed):
        return False
    if any(recount.is_behind(one, contracts[row.contract_key]) for one in still):
        return False
    return not any({*workflow.gathered_for(workflow.deadlines[one.deadline].missed)} - {DUTY} for one in passed)


def _only_tells(accepted: Accepted) -> bool:
    return all(isinstance(effect, ONLY_TOLD) for effect in accepted.effects)


@dataclass
class _Together:
    """Notes the limits of many tickets by one look at the tables."""

    desk: Desk
    taken: Pen
    contracts: Mapping[str, Contract]
    at: datetime
    batch: Batch

    def note(self, chains: Sequence[tuple[Ticket, list[Timer]]]) -> None:
        session = self.taken.session
        hanging = lines_of(session, [row for row, _ in chains])
        keys = {row.contract_key for row, _ in chains}
        people = {key: gather.people(session, key, self.at) for key in keys}
        # Who is on duty is the same for all tickets of a contract, whatever is struck.
        calling = {row.contract_key for row, passed in chains if any(self._calls(row, one) for one in passed)}
        apart = {key: gather.more(session, self.contracts[key], [DUTY] * (key in calling), self.at) for key in keys}
        with session.no_autoflush:  # What is read below was read above: it all goes to the tables at the end, together.
            for row, passed in chains:
                self._chain(row, passed, hanging[row.id], people[row.contract_key], apart[row.contract_key])

    def _calls(self, row: Ticket, timer: Timer) -> bool:
        workflow = self.desk.workflows[row.kind]
        return DUTY in workflow.gathered_for(workflow.deadlines[timer.deadline].missed)

    def _chain(
        self, row: Ticket, passed: Sequence[Timer], rows: Lines, people: gather.People, apart: Mapping[str, Any]
    ) -> None:
        """The limits of one ticket in turn, until one of them begins or ends others: those are not in hand."""
        desk, workflow, contract = self.desk, self.desk.workflows[row.kind], self.contracts[row.contract_key]
        for timer in passed:
            _mark(timer, self.at)
            rows = rows.with_missed(timer.id)
            facts = gather.facts(
                self.taken.session, row, contract=contract, workflow=workflow, at=self.at, unseal=desk.unseal,
                rows=rows, action=workflow.deadlines[timer.deadline].missed, known=people, apart=apart,
            )  # fmt: skip
            accepted, written = note(desk, Case(self.taken, row, workflow, contract, facts, self.at), row, timer)
            self.batch.struck += 1
            self.batch.done.add(timer.id)
            if accepted is not None and (accepted.starts or accepted.stops or not _only_tells(accepted)):
                return
            rows = rows.with_event(written.event)
