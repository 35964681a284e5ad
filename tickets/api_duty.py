"""Duty and calls as the API tells them: the same as on the pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, jsonify
from sqlalchemy.orm import Session

from auth import sessions
from auth.sessions import Caller
from database import once_more, reading, transaction
from tickets import room
from tickets.api_acts import replayed
from tickets.api_problems import Problem, answer
from tickets.api_request import Answering, Bringing, HandingOver, wrong
from tickets.case import lock_log
from tickets.contracts import contracts_now
from tickets.duty import chain_view, handing, rosters, view
from tickets.duty.models import DutyRoster, HandOver, HandOverAnswer
from tickets.models import Answer, CalendarApproval, CalendarYear
from tickets.queries import Sight
from tickets.speech import say
from tickets.word_of_party import By, Denied
from workflow.canonical import digest, plain
from workflow.contract import Contract
from workflow.declare import Words
from workflow.duty import OnDuty
from workflow.roster import Line, instant
from workflow.wording import to_data

Outcome = DutyRoster | HandOver | HandOverAnswer | CalendarYear | CalendarApproval | Denied
_UTC = ZoneInfo("UTC")
PROBLEMS = {
    "not_yours": "not-yours", "same_person": "not-yours", "same_party": "not-yours", "not_now": "not-now",
    "unfit": "invalid", "wrong_year": "invalid", "same": "invalid", "unknown": "not-found",
}  # fmt: skip
"""What a denial is called here; every other one says that who acts was not proved."""


def calls(sight: Sight) -> dict[str, Any]:
    """What was told to whom, and what comes next unless somebody answers."""
    return {
        "ticket": sight.row.number, "at": plain(sight.at),
        "calls": [
            {**_step(one), "sequence": one.sequence, "at": plain(one.at), "open": one.open,
             "acknowledged": {"by": one.by, "at": plain(one.answered_at)} if one.answered_at else None}
            for one in chain_view.called(sight)
        ],
        "coming": [{**_step(one), "lapses": one.lapses} for one in chain_view.coming(sight)],
    }  # fmt: skip


def _step(one: chain_view.Called | chain_view.Coming) -> dict[str, Any]:
    return {
        "escalation": one.escalation, "chain": one.chain, "step": one.step, "steps": one.steps, "due_at": plain(one.due_at),
        "people": [{"name": who.name, "as": who.role, "party": who.party} for who in one.people],
        "nobody": list(one.nobody), "channels": list(one.channels),
    }  # fmt: skip


# --- who is on duty ----------------------------------------------------------------------------------------------------


def whole(caller: Caller, key: str) -> dict[str, Any]:
    """Of the caller's own party the whole roster, of the others who is there now and until when."""
    contract = _contract(caller, key)
    with reading(room().desk.engine) as session:
        found = view.seen(session, contract, caller, room().desk.now())
    return {
        "contract": contract.key, "at": plain(found.at),
        "posts": [_post(one) for one in found.posts],
        "rosters": [
            {"version": row.id, "digest": row.digest, "starts": plain(row.starts), "ends": plain(row.ends), "by": row.name,
             "at": plain(row.at)}
            for row in found.rosters
        ],
        "hand_overs": [
            {"id": offer.id, "post": offer.shift["post"], "by": offer.name, "to": offer.taker_name, "note": offer.note,
             "at": plain(offer.at), "accepted": given.accepted if given else None,
             "answered_at": plain(given.at) if given else None}
            for offer, given in found.offers
        ],
    }  # fmt: skip


def _contract(caller: Caller, key: str) -> Contract:
    contract = room().desk.contracts.get(key) if key in caller.contracts else None
    if contract is None:
        raise Problem("not-found")
    return contract


def _post(one: view.PostSeen) -> dict[str, Any]:
    return {
        "key": one.post.key, "label": say(one.post.name), "party": one.post.party, "clause": one.post.clause,
        "service": one.is_open, "now": [_there(who) for who in one.now],
        "coming": None if one.coming is None else [
            {"from_at": plain(part.starts), "until_at": plain(part.ends), "people": [_there(who) for who in part.people]}
            for part in one.coming
        ],
        "uncovered_from": plain(one.uncovered_from),
    }  # fmt: skip


def _there(who: OnDuty) -> dict[str, Any]:
    return {"name": who.name, "until_at": plain(who.until), "beside": who.shift.beside}


