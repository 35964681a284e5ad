"""What a person may see, asked of the tables: every query is filtered by contract and party before it counts or pages.

What may not be seen is not found. A ticket's page is a fixed number of queries, a list is one, by key and never by offset.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import add

from sqlalchemy import ColumnElement, and_, false, func, literal_column, or_, select
from sqlalchemy.orm import Session

from auth.sessions import Caller
from database import reading
from tickets import gather
from tickets.desk import Desk
from tickets.gather import actor_of, unopened
from tickets.hanging import Rows, rows_of
from tickets.models import Beat, CalendarApproval, ContractRecord, Message, Ticket, Timer
from tickets.outbox.models import DESK_CHANNEL, Delivery
from workflow.attempt import Actor, Attempt, Facts
from workflow.change.price import LineNow
from workflow.choices import Choice, choices
from workflow.contract import Contract
from workflow.decide import Decision, decide, notices
from workflow.declare import Action, Words, Workflow
from workflow.soundness import edges, reach
from workflow.turn import coming

PAGE = 25


@dataclass(frozen=True)
class Sight:
    """One ticket as one person sees it: the row, what hangs on it, and what `decide` says of every act from here."""

    row: Ticket
    workflow: Workflow
    contract: Contract
    rows: Rows
    facts: Facts
    actor: Actor
    at: datetime
    previews: Mapping[str, Decision]
    """By action that leads on from here, in the order of the declaration; acts of the clock are left out."""
    ahead: Mapping[str, Decision]
    """Acts that become possible in a later state, with everything that is still missing for them."""
    notices: Sequence[Words]

    def attempt(self, action: str) -> Attempt:
        return Attempt(
            action, self.actor, self.at, gather.ticket_fact(self.row), self.facts, self.contract.at(self.row.opened_at)
        )

    def choices(self, source: str) -> tuple[Choice, ...]:
        return choices(source, self.attempt(""), self.workflow)

    @property
    def mine(self) -> tuple[Action, ...]:
        """Acts from here that one of the person's roles may do, whether or not they are possible yet."""
        actions = (self.workflow.actions[name] for name in self.previews)
        return tuple(action for action in actions if set(action.by) & set(self.actor.roles))

    @property
    def mine_ahead(self) -> tuple[Action, ...]:
        """What the person can do at the next turn of theirs, and then to bind, in the order in which the ticket comes to it."""
        return coming(self.workflow, self.row.state, self.actor.roles, self.facts.mandates)


@dataclass(frozen=True)
class Blank:
    """A ticket that is not opened yet, as the person who would open it sees it."""

    workflow: Workflow
    contract: Contract
    facts: Facts
    actor: Actor
    at: datetime
    decision: Decision

    def choices(self, source: str) -> tuple[Choice, ...]:
        fact = unopened(self.workflow, self.actor, self.at)
        attempt = Attempt(self.workflow.opening.name, self.actor, self.at, fact, self.facts, self.contract.at(self.at))
        return choices(source, attempt, self.workflow)


@dataclass(frozen=True)
class Found:
    """One page of a list: the tickets, and the key after which the next page begins (None: there is none)."""

    tickets: Sequence[Ticket]
    after: int | None


def parties_of(caller: Caller) -> dict[str, set[str]]:
    """For each contract of the caller, the parties that the caller's mandates speak for."""
    held: dict[str, set[str]] = {}
    for mandate in caller.mandates:
        if mandate.contract_key is not None:
            held.setdefault(mandate.contract_key, set()).add(mandate.party)
    return held


def visible(caller: Caller) -> ColumnElement[bool]:
    """Which tickets the caller may see: those of the contracts in which a mandate is held, drafts only of the own party."""
    ways = [
        and_(Ticket.contract_key == key, or_(Ticket.opener_only.is_(False), Ticket.opened_party.in_(sorted(parties))))
        for key, parties in sorted(parties_of(caller).items())
    ]
    return or_(*ways) if ways else false()


def told_to(caller: Caller) -> ColumnElement[bool]:
    """Which messages are for the caller's parties and about nothing that is hidden from them; to be asked with the ticket
    joined, where a message has one."""
    ways = [
        and_(Message.contract_key == key, Message.party.in_(sorted(p))) for key, p in sorted(parties_of(caller).items())
    ]
    return and_(or_(Message.ticket_id.is_(None), visible(caller)), or_(*ways)) if ways else false()


