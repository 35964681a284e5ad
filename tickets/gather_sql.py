"""What `gather` asks the tables, each statement put together once: to do so for each act took longer than to run it.

Values are bound when a statement is run: `contract` is a contract's key, `tickets` rows of tickets, `at` an instant in UTC.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import aliased

from auth.models import IdentityCheck, Mandate, Person
from tickets.models import Event, LineMove, Link, Paper, Signature, Supplement, Ticket, Timer

MOST_TICKETS = 300


def natural(person: type[Person] = Person) -> Any:
    """SQL for the natural person behind an account."""
    return func.coalesce(person.same_person_as, person.id)


_verifier, _other = aliased(Person), aliased(Ticket)

PEOPLE = (
    select(Person, Mandate)
    .outerjoin(
        Mandate,
        and_(
            Mandate.person_id == Person.id,
            Mandate.contract_key == bindparam("contract"),
            Mandate.starts_at <= bindparam("at"),
            Mandate.revoked_at.is_(None),
            or_(Mandate.ends_at.is_(None), Mandate.ends_at > bindparam("at")),
            Person.disabled_at.is_(None),
        ),
    )
    .where(or_(Mandate.id.is_not(None), Person.same_person_as.is_not(None)))
    .order_by(Mandate.id)
)
"""Everybody with a mandate in force, and every further account of somebody."""

RECORD = (
    select(Event.ticket_id, Event, Paper, Signature, Timer)
    .outerjoin(Paper, Paper.event_id == Event.id)
    .outerjoin(Signature, Signature.paper_id == Paper.id)
    .outerjoin(Timer, (Timer.ticket_id == Event.ticket_id) & (Timer.started_event == Event.sequence))
    .where(Event.ticket_id.in_(bindparam("tickets", expanding=True)))
    .order_by(Event.ticket_id, Event.sequence, Paper.id, Signature.id, Timer.id)
)
HISTORY = (
    select(Event.ticket_id, Event, Paper, Signature)
    .outerjoin(Paper, Paper.event_id == Event.id)
    .outerjoin(Signature, Signature.paper_id == Paper.id)
    .where(Event.ticket_id.in_(bindparam("tickets", expanding=True)))
    .order_by(Event.ticket_id, Event.sequence, Paper.id, Signature.id)
)
TIMERS = (
    select(Timer)
    .where(Timer.ticket_id.in_(bindparam("tickets", expanding=True)))
    .order_by(Timer.ticket_id, Timer.started_event, Timer.id)
)
AROUND = (
    select(Ticket.id, IdentityCheck, natural(), natural(_verifier), Link, _other)
    .select_from(Ticket)
    .outerjoin(IdentityCheck, IdentityCheck.ticket_id == Ticket.id)
    .outerjoin(Person, Person.id == IdentityCheck.person_id)
    .outerjoin(_verifier, _verifier.id == IdentityCheck.verifier_id)
    .outerjoin(Link, or_(Link.ticket_id == Ticket.id, Link.other_id == Ticket.id))
    .outerjoin(_other, _other.id == case((Link.ticket_id == Ticket.id, Link.other_id), else_=Link.ticket_id))
    .where(Ticket.id.in_(bindparam("tickets", expanding=True)))
    .order_by(IdentityCheck.id, Link.id)
)
MOVES = select(LineMove).where(LineMove.contract_key == bindparam("contract")).order_by(LineMove.id)
SUPPLEMENTS = select(
    func.coalesce(func.sum(Supplement.additions_fen), 0), func.coalesce(func.sum(Supplement.reductions_fen), 0)
).where(Supplement.contract_key == bindparam("contract"))


@cache
def tickets(kinds: str) -> Select[Any]:
    """The tickets of these kinds with what their ending stated: the open ones first, then the newest."""
    ending = (
        (Event.ticket_id == Ticket.id)
        & Ticket.final
        & Event.accepted
        & (Event.dest == Ticket.state)
        & (Event.source != Event.dest)
    )
    return (
        select(Ticket.number, Ticket.kind, Ticket.state, Ticket.final, Ticket.fields, Event.fields)
        .outerjoin(Event, ending)
        .where(
            Ticket.contract_key == bindparam("contract"),
            Ticket.kind.in_(kinds.split(",")),
            Ticket.opener_only.is_(False),
        )
        .order_by(Ticket.final, Ticket.id.desc())
        .limit(MOST_TICKETS)
    )


@cache
def current(kinds: str) -> Select[Any]:
    """The open tickets of these kinds with what they say and since when they are there, the newest first."""
    return (
        select(Ticket.number, Ticket.kind, Ticket.state, Ticket.fields, Ticket.opened_at)
        .where(
            Ticket.contract_key == bindparam("contract"),
            Ticket.kind.in_(kinds.split(",")),
            Ticket.final.is_(False),
            Ticket.opener_only.is_(False),
        )
        .order_by(Ticket.id.desc())
        .limit(MOST_TICKETS)
    )


@cache
def numbers(kinds: str, final: bool) -> Select[str, str, str]:
    """The open tickets of these kinds, or those that ended, the newest first, by number and state alone."""
    return (
        select(Ticket.number, Ticket.kind, Ticket.state)
        .where(
            Ticket.contract_key == bindparam("contract"),
            Ticket.kind.in_(kinds.split(",")),
            Ticket.final.is_(final),
            Ticket.opener_only.is_(False),
        )
        .order_by(Ticket.id.desc())
        .limit(MOST_TICKETS)
    )
