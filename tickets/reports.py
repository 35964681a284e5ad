"""Reports and tasks out of the records: what the declarations ask for is read in a few statements, however many tickets.

Both parties read the same report: a draft that only one of them may see is in none, for neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from auth.sessions import Caller
from tickets import gather
from tickets.desk import Desk
from tickets.models import Event, Ticket, Timer
from workflow.attempt import Past, TimerFact
from workflow.contract import Contract
from workflow.declare import Workflow
from workflow.report import Asked, Owed, Report, Table, Task, TicketRecord, bounds

MOST = 2000
"""So many tickets a report reads at most, those that have not ended first, then the newest. One that has more says so."""

Offered = tuple[Contract, Workflow, Task, bool]
"""A task of somebody's roles, with whether that person may open a ticket of the kind."""
_ENDED = and_(
    Event.ticket_id == Ticket.id,
    Ticket.final,
    Event.accepted,
    Event.dest == Ticket.state,
    or_(Event.source.is_(None), Event.source != Event.dest),
)
"""The event that ended the ticket."""


@dataclass(frozen=True)
class Made:
    """A report with what it was made from. `complete`: every ticket that belongs in it was read."""

    contract: Contract
    workflow: Workflow
    report: Report
    month: date | None
    at: datetime
    table: Table
    complete: bool


@dataclass(frozen=True)
class Standing:
    """A task that somebody has to do, in one contract."""

    contract: Contract
    workflow: Workflow
    task: Task
    owed: Owed
    can_open: bool
    """Whether the person may open a ticket of the kind."""

    @property
    def due_at(self) -> datetime:
        return self.owed.due_at

    @property
    def last_day(self) -> date:
        """The local day that ends with the due instant, or on which it lies: 24:00 of the 30th is no time of the 1st."""
        return self.contract.calendar.local_day(self.due_at - timedelta(microseconds=1))

    def is_overdue(self, at: datetime) -> bool:
        """At the due instant itself it is still in time."""
        return at > self.due_at


def offered(desk: Desk, contract: Contract) -> Iterator[tuple[Workflow, Report]]:
    """Every report of the contract, by kind."""
    for workflow in desk.offered(contract.key).values():
        for report in workflow.reports.values():
            yield workflow, report


def find(desk: Desk, contract: Contract, kind: str, name: str) -> tuple[Workflow, Report] | None:
    """The report of this name, where the contract has it."""
    workflow = desk.offered(contract.key).get(kind)
    report = workflow.reports.get(name) if workflow is not None else None
    return None if workflow is None or report is None else (workflow, report)


def make(
    session: Session, contract: Contract, workflow: Workflow, report: Report, *, at: datetime, month: date | None
) -> Made:
    """The report as it stands at `at`; three statements. `month` goes with a report by month, and with no other."""
    wanted: list[ColumnElement[bool]] = [_of(contract.key, workflow.kind)]
    if month is not None:
        first, after = bounds(contract.calendar, month)
        wanted += [Ticket.final.is_(True), Ticket.opened_at < after, Event.at >= first, Event.at < after]
    rows = session.execute(_tickets(*wanted)).all()
    read = rows[:MOST]
    tickets = select(_tickets(*wanted).limit(MOST).subquery().c.id)
    events = _events(session, tickets, report.events) if report.events else {}
    timers = _timers(session, tickets, report.deadlines) if report.deadlines else {}
    records = [_record(row, events.get(row.id, ()), timers.get(row.id, ())) for row in read]
    table = report.table(Asked(records, contract.at(at), at, month))
    return Made(contract, workflow, report, month, at, table, complete=len(rows) <= MOST)


def _of(key: str, kind: str) -> ColumnElement[bool]:
    return and_(Ticket.contract_key == key, Ticket.kind == kind, Ticket.opener_only.is_(False))