def unread(caller: Caller) -> ColumnElement[bool]:
    """Which deliveries to the caller's bell wait to be read; to be asked with `told_to`."""
    return and_(Delivery.person_id == caller.person_id, Delivery.channel == DESK_CHANNEL, Delivery.read_at.is_(None))


def waits_for(caller: Caller) -> list[ColumnElement[bool]]:
    """What makes a ticket wait for somebody, by contract: it is their party's turn, or their party owes something on it
    within a limit that runs, whosever turn it is. Each way is found by an index of its own."""
    found: list[ColumnElement[bool]] = []
    for key, parties in sorted(parties_of(caller).items()):
        owed = select(Timer.ticket_id).where(
            Timer.status == literal_column("'running'"), Timer.party.in_(sorted(parties))
        )
        found.append(and_(Ticket.contract_key == key, Ticket.awaits.in_(sorted(parties))))
        found.append(and_(Ticket.contract_key == key, Ticket.id.in_(owed)))
    return found


def count_of_loadings() -> ColumnElement[int]:
    """How often a contract was loaded and a year of one approved: what `LoadedContracts.told` is told."""
    counted = (select(func.count()).select_from(one).scalar_subquery() for one in (ContractRecord, CalendarApproval))
    return reduce(add, counted)


def _sealed(_context: str, _sealed: str) -> str:
    """A reader learns that a challenge is open, never its digits: an empty code fits no answer."""
    return ""


def acts_ahead(workflow: Workflow, state: str) -> set[str]:
    """Acts that are not declared here but in a state that can still be reached from here."""
    ways = edges(workflow)
    coming = reach(ways, {state}) - {state}
    here = {action.name for action in workflow.actions_from(state)}
    return {action.name for name in coming for action in workflow.actions_from(name)} - here


