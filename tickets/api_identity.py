"""A fresh second factor for an act that binds, and the challenges that only the one who is called back may read.

A code serves once, so a repetition of the same request must not try it again: the answer is remembered like an act's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Response, jsonify
from sqlalchemy import select
from sqlalchemy.orm import Session

from auth import factor, sessions
from auth.records import Refusal
from auth.sessions import Caller
from database import once_more, reading, transaction
from tickets import api_answers, room, witness
from tickets.acts import event_data
from tickets.api_acts import replayed
from tickets.api_problems import Problem, answer
from tickets.api_request import Proving
from tickets.case import locked
from tickets.desk import Desk
from tickets.models import Answer, Event, Ticket
from tickets.queries import visible
from tickets.speech import say
from workflow.canonical import digest, plain
from workflow.declare import Words
from workflow.wording import to_data


def prove(caller: Caller, key: str, sent: Proving) -> Response:
    """201 with the check and when it expires; 422 for a code that does not serve; 409 on a stale version."""
    desk = room().desk
    request = digest(["identity-check", sent.ticket, sent.version, sent.code])
    return once_more(lambda: _answered(desk, caller, key, request, sent))


def _answered(desk: Desk, caller: Caller, key: str, request: str, sent: Proving) -> Response:
    with transaction(desk.engine) as session:
        # The ticket first, then the person: whoever proves a factor takes these locks in this order, as the pages do.
        row = locked(session, Ticket.number == sent.ticket, Ticket.kind.in_(desk.workflows), visible(caller))
        before = session.get(Answer, (caller.person_id, key))
        if before is not None and before.request != request:
            raise Problem("key-reused")
        if row is None:
            raise Problem("not-found")
        if before is not None:
            return replayed(_told(before.outcome))
        at = desk.now()
        outcome = _proved(session, caller, row, sent, at)
        session.add(Answer(account_id=caller.person_id, key=key, request=request, at=at, outcome=outcome))
    return _told(outcome)


def _proved(session: Session, caller: Caller, row: Ticket, sent: Proving, at: datetime) -> dict[str, Any]:
    """What came of it, as data that can be kept."""
    if sent.version != row.version:
        unseen = session.scalars(
            select(Event)
            .where(Event.ticket_id == row.id, Event.accepted, Event.version > sent.version)
            .order_by(Event.sequence)
            .limit(50)
        )
        return {"result": "stale", "changed": [event_data(one) for one in unseen]}
    desk = room().desk
    found = factor.prove_factor(
        session,
        desk.keyring,
        caller.person_id,
        sent.code,
        ticket_id=row.id,
        content_digest=row.seen,
        at=at,
        valid_for=desk.contracts[row.contract_key].at(row.opened_at).duration("identity.factor_valid"),
        address=sessions.address(),
    )
    if isinstance(found, Refusal):
        if found.reason == factor.WRONG_CODE.reason:
            witness.factor_refused(desk, session, row, caller.person_id, found.says, at=at, door="api")
        return {"result": "not-proved", "reason": found.reason, "says": to_data(found.says)}
    return {
        "result": "proved", "id": found.id, "ticket": row.number, "version": row.version, "content": row.content,
        "method": found.method, "passed_at": plain(at), "expires_at": plain(found.expires_at),
    }  # fmt: skip


def _told(outcome: Mapping[str, Any]) -> Response:
    if outcome["result"] == "stale":
        says = Words("The ticket has moved on since this page was opened. Look at what changed, then decide again.")
        return answer("stale", says, changed=[api_answers.event(one) for one in outcome["changed"]])
    if outcome["result"] == "not-proved":
        return answer("not-proved", errors=[{"field": "code", "says": say(outcome["says"])}])
    response = jsonify({name: value for name, value in outcome.items() if name != "result"})
    response.status_code = 201
    return response


def challenges(caller: Caller) -> list[dict[str, Any]]:
    """The caller's own open challenges, to be read out to who calls back. Nobody else is ever told the digits."""
    desk = room().desk
    with reading(desk.engine) as session:
        found = factor.open_challenges(session, desk.keyring, caller.person_id, at=desk.now())
        ids = [check.ticket_id for check, _ in found]
        asked = select(Ticket.id, Ticket.number).where(Ticket.id.in_(ids), visible(caller))
        numbers = {row.id: row.number for row in session.execute(asked)}
    return [
        {"ticket": numbers[check.ticket_id], "digits": digits, "expires_at": plain(check.expires_at)}
        for check, digits in found
        if check.ticket_id in numbers
    ]