def _tickets(*wanted: ColumnElement[bool]) -> Select[Any]:
    return (
        select(
            Ticket.id,
            Ticket.contract_key,
            Ticket.number,
            Ticket.kind,
            Ticket.state,
            Ticket.final,
            Ticket.fields,
            Ticket.opened_at,
            Event.fields.label("ending"),
            Event.at.label("ended_at"),
        )
        .outerjoin(Event, _ENDED)
        .where(*wanted)
        .order_by(Ticket.final, Ticket.id.desc())
        .limit(MOST + 1)
    )


def _record(row: Any, events: Sequence[Past] = (), timers: Sequence[TimerFact] = ()) -> TicketRecord:
    return TicketRecord(
        row.number,
        row.kind,
        row.state,
        row.final,
        row.fields,
        row.ending or {},
        opened_at=row.opened_at,
        ended_at=row.ended_at,
        events=tuple(events),
        timers=tuple(timers),
    )


def _events(session: Session, tickets: Select[Any], actions: Sequence[str]) -> Mapping[int, list[Past]]:
    found: dict[int, list[Past]] = {}
    for e in session.scalars(
        select(Event)
        .where(Event.ticket_id.in_(tickets), Event.accepted, Event.action.in_(actions))
        .order_by(Event.ticket_id, Event.sequence)
    ):
        found.setdefault(e.ticket_id, []).append(
            Past(
                sequence=e.sequence, action=e.action, accepted=e.accepted, person=e.person_id, account=e.account_id,
                name=e.name, party=e.party, at=e.at, content=e.content, source=e.source, dest=e.dest, fields=e.fields,
            )
        )  # fmt: skip
    return found


def _timers(session: Session, tickets: Select[Any], deadlines: Sequence[str]) -> Mapping[int, list[TimerFact]]:
    found: dict[int, list[TimerFact]] = {}
    for t in session.scalars(
        select(Timer).where(Timer.ticket_id.in_(tickets), Timer.deadline.in_(deadlines)).order_by(Timer.id)
    ):
        found.setdefault(t.ticket_id, []).append(
            TimerFact(t.id, t.deadline, t.started_at, t.due_at, t.status, t.stopped_at, binds=bool(t.party))
        )
    return found


# --- tasks -----------------------------------------------------------------------------------------------------------


def standing(session: Session, desk: Desk, who: Caller, at: datetime) -> list[Standing]:
    """What the caller has to do that no ticket carries yet, soonest first. No statement where it is time for nothing, else
    one, and one more for each thing that a contract's tasks gather."""
    timely = [one for one in _tasks(desk, who) if one[2].due(one[0].at(at), at) is not None]
    if not timely:
        return []
    kinds = {(contract.key, workflow.kind) for contract, workflow, *_ in timely}
    rows = session.execute(_tickets(or_(*(_of(key, kind) for key, kind in sorted(kinds)))).limit(MOST)).all()
    more = _gathered(session, timely, at)
    found = []
    for contract, workflow, task, can_open in timely:
        records = [_record(row) for row in rows if (row.contract_key, row.kind) == (contract.key, workflow.kind)]
        asked = Asked(records, contract.at(at), at, more=more[contract.key])
        found += [Standing(contract, workflow, task, owed, can_open) for owed in task.owed(asked)]
    return sorted(found, key=lambda one: (one.due_at, one.contract.key, one.workflow.kind, one.task.name))


def _gathered(session: Session, tasks: Sequence[Offered], at: datetime) -> dict[str, dict[str, Any]]:
    """By contract what its tasks gather, each thing once however many of them ask for it."""
    contracts = {contract.key: contract for contract, *_ in tasks}
    wanted = {key: {name for one in tasks if one[0].key == key for name in one[2].gathers} for key in contracts}
    return {key: gather.more(session, contracts[key], sorted(names), at) for key, names in wanted.items()}


def _tasks(desk: Desk, who: Caller) -> Iterator[Offered]:
    for key in who.contracts:
        roles = {mandate.role for mandate in who.mandates if mandate.contract_key == key}
        for workflow in desk.offered(key).values():
            can_open = bool(roles & {role.name for role in workflow.opening.by})
            for task in workflow.tasks.values():
                if roles & {role.name for role in task.who}:
                    yield desk.contracts[key], workflow, task, can_open
