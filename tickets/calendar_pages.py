"""The calendar of a contract: a year by its months, what is provisional, service hours, and how a year comes in force."""

from __future__ import annotations

import calendar as months
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date, get_day_names
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import get_locale, gettext, pgettext
from sqlalchemy.orm import Session

from auth import asking, keyring
from auth.policy import WITH_MANDATE, policy
from auth.sessions import Caller, address, caller
from database import transaction
from tickets import chrome, recount, room, years
from tickets.arguments import arguments, contract_of
from tickets.contracts import contracts_now, year_of
from tickets.word_of_party import ROLES, By, Denied
from tickets.years import Bringing, OnRecord
from workflow.calendar import PUBLISHED, Calendar, calendar_of
from workflow.contract import Contract
from workflow.hours import Hours
from workflow.shapes import LARGEST_FILE_BYTES

blueprint = Blueprint("calendar", __name__)
STATUS = {"not_yours": 403, "not_now": 409, "same_person": 403, "same_party": 403, "unknown": 404}
_FIELDS = ("year", "days_off", "make_up_days", "code")


@dataclass(frozen=True)
class Day:
    """One day of a month: `kind` is work, weekend, off or make_up."""

    number: int
    kind: str
    says: str


@dataclass(frozen=True)
class Month:
    """A month as weeks from Monday on; None stands for days of its neighbours."""

    name: str
    weeks: Sequence[Sequence[Day | None]]


@blueprint.get("/contract/calendar")
@policy(WITH_MANDATE)
def shown() -> Any:
    """A year of the contract's calendar, or a version of a year that waits to be approved."""
    given = arguments("contract", "year", "version")
    who = caller()
    contract = contract_of(who, given["contract"])
    return _page(who, contract, given["year"], given["version"])


def _page(who: Caller, contract: Contract, year: str = "", version: str = "", denied: Denied | None = None) -> Any:
    at = room().desk.now()
    with room().queries.view() as session:
        chrome.take_pulse(who, session)
        on_record = years.on_record(session, contract)
    offered = years.years_offered(contract)
    looked_at = _version(on_record, version)
    today = contract.calendar.local_day(at)
    number = looked_at.year.year if looked_at else _year(year, offered, today.year)
    # A version that waits is shown as it would be: who approves reads each day of it.
    calendar = contract.calendar if looked_at is None else calendar_of(
        contract.calendar.zone, {number: year_of(looked_at.year)}
    )  # fmt: skip
    speaks = next((m for m in who.mandates if m.contract_key == contract.key and m.role in _ROLES), None)
    return render_template(
        "desk/calendar.html",
        contract=contract,
        year=number,
        offered=[(one, contract.calendar.status(one) == PUBLISHED) for one in offered],
        months=[_month(calendar, number, month) for month in range(1, 13)],
        days=_weekdays(),
        is_settled=calendar.status(number) == PUBLISHED,
        declared=calendar.years.get(number),
        version=looked_at,
        in_force=next((o for o in on_record if o.standing == "in_force" and o.year.year == number), None),
        on_record=on_record,
        standing=standing,
        speaks=speaks,
        approves=bool(
            speaks and looked_at and looked_at.standing == "waiting" and speaks.party != looked_at.year.party
        ),
        hours=[(hours, _open_now(hours, contract.calendar, at)) for hours in contract.hours.values()],
        denied=denied,
        typed=request.form,
    ), (200 if denied is None else STATUS.get(denied.reason, 422))


_ROLES = frozenset(role.name for role in ROLES)


def _open_now(hours: Hours, calendar: Calendar, at: Any) -> tuple[bool, Any]:
    return hours.is_open(calendar, at), hours.next_opening(calendar, at)


def _version(on_record: Sequence[OnRecord], version: str) -> OnRecord | None:
    if not version:
        return None
    number = asking.whole_number(version)
    return next((one for one in on_record if one.year.id == number), None) or abort(404)


def _year(year: str, offered: range, this: int) -> int:
    if not year:
        return min(max(this, offered[0]), offered[-1])
    number = asking.whole_number(year)
    return number if number in offered else abort(404)


