"""What `gather` asks the tables, each statement put together once: to do so for each act took longer than to run it.

Values are bound when a statement is run: `contract` is a contract's key, `ticket` or `tickets` rows of
tickets, `at` an instant in UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, literal_column, or_, select
from sqlalchemy.orm import aliased

from auth.models import IdentityCheck, Mandate, Person
from tickets.models import Event, LineMove, Link, Paper, Signature, Supplement, Ticket, Timer

MOST_TICKETS = 300


def natural(person: type[Person] = Person) -> Any:
    """SQL for the natural person behind an account."""
    return func.coalesce(person.same_person_as, person.id)


_verifier, _other = aliased(Person), aliased(Ticket)

_natural = natural().label("natural")
PEOPLE = (
    select(
        Mandate.id,
        Person.id,
        _natural,
        Person.same_person_as,
        Person.name,
        Mandate.role,
        Mandate.scope,
        Mandate.callback_since,
        Mandate.callback_number_sealed.is_not(None),
    )
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

_EVENTS, _PAPERS, _TIMERS = 1, 2, 3
_parts = select(literal_column(str(_EVENTS)).label("part")).union_all(
    *(select(literal_column(str(one))) for one in (_PAPERS, _TIMERS))
).subquery("parts")  # fmt: skip
"""Events, papers with their signatures, and timers: side by side in one statement. Were they joined to each other, what an
event says would be read again for every limit that it began and every signature under its paper."""


def _one(ticket: Any) -> ColumnElement[bool]:
    """Of one ticket: a list of one would have to be written into the statement each time it is run."""
    return ticket == bindparam("ticket")


def _many(ticket: Any) -> ColumnElement[bool]:
    return ticket.in_(bindparam("tickets", expanding=True))


Which = Callable[[Any], ColumnElement[bool]]


def _record(which: Which, event: Any, paper: Any, signature: Any, timer: Any, columns: Sequence[Any]) -> Select[Any]:
    """The statement over these mapped classes, or over the columns of their tables."""
    part = _parts.c.part
    return (
        select(func.coalesce(event.ticket_id, paper.ticket_id, timer.ticket_id), *columns)
        .select_from(_parts)
        .outerjoin(Event, (part == _EVENTS) & which(event.ticket_id))
        .outerjoin(Paper, (part == _PAPERS) & which(paper.ticket_id))
        .outerjoin(Signature, signature.paper_id == paper.id)
        .outerjoin(Timer, (part == _TIMERS) & which(timer.ticket_id))
        .order_by(part, event.sequence, paper.id, signature.id, timer.started_event, timer.id)
    )


RECORD = _record(_one, Event, Paper, Signature, Timer, [Event, Paper, Signature, Timer])
"""Whole rows, for those who show or change them."""

_tables: tuple[Any, ...] = tuple(one.__table__.c for one in (Event, Paper, Signature, Timer))
_event, _paper, _signature, _timer = _tables
EVENT = (
    _event.sequence, _event.action, _event.accepted, _event.person_id, _event.account_id, _event.name, _event.party,
    _event.at, _event.content, _event.source, _event.dest, _event.fields, _event.reason,
)  # fmt: skip
PAPER = (
    _paper.id, _paper.kind, _paper.version, _paper.digest, _paper.content, _paper.filed_by, _paper.party, _paper.at,
    _paper.fields,
)  # fmt: skip
SIGNATURE = (
    _signature.id, _signature.paper_id, _signature.person_id, _signature.account_id, _signature.party,
    _signature.role, _signature.meaning, _signature.at,
)  # fmt: skip
TIMER = (
    _timer.id, _timer.deadline, _timer.started_event, _timer.started_at, _timer.due_at, _timer.status,
    _timer.stopped_at, _timer.provisional, _timer.calendar, _timer.party,
)  # fmt: skip
_lines = (_event, _paper, _signature, _timer, [*EVENT, *PAPER, *SIGNATURE, *TIMER])
RELIED_ON, RELIED_ON_BY_MANY = _record(_one, *_lines), _record(_many, *_lines)
"""Only what guards rely on, for acts."""


def _around(which: Which) -> Select[Any]:
    return (
        select(Ticket.id, IdentityCheck, natural(), natural(_verifier), Link, _other)
        .select_from(Ticket)
        .outerjoin(IdentityCheck, IdentityCheck.ticket_id == Ticket.id)
        .outerjoin(Person, Person.id == IdentityCheck.person_id)
        .outerjoin(_verifier, _verifier.id == IdentityCheck.verifier_id)
        .outerjoin(Link, or_(Link.ticket_id == Ticket.id, Link.other_id == Ticket.id))
        .outerjoin(_other, _other.id == case((Link.ticket_id == Ticket.id, Link.other_id), else_=Link.ticket_id))
        .where(which(Ticket.id))
        .order_by(IdentityCheck.id, Link.id)
    )


AROUND, AROUND_MANY = _around(_one), _around(_many)
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
