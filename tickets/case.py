"""One attempt inside its transaction: what it locks, what is known for it, and what is judged before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from database import insert_into, locked_row
from tickets import gather, record
from tickets.acts import Outcome
from tickets.gather import actor_of, unopened
from tickets.intake import parse
from tickets.models import Series, Ticket, Tree
from tickets.pen import Pen
from workflow.attempt import THE_CLOCK, Actor, Attempt, Facts, TicketFact
from workflow.canonical import plain
from workflow.contract import Contract
from workflow.decide import Accepted, Refused, decide
from workflow.declare import Workflow
from workflow.effects import OpenLinked

Unseal = Callable[[str, str], str]


@dataclass(frozen=True)
class Case:
    """Everything about one attempt inside its transaction. `row` is None for a ticket that is being opened."""

    pen: Pen
    row: Ticket | None
    workflow: Workflow
    contract: Contract
    facts: Facts
    at: datetime

    @property
    def session(self) -> Session:
        """The transaction's."""
        return self.pen.session

    def attempt(self, action: str, actor: Actor, fields: Mapping[str, Any] | None, fact: TicketFact) -> Attempt:
        """The attempt as guards see it, under the edition in force when the ticket was opened."""
        edition = self.contract.at(fact.opened_at)
        return Attempt(
            action=action, actor=actor, at=self.at, ticket=fact, facts=self.facts, edition=edition, fields=fields
        )


@dataclass(frozen=True)
class Beside:
    """Another ticket that an act opens: judged, not yet written."""

    case: Case
    attempt: Attempt
    decision: Accepted
    relation: str


class LinkedTicketRefused(RuntimeError):
    """A declaration fills in a linked ticket as its form does not allow: a fault of ours; everything is rolled back."""


_WITH_LOG = (
    select(Ticket, Tree).join(Tree, Tree.contract_key == Ticket.contract_key).execution_options(populate_existing=True)
)


def locked(session: Session, *which: ColumnElement[bool], wait: bool = True) -> Ticket | None:
    """The ticket, locked together with the log of its contract: acts in one contract follow each other, so that what is
    read of its other tickets, a sum that has a cap for one, is still true when the act is written.

    The lock leaves keys alone (`FOR NO KEY UPDATE`): to bind another ticket to this one must not wait for it, else two
    acts would wait for each other. Without `wait` a ticket that somebody else has locked counts as not found.
    """
    asked = _WITH_LOG.where(*which).with_for_update(key_share=True, skip_locked=not wait)
    found = session.execute(asked).one_or_none()
    if found is None:
        return None
    _hold(session, found[1])
    return found[0]


def locked_all(session: Session, tickets: Sequence[int]) -> list[Ticket]:
    """As `locked`, for many, and without waiting: those that somebody else has in hand are left out."""
    asked = _WITH_LOG.where(Ticket.id.in_(tickets)).order_by(Ticket.id)
    found = session.execute(asked.with_for_update(key_share=True, skip_locked=True)).all()
    session.info["logs"] = [tree for _, tree in found]
    return [row for row, _ in found]


def lock_log(session: Session, contract_key: str) -> None:
    """As `locked`, for a ticket that is yet to be opened. The first act of a contract makes its log: two that are both the
    first wait for each other over the row, as all later ones do."""
    tree = locked_row(session, Tree, contract_key)
    if tree is None:
        made = insert_into(session, Tree).values(contract_key=contract_key, size=0, frontier=[])
        session.execute(made.on_conflict_do_nothing())
        tree = locked_row(session, Tree, contract_key)
    _hold(session, tree)


def _hold(session: Session, tree: Tree | None) -> None:
    """A session forgets a row that nobody holds, and would ask for it once more."""
    session.info["log"] = tree


def weighed(
    case: Case, actor: Actor, raw: Mapping[str, Any], faults: Sequence[dict[str, Any]] = ()
) -> Outcome | tuple[Attempt, Accepted]:
    """The judgement by which a ticket may be opened, or the answer why it may not. Nothing is written."""
    action = case.workflow.opening
    fields, errors = parse(action, raw)
    errors = [*errors, *faults]
    fact = unopened(case.workflow, actor, case.at)
    attempt = case.attempt(action.name, actor, None if errors else fields, fact)
    decision = decide(case.workflow, attempt)
    if errors and not (isinstance(decision, Refused) and decision.reason != "missing"):
        return Outcome("invalid", errors=errors)
    if isinstance(decision, Refused):
        return Outcome(decision.reason, missing=record.shortfalls(decision.missing))
    return attempt, decision


def beside(
    case: Case, attempt: Attempt, accepted: Accepted, workflows: Mapping[str, Workflow]
) -> Sequence[Beside] | Outcome:
    """The tickets that an act opens in the name of the same actor, judged before the act is written and by the same facts.
    If one of them may not be opened the act may not be done: the answer holds all that is missing for them."""
    found: list[Beside] = []
    missing: list[Mapping[str, Any]] = []
    for effect in accepted.effects:
        if not isinstance(effect, OpenLinked):
            continue
        workflow = workflows[effect.kind]
        known = gather.facts_beside(case.session, case.contract, workflow, case.at, known=case.facts, by=case.workflow)
        other = Case(case.pen, None, workflow, case.contract, known, case.at)
        account = attempt.actor.account
        actor = actor_of(known.mandates, account, workflow.opening) if account is not None else THE_CLOCK
        judged = weighed(other, actor, plain(effect.fields))
        if not isinstance(judged, Outcome):
            found.append(Beside(other, *judged, effect.relation))
        elif judged.missing:
            missing += judged.missing
        else:
            raise LinkedTicketRefused(effect.kind, judged)
    return Outcome("missing", missing=missing) if missing else found


def new_row(case: Case, actor: Actor) -> Ticket:
    """The row of a ticket that is being opened, under the next number of its series."""
    year = case.contract.calendar.local_day(case.at).year
    name = f"{case.workflow.prefix}-{year}"
    counted = insert_into(case.session, Series).values(contract_key=case.contract.key, name=name, last=1)
    counted = counted.on_conflict_do_update(index_elements=["contract_key", "name"], set_={"last": Series.last + 1})
    last = case.session.execute(counted.returning(Series.last)).scalar_one()
    return Ticket(
        number=f"{case.contract.number_prefix}-{name}-{last:04d}",
        contract_key=case.contract.key,
        kind=case.workflow.kind,
        state="",
        final=False,
        version=1,
        content_version=0,
        content="",
        fields={},
        opened_at=case.at,
        opened_by=actor.person,
        opened_party=actor.party.name if actor.party else "",
        changed_at=case.at,
        events=0,
    )
