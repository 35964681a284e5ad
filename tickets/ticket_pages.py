"""A ticket's own page, and the acts that are sent from it. Every act goes through the one door and is judged there."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from auth import asking, factor, keyring
from auth import desk as base
from auth.policy import WITH_MANDATE, policy
from auth.records import Refusal
from auth.sessions import Caller, address, caller
from database import reading, transaction
from tickets import chrome, draw_view, form_fields, room, ticket_view, witness
from tickets.acts import Act, Outcome
from tickets.case import locked
from tickets.models import Answer, Ticket
from tickets.queries import Sight, visible
from tickets.record import FileFact
from tickets.speech import label, say
from tickets.ticket_view import Tried
from tickets.vault import FileRefused
from workflow.declare import Action
from workflow.guards import identified
from workflow.wording import to_data

blueprint = Blueprint("ticket", __name__)
STATUS = {
    "accepted": 303,
    "invalid": 422,
    "missing": 422,
    "stale": 409,
    "not_yours": 403,
    "not_now": 409,
    "key_reused": 422,
}
_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
JUST_NOW = timedelta(seconds=90)


def new_key() -> str:
    """A fresh idempotency key for one rendered form."""
    return secrets.token_urlsafe(24)


def sight_of(who: Caller, number: str) -> Sight:
    """The ticket as the caller sees it; 404 where it is not the caller's to see."""
    queries = room().queries
    with queries.view() as session:
        chrome.take_pulse(who, session)
        found = queries.sight(who, number, session)
    if found is None:
        abort(404)
    asking.tell_in(found.contract.calendar.zone)
    return found


def page(sight: Sight, who: Caller, *, tried: Tried | None = None, status: int = 200, revealed: Any = None) -> Any:
    """The ticket's page."""
    shown = ticket_view.frame(sight, who.person_id, tried)
    return render_template(
        "desk/ticket.html",
        page=shown,
        sight=sight,
        ticket=sight.row,
        contract=sight.contract,
        new_key=new_key,
        course=draw_view.course(sight),
        revealed=revealed,
        state=sight.workflow.states.get(sight.row.state),
    ), status


@blueprint.get("/tickets/<number>")
@policy(WITH_MANDATE)
def shown(number: str) -> Any:
    who = caller()
    return page(sight_of(who, number), who)


@blueprint.get("/tickets/<number>/moved")
@policy(WITH_MANDATE)
def moved(number: str) -> Any:
    """For the open page: nothing while the ticket stands as it was seen, else a word with a link. Never the form's fate."""
    who, seen = caller(), request.args.get("seen", "")
    with reading(base().engine) as session:
        row = session.execute(
            select(Ticket.version, Ticket.events).where(Ticket.number == number, visible(who))
        ).one_or_none()
    if row is None:
        abort(404)
    if seen == f"{row.version}.{row.events}":
        return make_response("", 204)
    return render_template("desk/_moved.html", number=number)


# --- acts ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sent:
    """A form as it was sent: its fields as JSON data, and what the page itself put into it."""

    fields: dict[str, Any]
    key: str
    version: int | None
    code: str


def sent(made: list[form_fields.Input]) -> Sent:
    """Reads the form. A control that is missing, twice there or out of shape was not made by our page: 422."""
    posted: MultiDict[str, str] = request.form
    if any(len(posted.getlist(name)) > 1 for name in form_fields.CONTROLS):
        raise asking.unfit()
    key, version, code = (posted.get(f"desk-{name}", "") for name in ("key", "version", "code"))
    if not _KEY.fullmatch(key) or len(code) > 16 or (version and not re.fullmatch(r"[0-9]{1,9}", version)):
        raise asking.unfit()
    return Sent(form_fields.read(made, posted, asking.zone()), key, int(version) if version else None, code)


@blueprint.post("/tickets/<number>/<action>")
@policy(WITH_MANDATE)
def act(number: str, action: str) -> Any:
    """Does an act, or tells why it was not done, with everything that was typed still there."""
    who = caller()
    sight = sight_of(who, number)
    declared = sight.workflow.actions.get(action)
    if declared is None or declared.by_clock or declared.source is None:
        abort(404)
    made = form_fields.inputs(declared.form, sight.choices, asking.zone())
    given = sent(made)
    code_error = _prove(sight, declared, given, who)
    if code_error is not None:
        return _again(sight, who, declared, made, Outcome("missing"), code_error=code_error)
    file, faults = _file(sight, declared)
    outcome = room().desk.act(_act(who, number, declared, given, file, faults))
    if outcome.accepted:
        return done(outcome, declared)
    if outcome.result == "unknown":
        abort(404)
    return _again(sight_of(who, number), who, declared, made, outcome)


