"""Gathers the facts of one ticket inside the act's transaction: so many queries, however many tickets there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from auth.factor import CALL_BACK
from auth.models import IdentityCheck
from tickets import gather_sql
from tickets.duty.records import duty_of
from tickets.hanging import Lines, Rows, TimerLine, lines_of
from tickets.models import Ticket, Timer
from workflow.attempt import (
    Actor,
    Facts,
    IdentityFact,
    LinkFact,
    MandateFact,
    PaperFact,
    Past,
    SignatureFact,
    TicketFact,
    TicketNow,
    TimerFact,
)
from workflow.change.price import LineNow
from workflow.contract import Contract
from workflow.declare import ROLES, Action, Workflow
from workflow.escalation import DUTY

Unseal = Callable[[str, str], str]
"""Opens a sealed value: (context, sealed) → clear text."""


People = tuple[tuple[MandateFact, ...], dict[int, int]]
"""The mandates in force, and for each further account of somebody the first one."""


def mandates(session: Session, contract_key: str, at: datetime) -> tuple[MandateFact, ...]:
    """Every mandate of the contract in force at `at`; those of disabled accounts are not."""
    return people(session, contract_key, at)[0]


def people(session: Session, contract_key: str, at: datetime) -> People:
    """The mandates in force, and for each further account of somebody the first one: so that what was recorded before
    two accounts were known to be one person's still counts as that one person's."""
    rows = session.execute(gather_sql.PEOPLE, {"contract": contract_key, "at": at}).all()
    held = tuple(
        MandateFact(mandate, natural, account, name, ROLES[role], scope, since if has_number else None)
        for mandate, account, natural, _, name, role, scope, since, has_number in rows
        if mandate is not None
    )
    return held, {account: natural for _, account, natural, first, *_ in rows if first is not None}


def ticket_fact(row: Ticket) -> TicketFact:
    """The row as guards see it."""
    return TicketFact(
        number=row.number,
        kind=row.kind,
        state=row.state,
        version=row.version,
        content=row.content,
        content_version=row.content_version,
        opened_at=row.opened_at,
        opened_by=row.opened_by,
        opened_party=row.opened_party,
        fields=row.fields,
    )


def unopened(workflow: Workflow, actor: Actor, at: datetime) -> TicketFact:
    """The ticket before it exists, as guards of the opening act see it."""
    return TicketFact(
        number=None,
        kind=workflow.kind,
        state=None,
        version=0,
        content="",
        content_version=0,
        opened_at=at,
        opened_by=actor.person,
        opened_party=actor.party.name if actor.party else "",
    )


def actor_of(held: Sequence[MandateFact], account: int, action: Action | None) -> Actor:
    """The person behind the account, with the roles held now; those that entitle to `action` first."""
    own = [m for m in held if m.account == account]
    if not own:
        return Actor(person=None, account=account, name="", roles=())
    entitling = set(action.by) if action else set()
    roles = sorted((m.role for m in own), key=lambda role: role not in entitling)
    return Actor(person=own[0].person, account=account, name=own[0].name, roles=tuple(roles))


def hidden(row: Ticket, held: Sequence[MandateFact], account: int) -> bool:
    """Whether the account may not know of the ticket: without a mandate in its contract, or a draft of another party."""
    sides = {m.party.name for m in held if m.account == account}
    return not sides or (row.opener_only and row.opened_party not in sides)


def facts(
    session: Session,
    row: Ticket | None,
    *,
    contract: Contract,
    workflow: Workflow,
    at: datetime,
    unseal: Unseal,
    rows: Rows | Lines | None = None,
    action: str | None = None,
    known: People | None = None,
    apart: Mapping[str, Any] | None = None,
) -> Facts:
    """Everything that guards may rely on; of what lies outside the ticket, with `action`, only what that act needs. For a
    ticket that is being opened only what stands outside tickets. `rows`, `known` people and what
    was gathered `apart` are not asked for again."""
    held, first = known or people(session, contract.key, at)
    wanted = [one for one in workflow.gathered_for(action) if _name(one) not in (apart or {})]
    beside = {**(apart or {}), **more(session, contract, wanted, at)}
    if row is None:
        return Facts(mandates=held, more=beside, first=first)
    rows = rows or lines_of(session, [row])[row.id]
    return Facts(
        history=tuple(
            Past(
                e.sequence,
                e.action,
                e.accepted,
                first.get(e.person_id or 0, e.person_id),
                e.account_id,
                e.name,
                e.party,
                e.at,
                e.content,
                e.source,
                e.dest,
                e.fields,
                e.reason,
            )
            for e in rows.events
        ),
        papers=_papers(rows, first),
        mandates=held,
        timers=timer_facts(rows.timers, workflow),
        identity=tuple(_identity(*check, unseal=unseal) for check in rows.checks),
        links=tuple(LinkFact(o.number, o.kind, o.state, o.final, relation) for relation, o in rows.links),
        more=beside,
        first=first,
    )


def facts_beside(
    session: Session, contract: Contract, workflow: Workflow, at: datetime, *, known: Facts, by: Workflow
) -> Facts:
    """The facts for opening another ticket in the act of a workflow (`by`): what was gathered for the act still holds."""
    wanted = workflow.gathered_for(workflow.opening.name)
    kept = [one for one in wanted if one in by.gathers and _name(one) in known.more]
    found = more(session, contract, [one for one in wanted if one not in kept], at)
    found |= {_name(one): known.more[_name(one)] for one in kept}
    return Facts(mandates=known.mandates, more=found, first=known.first)


def more(session: Session, contract: Contract, gathers: Iterable[str], at: datetime) -> dict[str, Any]:
    """What stands outside tickets at `at`, by name; one statement for each, and one more for what was handed over."""
    found: dict[str, Any] = {}
    for wanted in gathers:
        name, *argument = wanted.split(":")
        if name == DUTY:
            found[name] = duty_of(session, contract, at)
        else:
            found[name] = GATHERERS[name](session, contract, *argument)
    return found


def _name(wanted: str) -> str:
    return wanted.split(":")[0]


def timer_facts(timers: Iterable[Timer | TimerLine], workflow: Workflow) -> tuple[TimerFact, ...]:
    """The rows as guards see them."""
    reminders = {deadline.name for deadline in workflow.deadlines.values() if deadline.reminds}
    return tuple(
        TimerFact(
            t.id,
            t.deadline,
            t.started_at,
            t.due_at,
            t.shown,
            t.stopped_at,
            t.deadline in reminders,
            bool(t.party),
            t.provisional,
            t.calendar,
            t.party,
        )
        for t in timers
    )


def _papers(rows: Rows | Lines, first: Mapping[int, int]) -> tuple[PaperFact, ...]:
    signatures: dict[int, list[SignatureFact]] = {}
    for s in rows.signatures:
        signatures.setdefault(s.paper_id, []).append(
            SignatureFact(first.get(s.person_id, s.person_id), s.account_id, s.party, s.role, s.meaning, s.at)
        )
    return tuple(
        PaperFact(
            p.id,
            p.kind,
            p.version,
            p.digest,
            p.content,
            first.get(p.filed_by or 0, p.filed_by),
            p.party,
            p.at,
            p.fields,
            tuple(signatures.get(p.id, ())),
        )
        for p in rows.papers
    )


def _identity(check: IdentityCheck, person: int, verified_by: int, *, unseal: Unseal) -> IdentityFact:
    is_open = check.method == CALL_BACK and check.passed_at is None and check.challenge_sealed is not None
    return IdentityFact(
        check.id,
        check.method,
        person,
        verified_by,
        check.content_digest,
        check.issued_at,
        check.expires_at,
        check.passed_at,
        unseal(f"challenge:{check.id}", check.challenge_sealed or "") if is_open else None,
    )


def baseline(session: Session, contract: Contract) -> tuple[LineNow, ...]:
    """The catalogue as it stands: what was signed, and the changes done since, in their order (C7.2)."""
    quantity: dict[int, int] = {}
    ends: dict[int, date] = {}
    for move in session.scalars(gather_sql.MOVES, {"contract": contract.key}):
        quantity[move.line] = quantity.get(move.line, 0) + move.quantity
        if move.ends is not None:
            ends[move.line] = move.ends
    return tuple(
        LineNow(
            line.number,
            line.name,
            line.unit_price_fen,
            line.quantity + quantity.get(line.number, 0),
            line.priced_per,
            line.months,
            line.starts,
            ends.get(line.number, line.ends),
        )
        for line in contract.lines
    )


def _supplements(session: Session, contract: Contract) -> Mapping[str, int]:
    added, reduced = session.execute(gather_sql.SUPPLEMENTS, {"contract": contract.key}).one()
    return {"additions_fen": int(added), "reductions_fen": int(reduced)}


def _tickets(session: Session, contract: Contract, kinds: str) -> tuple[TicketNow, ...]:
    rows = session.execute(gather_sql.tickets(kinds), {"contract": contract.key})
    return tuple(
        TicketNow(number, kind, state, final, fields, ended or {}) for number, kind, state, final, fields, ended in rows
    )


def _current(session: Session, contract: Contract, kinds: str) -> tuple[TicketNow, ...]:
    rows = session.execute(gather_sql.current(kinds), {"contract": contract.key})
    return tuple(
        TicketNow(number, kind, state, False, fields, opened_at=opened_at)
        for number, kind, state, fields, opened_at in rows
    )


def _open(session: Session, contract: Contract, kinds: str, *, final: bool = False) -> tuple[TicketNow, ...]:
    """The open tickets of these kinds (or those that ended), newest first, by number and state alone: cheap enough for
    every act."""
    rows = session.execute(gather_sql.numbers(kinds, final), {"contract": contract.key})
    return tuple(TicketNow(number, kind, state, final) for number, kind, state in rows)


GATHERERS: Mapping[str, Callable[..., Any]] = {
    "catalogue": baseline,
    "supplements": _supplements,
    "tickets": _tickets,
    "open": _open,
    "current": _current,
    "ended": partial(_open, final=True),
}
"""What a workflow may ask for beyond its own ticket, by the name in `Workflow.gathers`: "catalogue", or "tickets:reboot,drill"
with what the gatherer takes beside. The open tickets of these kinds come first, then those that ended, the newest first."""
