"""Gathers the facts of one ticket inside the transaction of the act: a fixed number of queries, however many tickets there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from auth.factor import CALL_BACK
from auth.models import IdentityCheck, Mandate, Person
from tickets.models import Event, LineMove, Link, Paper, Signature, Supplement, Ticket, Timer
from workflow.attempt import (
    Facts,
    IdentityFact,
    LinkFact,
    MandateFact,
    PaperFact,
    Past,
    SignatureFact,
    TicketFact,
    TimerFact,
)
from workflow.contract import Contract
from workflow.declare import ROLES, Workflow
from workflow.terms import Text

Unseal = Callable[[str, str], str]
"""Opens a sealed value: (context, sealed) → clear text."""


@dataclass(frozen=True)
class LineNow:
    """A catalogue line as the baseline has it now: price in fen per unit and period."""

    number: int
    service: Text
    unit_price_fen: int
    quantity: int
    price_period: str
    months: int
    starts: Any
    ends: Any


def natural(person: type[Person] = Person) -> Any:
    """SQL for the natural person behind an account."""
    return func.coalesce(person.same_person_as, person.id)


def mandates(session: Session, contract_key: str, at: datetime) -> tuple[MandateFact, ...]:
    """Every mandate of the contract in force at `at`; those of disabled accounts are not."""
    rows = session.execute(
        select(Mandate, Person.name, natural())
        .join(Person, Person.id == Mandate.person_id)
        .where(
            Mandate.contract_key == contract_key, Mandate.starts_at <= at, Mandate.revoked_at.is_(None),
            or_(Mandate.ends_at.is_(None), Mandate.ends_at > at), Person.disabled_at.is_(None),
        )
        .order_by(Mandate.id)
    )
    return tuple(
        MandateFact(m.id, person, m.person_id, name, ROLES[m.role], m.scope, m.callback_since if m.callback_number_sealed else None)
        for m, name, person in rows
    )


def ticket_fact(row: Ticket) -> TicketFact:
    """The row as guards see it."""
    return TicketFact(
        number=row.number, kind=row.kind, state=row.state, version=row.version, content=row.content,
        content_version=row.content_version, opened_at=row.opened_at, opened_by=row.opened_by,
        opened_party=row.opened_party, fields=row.fields,
    )


def facts(session: Session, row: Ticket | None, *, contract: Contract, workflow: Workflow, at: datetime, unseal: Unseal) -> Facts:
    """Everything that guards may rely on. For a ticket that is being opened only what stands outside tickets."""
    held = mandates(session, contract.key, at)
    more = {name: GATHERERS[name](session, contract) for name in workflow.gathers}
    if row is None:
        return Facts(mandates=held, more=more)
    return Facts(
        history=_history(session, row), papers=_papers(session, row), mandates=held, timers=_timers(session, row),
        identity=_identity(session, row, unseal), links=_links(session, row), more=more,
    )


def _history(session: Session, row: Ticket) -> tuple[Past, ...]:
    events = session.scalars(select(Event).where(Event.ticket_id == row.id).order_by(Event.sequence))
    return tuple(
        Past(e.sequence, e.action, e.accepted, e.person_id, e.account_id, e.name, e.party, e.at, e.content, e.source, e.dest, e.fields)
        for e in events
    )


def _papers(session: Session, row: Ticket) -> tuple[PaperFact, ...]:
    signatures: dict[int, list[SignatureFact]] = {}
    for s in session.scalars(select(Signature).where(Signature.ticket_id == row.id).order_by(Signature.id)):
        signatures.setdefault(s.paper_id, []).append(
            SignatureFact(s.person_id, s.account_id, s.party, s.role, s.meaning, s.at)
        )
    papers = session.scalars(select(Paper).where(Paper.ticket_id == row.id).order_by(Paper.id))
    return tuple(
        PaperFact(p.id, p.kind, p.version, p.digest, p.content, p.filed_by, p.party, p.at, p.fields, tuple(signatures.get(p.id, ())))
        for p in papers
    )


def _timers(session: Session, row: Ticket) -> tuple[TimerFact, ...]:
    timers = session.scalars(select(Timer).where(Timer.ticket_id == row.id).order_by(Timer.id))
    return tuple(TimerFact(t.id, t.deadline, t.started_at, t.due_at, t.status, t.stopped_at) for t in timers)


def _identity(session: Session, row: Ticket, unseal: Unseal) -> tuple[IdentityFact, ...]:
    verifier = aliased(Person)
    checks = session.execute(
        select(IdentityCheck, natural(), natural(verifier))
        .join(Person, Person.id == IdentityCheck.person_id)
        .join(verifier, verifier.id == IdentityCheck.verifier_id)
        .where(IdentityCheck.ticket_id == row.id).order_by(IdentityCheck.id)
    )
    found = []
    for check, person, verified_by in checks:
        is_open = check.method == CALL_BACK and check.passed_at is None and check.challenge_sealed is not None
        code = unseal(f"challenge:{check.id}", check.challenge_sealed or "") if is_open else None
        found.append(IdentityFact(
            check.id, check.method, person, verified_by, check.content_digest, check.issued_at, check.expires_at, check.passed_at, code
        ))
    return tuple(found)


def _links(session: Session, row: Ticket) -> tuple[LinkFact, ...]:
    rows = session.execute(
        select(Link.relation, Ticket)
        .join(Ticket, or_(
            (Link.ticket_id == row.id) & (Ticket.id == Link.other_id), (Link.other_id == row.id) & (Ticket.id == Link.ticket_id)
        ))
        .order_by(Link.id)
    )
    return tuple(LinkFact(other.number, other.kind, other.state, other.final, relation) for relation, other in rows)


def _catalogue(session: Session, contract: Contract) -> tuple[LineNow, ...]:
    moved: Mapping[int, int] = dict(session.execute(
        select(LineMove.line, func.sum(LineMove.quantity)).where(LineMove.contract_key == contract.key).group_by(LineMove.line)
    ).tuples().all())
    return tuple(
        LineNow(
            line.number, line.name, line.unit_price_fen, line.quantity + int(moved.get(line.number, 0)),
            line.priced_per, line.months, line.starts, line.ends,
        )
        for line in contract.lines
    )


def _supplements(session: Session, contract: Contract) -> Mapping[str, int]:
    added, reduced = session.execute(
        select(func.coalesce(func.sum(Supplement.additions_fen), 0), func.coalesce(func.sum(Supplement.reductions_fen), 0))
        .where(Supplement.contract_key == contract.key)
    ).one()
    return {"additions_fen": int(added), "reductions_fen": int(reduced)}


GATHERERS: Mapping[str, Callable[[Session, Contract], Any]] = {"catalogue": _catalogue, "supplements": _supplements}
"""What a workflow may ask for beyond its own ticket, by the name in `Workflow.gathers`."""
