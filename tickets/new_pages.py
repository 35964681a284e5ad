"""Opening a ticket: the form comes from the opening act of its kind."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request

from auth import asking
from auth.policy import WITH_MANDATE, policy
from auth.sessions import Caller, caller
from tickets import chrome, form_fields, room, ticket_pages, ticket_view
from tickets.acts import Act
from tickets.queries import Blank
from tickets.ticket_view import Tried

blueprint = Blueprint("new", __name__)


def _blank(who: Caller, kind: str) -> Blank:
    wanted = request.args.getlist("contract")
    queries, desk = room().queries, room().desk
    keys = [key for key in who.contracts if kind in desk.offered(key)]
    key = wanted[0] if len(wanted) == 1 else keys[0] if keys else ""
    if key not in keys:
        abort(404)
    with queries.view() as session:
        chrome.take_pulse(who, session)
        found = queries.blank(who, kind, key, session)
    if found is None:
        abort(404)
    asking.tell_in(found.contract.calendar.zone)
    return found


def _page(blank: Blank, tried: Tried | None = None, status: int = 200) -> Any:
    card = ticket_view.opening_card(blank, tried)
    if not set(blank.actor.roles) & set(blank.workflow.opening.by):
        abort(404)
    return render_template(
        "desk/open.html",
        card=card,
        blank=blank,
        contract=blank.contract,
        workflow=blank.workflow,
        tried=tried,
        new_key=ticket_pages.new_key,
    ), status


@blueprint.get("/tickets/new/<kind>")
@policy(WITH_MANDATE)
def form(kind: str) -> Any:
    return _page(_blank(caller(), kind))


@blueprint.post("/tickets/new/<kind>")
@policy(WITH_MANDATE)
def open_now(kind: str) -> Any:
    """Opens a ticket, or tells why not, with everything that was typed still there."""
    who = caller()
    blank = _blank(who, kind)
    action = blank.workflow.opening
    made = form_fields.inputs(action.form, blank.choices, asking.zone())
    given = ticket_pages.sent(made)
    outcome = room().desk.act(
        Act(
            account=who.person_id,
            action=action.name,
            key=given.key,
            kind=kind,
            contract=blank.contract.key,
            fields=given.fields,
            door="page",
        )
    )
    if outcome.accepted:
        return ticket_pages.done(outcome, action)
    if outcome.result in ("unknown", "not_yours"):
        abort(404 if outcome.result == "unknown" else 403)
    fields, stray = form_fields.kept(made, request.form, outcome.errors, asking.zone())
    tried = Tried(action.name, outcome.result, fields, stray, outcome.missing)
    return _page(blank, tried, ticket_pages.STATUS.get(outcome.result, 422))