def _act(
    who: Caller, number: str, action: Action, given: Sent, file: FileFact | None, faults: list[dict[str, Any]]
) -> Act:
    return Act(
        account=who.person_id,
        action=action.name,
        key=given.key,
        number=number,
        version=given.version,
        fields=given.fields,
        file=file,
        faults=faults,
        door="page",
    )


def done(outcome: Outcome, action: Action) -> Any:
    """Back to the ticket with a word on what happened and where it stands on record."""
    receipt = outcome.receipt or {}
    flash(
        gettext(
            "Done: %(action)s. It stands on record as entry %(index)s, receipt %(leaf)s….",
            action=say(action.label),
            index=receipt.get("index", ""),
            leaf=str(receipt.get("leaf", ""))[:12],
        ),
        "done",
    )
    return redirect(url_for("ticket.shown", number=outcome.number), 303)


def _prove(sight: Sight, action: Action, given: Sent, who: Caller) -> str | None:
    """Proves the second factor where the act asks for one and a code was sent along. Says why it could not."""
    if identified not in action.guards or not given.code or action not in sight.mine:
        return None
    if given.version != sight.row.version:
        return None  # The desk will say that the page is stale; nobody vouches for a text that they have not seen.
    if _answered(who, given.key):
        return None  # Sent twice: the first answer is given again, and its code is not tried a second time.
    row, at = sight.row, base().now()
    edition = sight.contract.at(row.opened_at)
    with transaction(base().engine) as session:
        # The ticket first, then the person, as the API does: should the code be wrong, the ticket's record is written too.
        locked(session, Ticket.id == row.id)
        proved = factor.prove_factor(
            session,
            keyring(),
            who.person_id,
            given.code,
            ticket_id=row.id,
            content_digest=row.seen,
            at=at,
            valid_for=edition.duration("identity.factor_valid"),
            address=address(),
        )
        if not isinstance(proved, Refusal):
            return None
        before = factor.latest_check(session, who.person_id, ticket_id=row.id, content_digest=row.seen, at=at)
        twice = before is not None and before.passed_at is not None and at - before.passed_at < JUST_NOW
        if not twice and proved.reason == factor.WRONG_CODE.reason:
            witness.factor_refused(room().desk, session, row, who.person_id, proved.says, at=at, door="page")
    # The same form, sent twice at the same moment: the other request has just used this very code for this very ticket.
    return None if twice else say(proved.says)


def _answered(who: Caller, key: str) -> bool:
    with reading(base().engine) as session:
        return session.get(Answer, (who.person_id, key)) is not None


def _file(sight: Sight, action: Action) -> tuple[FileFact | None, list[dict[str, Any]]]:
    """The file that was brought, kept in the vault, and what is wrong with one that is not taken, for the record.

    Nothing is kept of what the act does not take or the person may not bring.
    """
    brought = request.files.getlist("file")
    if not action.takes_file or action not in sight.mine:
        return None, []
    if len(brought) != 1 or len(request.files) != 1 or not brought[0].filename:
        return None, []
    stream, name = brought[0].stream, brought[0].filename
    try:
        return room().vault.keep(stream, name, limit_bytes=base().settings.upload_limit_bytes), []
    except FileRefused as refused:
        fault = {"field": "file", "says": to_data(refused.says)}
        return room().vault.told_apart(stream, name), [fault]


def _again(
    sight: Sight, who: Caller, action: Action, made: list[form_fields.Input], outcome: Outcome, *, code_error: str = ""
) -> Any:
    """The page once more, with the reasons and the form as it was filled in."""
    fields, stray = form_fields.kept(made, request.form, outcome.errors, asking.zone())
    changed = [
        {
            "label": label("action", str(one["action"])),
            "name": one["name"],
            "at": one["at"],
            "sequence": one["sequence"],
        }
        for one in outcome.changed
    ]
    missing = [one for one in outcome.missing if not code_error or one.get("remedy") != "factor"]
    tried = Tried(action.name, outcome.result, fields, stray, missing, changed, code_error)
    return page(sight, who, tried=tried, status=STATUS.get(outcome.result, 422))


# --- the number to call ----------------------------------------------------------------------------------------------


@blueprint.post("/tickets/<number>/call-back-number")
@policy(WITH_MANDATE)
def call_back_number(number: str) -> Any:
    """Shows the number on the mandate list of somebody who has to be called back. That it was shown is on record (R7.4)."""
    who = caller()
    wanted = asking.whole_number(asking.fields("mandate")["mandate"])
    sight = sight_of(who, number)
    name = next((name for mandate, name, listed in ticket_view.call_backs(sight) if mandate == wanted and listed), None)
    if name is None:
        abort(404)
    with transaction(base().engine) as session:
        digits = factor.reveal_callback_number(
            session, keyring(), wanted, verifier_id=who.person_id, ticket_id=sight.row.id, at=base().now()
        )
    return page(sight, who, revealed={"name": name, "number": digits or gettext("no number on the list")})
