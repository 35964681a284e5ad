"""Applies the consequences of an accepted act outside its own ticket, inside the same transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from auth import factor
from auth.records import Keyring, Refusal
from tickets.models import Event, LineMove, Link, Supplement, Ticket
from tickets.pen import Pen
from workflow.attempt import Attempt
from workflow.declare import PARTIES
from workflow.effects import ONLY_TOLD, ChangeBaseline, LinkTo, NobodyThere, OpenLinked, SignSupplement, Tell

__all__ = ["ONLY_TOLD", "OpenLinked", "answer_back", "apply", "ask_back", "link", "tell"]


class CannotFollow(RuntimeError):
    """A consequence that an accepted act must have could not be had: everything is rolled back."""


def apply(session: Session, row: Ticket, event: Event, effect: Any) -> None:
    """Applies one effect; an effect that nobody applies is a fault of ours and rolls the act back."""
    APPLIERS[type(effect)](session, row, event, effect)


def tell(pen: Pen, row: Ticket, event: Event, effect: Tell | NobodyThere) -> None:
    """Keeps with the pen what is only told; it is written with all other messages."""
    if isinstance(effect, NobodyThere):
        pen.unanswered(row, event, effect.party, effect.post)
        return
    party, readers = PARTIES[effect.party], effect.accounts
    pen.tell(row, event, [party], effect.words, urgent=True, readers=readers, channels=effect.channels)


def _sign_supplement(session: Session, row: Ticket, event: Event, effect: SignSupplement) -> None:
    session.add(
        Supplement(
            contract_key=row.contract_key,
            ticket_id=row.id,
            event_id=event.id,
            additions_fen=effect.additions_fen,
            reductions_fen=effect.reductions_fen,
        )
    )


def _change_baseline(session: Session, row: Ticket, event: Event, effect: ChangeBaseline) -> None:
    session.add_all(
        LineMove(
            contract_key=row.contract_key,
            ticket_id=row.id,
            event_id=event.id,
            line=change.line,
            quantity=change.quantity,
            from_day=change.from_day,
            ends=change.ends,
        )
        for change in effect.changes
    )


def _link_to(session: Session, row: Ticket, event: Event, effect: LinkTo) -> None:
    link(session, row, effect.number, effect.relation, event)


APPLIERS: dict[type, Callable[[Session, Ticket, Event, Any], None]] = {
    SignSupplement: _sign_supplement,
    ChangeBaseline: _change_baseline,
    LinkTo: _link_to,
}


def link(session: Session, row: Ticket, number: str, relation: str, event: Event) -> None:
    """Binds the ticket to another of the same contract."""
    other = session.scalar(select(Ticket).where(Ticket.number == number, Ticket.contract_key == row.contract_key))
    if other is None or other.id == row.id:
        raise CannotFollow(f"{row.number} cannot be linked to {number}")
    bind(session, row, other, relation, event)


def bind(session: Session, row: Ticket, other: Ticket, relation: str, event: Event) -> None:
    """As `link`, to a ticket that is in hand."""
    session.add(Link(ticket_id=row.id, other_id=other.id, relation=relation, event_id=event.id))


def ask_back(session: Session, keyring: Keyring, row: Ticket, attempt: Attempt, *, within: timedelta) -> None:
    """Issues the one-time challenge for a call-back (C9.5)."""
    subject = attempt.value("subject")
    if subject is None:
        first = next((e for e in attempt.accepted if e.content == attempt.ticket.content), None)
        subject = first.person if first else None
    accounts = [m.account for m in attempt.mandates_of(subject)]
    if not accounts or attempt.actor.account is None:
        raise CannotFollow("nobody can be called back")
    made = factor.issue_challenge(
        session,
        keyring,
        ticket_id=row.id,
        content_digest=row.content,
        subject_id=accounts[0],
        verifier_id=attempt.actor.account,
        at=attempt.at,
        valid_for=within,
    )
    if isinstance(made, Refusal):
        raise CannotFollow(str(made.says))


def answer_back(session: Session, row: Ticket, attempt: Attempt, *, holds: timedelta) -> None:
    """Records that the open challenge was answered rightly: the guard compared the code, this only writes it down."""
    opened = [check for check in attempt.facts.identity if check.code is not None and check.content == row.content]
    if not opened or factor.pass_challenge(session, opened[-1].id, at=attempt.at, valid_for=holds) is None:
        raise CannotFollow("there is no open challenge")