def _month(calendar: Calendar, year: int, month: int) -> Month:
    weeks = [
        [_day(calendar, date(year, month, number)) if number else None for number in week]
        for week in months.Calendar().monthdayscalendar(year, month)
    ]
    return Month(format_date(date(year, month, 1), "LLLL", locale=get_locale()), weeks)


def _day(calendar: Calendar, day: date) -> Day:
    year = calendar.years.get(day.year)
    if year is not None and day in year.off:
        return Day(day.day, "off", pgettext("calendar", "day off"))
    if year is not None and day in year.work:
        return Day(day.day, "make_up", pgettext("calendar", "make-up working day"))
    return Day(day.day, "work" if calendar.is_working_day(day) else "weekend", "")


def _weekdays() -> list[tuple[str, str]]:
    short, long = (get_day_names(width, "stand-alone", get_locale()) for width in ("narrow", "wide"))
    return [(short[n], long[n]) for n in range(7)]


def standing(name: str) -> str:
    """Where a version of a year stands."""
    return {
        "waiting": pgettext("version", "waits for the other party"),
        "replaced": pgettext("version", "replaced before it was approved"),
        "in_force": pgettext("version", "in force"),
        "superseded": pgettext("version", "superseded"),
    }[name]


# --- acts ------------------------------------------------------------------------------------------------------------


@blueprint.post("/contract/calendar/propose")
@policy(WITH_MANDATE)
def propose() -> Any:
    """Brings the notice of a year for the caller's party."""
    who, contract = caller(), contract_of(caller(), arguments("contract")["contract"])
    content = _brought()
    given = {name: request.form.get(name, "") for name in _FIELDS}
    brought = Bringing(
        asking.whole_number(given["year"]),
        content,
        asking.whole_number(given["days_off"]),
        asking.whole_number(given["make_up_days"]),
    )
    with transaction(room().desk.engine) as session:
        current = _current(session, contract)
        outcome = years.propose(session, keyring(), current, brought, _by(who, given["code"]))
    if isinstance(outcome, Denied):
        return _page(who, contract, given["year"], denied=outcome)
    flash(gettext("Brought: the days of %(year)s wait for the other party.", year=outcome.year), "done")
    return redirect(url_for("calendar.shown", contract=contract.key, version=outcome.id), 303)


@blueprint.post("/contract/calendar/approve")
@policy(WITH_MANDATE)
def approve() -> Any:
    """Approves a version in the name of the other party; limits that looked at the year are counted again at once."""
    who, contract = caller(), contract_of(caller(), arguments("contract")["contract"])
    given = asking.fields("version", "digest", "code")
    with transaction(room().desk.engine) as session:
        current = _current(session, contract)
        number = asking.whole_number(given["version"])
        outcome = years.approve(session, keyring(), current, number, given["digest"], _by(who, given["code"]))
    if isinstance(outcome, Denied):
        if outcome.reason == "unknown":
            abort(404)
        return _page(who, contract, version=given["version"], denied=outcome)
    counted = recount.recount_all(room().desk, contract.key)
    flash(
        gettext(
            "The days of %(year)s are in force. Deadlines of %(count)s tickets were counted again.",
            year=outcome.year,
            count=counted,
        ),
        "done",
    )
    return redirect(url_for("calendar.shown", contract=contract.key, year=outcome.year), 303)


def _brought() -> bytes:
    """The file of a form that holds what this page offers and nothing else."""
    fields, files = request.form, request.files
    if set(fields) - {*_FIELDS, "csrf_token"} or any(len(fields.getlist(name)) > 1 for name in _FIELDS):
        raise asking.unfit()
    brought = files.getlist("notice")
    if set(files) != {"notice"} or len(brought) != 1 or any(len(fields.get(name, "")) > 16 for name in _FIELDS):
        raise asking.unfit()
    return brought[0].stream.read(LARGEST_FILE_BYTES + 1)


def _current(session: Session, contract: Contract) -> Contract:
    return contracts_now(room().contracts, session)[contract.key]


def _by(who: Caller, code: str) -> By:
    return By(who.person_id, code, room().desk.now(), address())
