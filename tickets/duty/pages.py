"""The roster's page: who is on duty and who comes next, bringing a roster, and handing over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from auth import asking, keyring
from auth.policy import WITH_MANDATE, policy
from auth.sessions import Caller, address, caller
from database import transaction
from tickets import chrome, room
from tickets.arguments import arguments, contract_of
from tickets.contract_pages import figure_value
from tickets.contracts import contracts_now
from tickets.duty import chain_view, handing, rosters, view
from tickets.word_of_party import By, Denied
from workflow.contract import Contract
from workflow.declare import Words
from workflow.roster import instant
from workflow.shapes import LARGEST_FILE_BYTES

blueprint = Blueprint("duty", __name__)
STATUS = {"not_yours": 403, "not_now": 409, "unknown": 404}
_FIELDS = ("starts", "ends", "code")
_LONGEST = 40


@blueprint.get("/contract/duty")
@policy(WITH_MANDATE)
def shown() -> Any:
    """Who is on duty now, and what comes."""
    who = caller()
    return _page(who, contract_of(who, arguments("contract")["contract"]))


def _page(who: Caller, contract: Contract, denied: Denied | None = None) -> Any:
    with room().queries.view() as session:
        chrome.take_pulse(who, session)
        found = view.seen(session, contract, who, room().desk.now())
    return render_template(
        "desk/duty.html",
        contract=contract,
        duty=found,
        value=figure_value,
        chains=chain_view.chains(contract, room().desk.now()),
        ahead_days=view.AHEAD.days,
        denied=denied,
        typed=request.form,
    ), (200 if denied is None else STATUS.get(denied.reason, 422))


# --- acts ------------------------------------------------------------------------------------------------------------


@blueprint.post("/contract/duty/bring")
@policy(WITH_MANDATE)
def bring() -> Any:
    """Brings a roster of the caller's party; with anything wrong in it nothing is taken, and all of it is told."""
    who, contract = caller(), contract_of(caller(), arguments("contract")["contract"])
    content = _brought()
    given = {name: request.form.get(name, "") for name in _FIELDS}
    starts, ends = (instant(given[name], contract.calendar.zone) for name in ("starts", "ends"))
    if starts is None or ends is None:
        says = Words("A roster is for a time from one moment until another, such as 2026-05-12 08:00.")
        return _page(who, contract, Denied("unfit", (says,)))
    with transaction(room().desk.engine) as session:
        current = _current(session, contract)
        brought = rosters.from_file(current, content, starts, ends)
        outcome = rosters.bring(session, keyring(), current, brought, _by(who, given["code"]))
    if isinstance(outcome, Denied):
        return _page(who, contract, outcome)
    return _back(contract, gettext("The roster is in force for its time; it stands on record as version %(number)s.",
                                   number=outcome.id))  # fmt: skip


@blueprint.post("/contract/duty/offer")
@policy(WITH_MANDATE)
def offer() -> Any:
    """Offers the caller's shift to a colleague."""
    who, contract = caller(), contract_of(caller(), arguments("contract")["contract"])
    note = request.form.get("note", "")
    given = _fields("post", "to", "code", beside="note")
    with transaction(room().desk.engine) as session:
        current = _current(session, contract)
        by = _by(who, given["code"])
        outcome = handing.offer(session, keyring(), current, given["post"], given["to"], note, by)
    if isinstance(outcome, Denied):
        return _page(who, contract, outcome)
    return _back(
        contract, gettext("Offered to %(name)s. Until it is accepted you remain on duty.", name=outcome.taker_name)
    )


@blueprint.post("/contract/duty/answer")
@policy(WITH_MANDATE)
def answer() -> Any:
    """Accepts or declines what was offered to the caller."""
    who, contract = caller(), contract_of(caller(), arguments("contract")["contract"])
    given = asking.fields("offer", "answer", "code")
    if given["answer"] not in ("accept", "decline"):
        raise asking.unfit()
    number, accepts = asking.whole_number(given["offer"]), given["answer"] == "accept"
    with transaction(room().desk.engine) as session:
        current = _current(session, contract)
        outcome = handing.answer(session, keyring(), current, number, accepts, _by(who, given["code"]))
    if isinstance(outcome, Denied):
        if outcome.reason == "unknown":
            abort(404)
        return _page(who, contract, outcome)
    return _back(
        contract, gettext("You are on duty now.") if accepts else gettext("Declined: your colleague remains on duty.")
    )


def _fields(*names: str, beside: str) -> dict[str, str]:
    """Short fields, and one text of several lines that is judged where it is kept."""
    form = request.form
    if set(form) - {*names, beside, "csrf_token"} or request.files or any(len(form.getlist(n)) > 1 for n in form):
        raise asking.unfit()
    found = {name: form.get(name, "") for name in names}
    if any(len(value) > asking.LONGEST_FIELD or not value.isprintable() for value in found.values()):
        raise asking.unfit()
    return found


def _brought() -> bytes:
    """The file of a form that holds what this page offers and nothing else."""
    form, files = request.form, request.files
    if set(form) - {*_FIELDS, "csrf_token"} or any(len(form.getlist(name)) > 1 for name in _FIELDS):
        raise asking.unfit()
    found = files.getlist("roster")
    if set(files) != {"roster"} or len(found) != 1 or any(len(form.get(name, "")) > _LONGEST for name in _FIELDS):
        raise asking.unfit()
    return found[0].stream.read(LARGEST_FILE_BYTES + 1)


def _current(session: Session, contract: Contract) -> Contract:
    return contracts_now(room().contracts, session)[contract.key]


def _by(who: Caller, code: str) -> By:
    now: datetime = room().desk.now()
    return By(who.person_id, code, now, address())


def _back(contract: Contract, says: str) -> Any:
    flash(says, "done")
    return redirect(url_for("duty.shown", contract=contract.key), 303)