class Queries:
    """Reads for pages and API. Each call is one consistent view of the database, or part of the `session` it is handed."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def view(self, session: Session | None = None) -> AbstractContextManager[Session]:
        """One view for several calls: a page asks everything in one, else each call would begin its own."""
        return reading(self.desk.engine) if session is None else nullcontext(session)

    def sight(self, caller: Caller, number: str, session: Session | None = None) -> Sight | None:
        """The ticket with everything on it, or None when the caller may not see it (or it is not there)."""
        with self.view(session) as session:
            row = session.scalar(select(Ticket).where(Ticket.number == number, visible(caller)))
            if row is None or row.kind not in self.desk.workflows or row.contract_key not in self.desk.contracts:
                return None
            workflow, contract, at = (
                self.desk.workflows[row.kind],
                self.desk.contracts[row.contract_key],
                self.desk.now(),
            )
            rows = rows_of(session, row)
            found = gather.facts(session, row, contract=contract, workflow=workflow, at=at, unseal=_sealed, rows=rows)
            return self._sight(caller, row, workflow, contract, rows, found, at)

    @staticmethod
    def _sight(
        caller: Caller, row: Ticket, workflow: Workflow, contract: Contract, rows: Rows, found: Facts, at: datetime
    ) -> Sight:
        fact, edition = gather.ticket_fact(row), contract.at(row.opened_at)
        here = {action.name for action in workflow.actions_from(row.state)}
        later = acts_ahead(workflow, row.state)
        previews: dict[str, Decision] = {}
        ahead: dict[str, Decision] = {}
        for action in workflow.actions.values():
            if not action.by_clock and action.name in here | later:
                actor = actor_of(found.mandates, caller.person_id, action)
                judged = decide(workflow, Attempt(action.name, actor, at, fact, found, edition))
                (previews if action.name in here else ahead)[action.name] = judged
        actor = actor_of(found.mandates, caller.person_id, None)
        warnings = notices(workflow, Attempt("", actor, at, fact, found, edition))
        return Sight(row, workflow, contract, rows, found, actor, at, previews, ahead, warnings)

    def blank(self, caller: Caller, kind: str, contract_key: str, session: Session | None = None) -> Blank | None:
        """What the caller sees before opening a ticket of this kind; None where the caller has no such business."""
        workflow, contract = self.desk.workflows.get(kind), self.desk.contracts.get(contract_key)
        if workflow is None or contract is None or contract_key not in caller.contracts:
            return None
        with self.view(session) as session:
            at = self.desk.now()
            found = gather.facts(session, None, contract=contract, workflow=workflow, at=at, unseal=_sealed)
        actor = actor_of(found.mandates, caller.person_id, workflow.opening)
        if not actor.roles:
            return None
        fact = unopened(workflow, actor, at)
        decision = decide(workflow, Attempt(workflow.opening.name, actor, at, fact, found, contract.at(at)))
        return Blank(workflow, contract, found, actor, at, decision)

    def listed(
        self,
        caller: Caller,
        *,
        kind: str | None = None,
        state: str | None = None,
        awaits: str | None = None,
        q: str | None = None,
        after: int | None = None,
        open_only: bool = False,
        limit: int = PAGE,
        session: Session | None = None,
    ) -> Found:
        """One page of the tickets that the caller may see, newest first, by key."""
        query = select(Ticket).where(visible(caller), Ticket.kind.in_(self.desk.workflows))
        for column, value in ((Ticket.kind, kind), (Ticket.state, state), (Ticket.awaits, awaits)):
            if value is not None:
                query = query.where(column == value)
        if open_only:
            query = query.where(Ticket.final.is_(False))
        if q:
            query = query.where(
                or_(Ticket.number.icontains(q, autoescape=True), Ticket.headline.icontains(q, autoescape=True))
            )
        if after is not None:
            query = query.where(Ticket.id < after)
        with self.view(session) as session:
            rows = session.scalars(query.order_by(Ticket.id.desc()).limit(limit + 1)).all()
        return Found(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)

    def waiting(self, caller: Caller, limit: int = 50, session: Session | None = None) -> Sequence[Ticket]:
        """The inbox: tickets that await one of the caller's parties, or on which one of them owes something within a limit that
        runs; those whose deadline ends first at the top."""
        mine = waits_for(caller)
        if not mine:
            return ()
        query = select(Ticket).where(
            visible(caller), or_(*mine), Ticket.final.is_(False), Ticket.kind.in_(self.desk.workflows)
        )
        with self.view(session) as session:
            return session.scalars(query.order_by(Ticket.due_at.is_(None), Ticket.due_at, Ticket.id).limit(limit)).all()

    def messages(
        self, caller: Caller, *, after: int | None = None, limit: int = 20, session: Session | None = None
    ) -> Sequence[tuple[Message, str | None]]:
        """The newest notices to the caller's parties, with the ticket's number where they are about one."""
        query = select(Message, Ticket.number).outerjoin(Ticket, Ticket.id == Message.ticket_id).where(told_to(caller))
        if after is not None:
            query = query.where(Message.id < after)
        with self.view(session) as session:
            return [
                (message, number) for message, number in session.execute(query.order_by(Message.id.desc()).limit(limit))
            ]

    def pulse(self, caller: Caller, session: Session | None = None) -> tuple[int, datetime | None, int, int]:
        """What every page asks for, in one statement: how many tickets wait for the caller's parties (counting stops at
        100), the last sign of life of any clock worker, how often a contract was loaded, and how many notices the caller
        has not read (counting stops at 100)."""
        mine = waits_for(caller)
        inner = (
            select(Ticket.id).where(visible(caller), or_(false(), *mine), Ticket.final.is_(False)).limit(100).subquery()
        )
        news = (
            select(Delivery.id)
            .join(Message, Message.id == Delivery.message_id)
            .outerjoin(Ticket, Ticket.id == Message.ticket_id)
            .where(unread(caller), told_to(caller))
            .limit(100)
            .subquery()
        )
        asked = (
            select(func.count()).select_from(inner),
            select(func.max(Beat.at)),
            select(count_of_loadings()),
            select(func.count()).select_from(news),
        )
        with self.view(session) as session:
            waiting, last, loadings, new = session.execute(select(*(one.scalar_subquery() for one in asked))).one()
        return waiting or 0, last, loadings or 0, new or 0

    def baseline(self, contract: Contract, session: Session | None = None) -> tuple[LineNow, ...]:
        """The catalogue as it stands now, with the changes that are done."""
        with self.view(session) as session:
            return gather.baseline(session, contract)
