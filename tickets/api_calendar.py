"""The calendar of a contract through the API: a year and its versions, bringing and approving one, and when a period ends."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

from auth import asking, keyring, sessions
from auth.policy import WITH_MANDATE, policy
from auth.sessions import Caller
from database import reading
from tickets import api_duty, recount, room, years
from tickets.api_problems import Problem
from tickets.api_request import (
    NAME,
    ApprovingYear,
    BringingYear,
    CalendarQuery,
    NoQuery,
    ReckoningQuery,
    body,
    key,
    query,
)
from tickets.api_request import whole as whole_number
from tickets.years import Bringing, OnRecord
from workflow.calendar import Period
from workflow.canonical import plain
from workflow.contract import Contract

PATH = "/contracts/<contract>/calendar"
VERSION = f"{PATH}/versions/<int(max=2147483647):version>/approvals"
LONGEST = 3660


def install(blueprint: Blueprint) -> None:
    """Adds the routes to those of the API."""
    blueprint.add_url_rule(PATH, "calendar", shown)
    blueprint.add_url_rule(f"{PATH}/reckoning", "reckoning", reckoning)
    blueprint.add_url_rule(f"{PATH}/versions", "bring_year", bring, methods=["POST"])
    blueprint.add_url_rule(VERSION, "approve_year", approve, methods=["POST"])


@policy(WITH_MANDATE)
def shown(contract: str) -> Response:
    """The days of a year as they are in force, and every version that was brought of any year."""
    sent, found = query(CalendarQuery), _contract(sessions.caller(), contract)
    offered = years.years_offered(found)
    this = found.calendar.local_day(room().desk.now()).year
    number = whole_number(sent.year, default=min(max(this, offered[0]), offered[-1]), most=9999, field="year")
    if number not in offered:
        raise Problem("not-found")
    with reading(room().desk.engine) as session:
        versions = years.on_record(session, found)
    year = found.calendar.years.get(number)
    return jsonify(
        contract=found.key, zone=found.calendar.zone.key, year=number, years=list(offered),
        status=found.calendar.status(number), source=year.source if year else "", digest=found.calendar.digest,
        days_off=sorted(map(str, year.off)) if year else [], make_up_days=sorted(map(str, year.work)) if year else [],
        versions=[_version(one) for one in versions],
    )  # fmt: skip


def _version(one: OnRecord) -> dict[str, Any]:
    year, approval = one.year, one.approval
    return {
        "version": year.id, "year": year.year, "standing": one.standing, "source": year.source, "digest": year.digest,
        "days_off": year.days["off"], "make_up_days": year.days["work"],
        "brought": {"name": year.name, "party": year.party, "at": plain(year.at)},
        "approved": {"name": approval.name, "party": approval.party, "at": plain(approval.at)} if approval else None,
    }  # fmt: skip


@policy(WITH_MANDATE)
def reckoning(contract: str) -> Response:
    """When a period ends that begins at an instant, by the law of periods and the days of this contract. It binds nobody."""
    sent, found = query(ReckoningQuery), _contract(sessions.caller(), contract)
    starts = api_duty.moment(sent.starts, "starts")
    if not 2000 <= starts.year < 3000:
        raise Problem("not-found")
    period = Period(whole_number(sent.length, default=1, most=LONGEST, field="length"), sent.unit)
    due = found.calendar.after(starts, period)
    return jsonify(
        contract=found.key, starts=plain(starts), length=period.value, unit=period.unit, due_at=plain(due.at),
        nominal_at=plain(due.nominal_at), day=str(due.day), rolled=due.rolled, provisional=due.provisional,
        calendar=found.calendar.digest, zone=found.calendar.zone.key,
    )  # fmt: skip


@policy(WITH_MANDATE)
def bring(contract: str) -> Response:
    """Brings the notice of a year for the caller's party; it waits for the other party."""
    query(NoQuery)
    sent, caller = body(BringingYear), sessions.caller()
    _contract(caller, contract)
    brought = Bringing(sent.year, sent.notice.encode(), sent.days_off, sent.make_up_days)
    return api_duty.acted(
        caller, key(), contract, ["year", sent.model_dump()],
        lambda session, found, by: years.propose(session, keyring(), found, brought, by), sent.code,
    )  # fmt: skip


@policy(WITH_MANDATE)
def approve(contract: str, version: int) -> Response:
    """The other party's word to a version; it is in force at once, and limits are counted again."""
    query(NoQuery)
    sent, caller = body(ApprovingYear), sessions.caller()
    _contract(caller, contract)
    response = api_duty.acted(
        caller, key(), contract, ["year-approved", version, sent.model_dump()],
        lambda session, found, by: years.approve(session, keyring(), found, version, sent.digest, by), sent.code,
    )  # fmt: skip
    if response.status_code == 201:
        recount.recount_all(room().desk, contract)
    return response


def _contract(caller: Caller, name: str) -> Contract:
    """A contract of the caller's; any other one is as good as none."""
    desk = room().desk
    if not NAME.fullmatch(name) or name not in caller.contracts or name not in desk.contracts:
        raise Problem("not-found")
    found = desk.contracts[name]
    asking.tell_in(found.calendar.zone)
    return found
