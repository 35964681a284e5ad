"""Puts on a ticket's record what was tried there before any act was attempted: a second factor that was not proved."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tickets import gather, record
from tickets.case import locked
from tickets.desk import Desk
from tickets.models import Ticket
from tickets.pen import pen
from workflow.attempt import Attempt
from workflow.declare import Words
from workflow.guards import identified
from workflow.wording import to_data

IDENTIFY = "identify"
"""What the event is called. It is no action of any workflow: nothing can come of it but a proof or a refusal."""


def factor_refused(
    desk: Desk, session: Session, row: Ticket, account: int, says: Words, *, at: datetime, door: str
) -> None:
    """Writes the refusal in the transaction in which the wrong or used code was counted."""
    held = locked(session, Ticket.id == row.id)
    assert held is not None, "a ticket is never taken away"
    row = held
    workflow, contract = desk.workflows[row.kind], desk.contracts[row.contract_key]
    found = gather.facts(session, row, contract=contract, workflow=workflow, at=at, unseal=desk.unseal)
    actor = gather.actor_of(found.mandates, account, None)
    attempt = Attempt(IDENTIFY, actor, at, gather.ticket_fact(row), found, contract.at(row.opened_at))
    missing = [{"guard": identified.name, "clause": identified.clause, "says": to_data(says), "remedy": "factor"}]
    with pen(session, desk.salt) as taken:
        record.write_refusal(
            taken, row, attempt, clause=identified.clause, reason="missing", missing=missing, door=door
        )