# --- acts ------------------------------------------------------------------------------------------------------------


def bring(caller: Caller, key: str, contract: str, sent: Bringing) -> Response:
    """201 with the version; 403, 422 with every reason at once, and then nothing is taken."""
    lines = tuple(
        Line(str(place), one.post, one.person, moment(one.starts, f"shifts.{place}.starts"),
             moment(one.ends, f"shifts.{place}.ends"), one.beside)
        for place, one in enumerate(sent.shifts)
    )  # fmt: skip
    brought = rosters.Bringing(moment(sent.starts, "starts"), moment(sent.ends, "ends"), lines)
    return acted(
        caller, key, contract, ["roster", sent.model_dump()],
        lambda session, found, by: rosters.bring(session, room().desk.keyring, found, brought, by), sent.code,
    )  # fmt: skip


def hand_over(caller: Caller, key: str, contract: str, sent: HandingOver) -> Response:
    """201 with the offer: until it is accepted the caller remains on duty."""
    return acted(
        caller, key, contract, ["hand-over", sent.model_dump()],
        lambda session, found, by: handing.offer(session, room().desk.keyring, found, sent.post, sent.to, sent.note, by),
        sent.code,
    )  # fmt: skip


def answer_offer(caller: Caller, key: str, contract: str, offer: int, sent: Answering) -> Response:
    """201 with the answer of the named colleague."""
    return acted(
        caller, key, contract, ["answer", offer, sent.model_dump()],
        lambda session, found, by: handing.answer(session, room().desk.keyring, found, offer, sent.accepts, by), sent.code,
    )  # fmt: skip


def moment(text: str, field: str) -> datetime:
    """With its offset: a program does not leave its zone to be guessed."""
    found = instant(text, _UTC) if text[-1:] == "Z" or text[-6:-5] in ("+", "-") else None
    if found is None:
        raise wrong(field, Words("This moment lacks its time zone."))
    return found


def acted(
    caller: Caller,
    key: str,
    contract: str,
    request: list[Any],
    act: Callable[[Session, Contract, By], Outcome],
    code: str,
) -> Response:
    """Does it once for a key: a code serves once, so a repetition is given the first answer."""
    _contract(caller, contract)
    seal = digest([contract, *request])
    return once_more(lambda: _remembered(caller, key, contract, seal, act, code))


def _remembered(
    caller: Caller, key: str, contract: str, seal: str, act: Callable[[Session, Contract, By], Outcome], code: str
) -> Response:
    desk = room().desk
    with transaction(desk.engine) as session:
        lock_log(session, contract)
        before = session.get(Answer, (caller.person_id, key))
        if before is not None and before.request != seal:
            raise Problem("key-reused")
        if before is not None:
            return replayed(_told(before.outcome))
        at = desk.now()
        found = contracts_now(room().contracts, session)[contract]
        outcome = _data(act(session, found, By(caller.person_id, code, at, sessions.address())))
        session.add(Answer(account_id=caller.person_id, key=key, request=seal, at=at, outcome=outcome))
    return _told(outcome)


def _data(outcome: Outcome) -> dict[str, Any]:
    """What came of it, as data that can be kept."""
    if isinstance(outcome, Denied):
        return {"denied": outcome.reason, "says": [to_data(one) for one in outcome.says]}
    told: dict[str, Any] = {"id": outcome.id, "at": plain(outcome.at)}
    if isinstance(outcome, DutyRoster):
        told |= {"digest": outcome.digest, "starts": plain(outcome.starts), "ends": plain(outcome.ends)}
    elif isinstance(outcome, CalendarYear):
        told |= {"year": outcome.year, "digest": outcome.digest, "source": outcome.source}
    elif isinstance(outcome, CalendarApproval):
        told |= {"year": outcome.year, "version": outcome.calendar_year_id}
    elif isinstance(outcome, HandOver):
        told |= {"post": outcome.shift["post"], "to": outcome.taker_name}
    else:
        told |= {"accepted": outcome.accepted}
    return told


def _told(outcome: Mapping[str, Any]) -> Response:
    if "denied" in outcome:
        kind = PROBLEMS.get(outcome["denied"], "not-proved")
        field = "code" if kind == "not-proved" else ""
        return answer(kind, errors=[{"field": field, "says": say(one)} for one in outcome["says"]])
    response = jsonify(outcome)
    response.status_code = 201
    return response
