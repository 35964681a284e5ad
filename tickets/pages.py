"""Pages of the desk: the to-do list, the list of tickets, what can be opened, notices. A ticket's own page stands apart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Flask, redirect, render_template, url_for

from auth import asking, pages
from auth.policy import SIGNED_IN, WITH_MANDATE, policy
from auth.roles import party_of
from auth.sessions import Caller, caller
from tickets import (
    calendar_pages,
    chrome,
    clock_pages,
    contract_pages,
    new_pages,
    outage,
    paper_pages,
    report_pages,
    reports,
    room,
    theatre_pages,
    ticket_pages,
    years,
)
from tickets.arguments import arguments
from tickets.duty import pages as duty_pages
from tickets.duty import records as duty_records
from tickets.models import Ticket
from tickets.outbox import notices as seen_notices
from tickets.outbox import pages as outbox_pages
from tickets.outbox.places import place_of
from tickets.speech import label
from tickets.ticket_view import role_names
from tickets.word_of_party import ROLES
from workflow.declare import PARTIES, Workflow
from workflow.turn import roles_to_act

blueprint = Blueprint("desk", __name__)
PAGE = 30


def install(app: Flask) -> None:
    """Registers every page of this room and what their frame shows."""
    chrome.install(app)
    outage.install(app)
    for each in (
        blueprint,
        new_pages.blueprint,
        ticket_pages.blueprint,
        clock_pages.blueprint,
        paper_pages.blueprint,
        contract_pages.blueprint,
        theatre_pages.blueprint,
        report_pages.blueprint,
        calendar_pages.blueprint,
        duty_pages.blueprint,
        outbox_pages.blueprint,
    ):
        app.register_blueprint(each)


@blueprint.get("/")
@policy(SIGNED_IN)
def inbox() -> Any:
    """What waits for the caller's party, soonest deadline first, and tasks that no ticket carries. Administrators are
    led to their own room."""
    who = caller()
    if not chrome.works_here(who):
        return redirect(pages.home(who), 303)
    queries = room().queries
    with queries.view() as session:
        chrome.take_pulse(who, session)
        waiting = queries.waiting(who, session=session)
        news = queries.messages(who, limit=8, session=session)
        tasks = reports.standing(session, queries.desk, who, queries.desk.now())
        offers = duty_records.asked(session, who.person_id, who.contracts, queries.desk.now())
        brought = years.waiting(session, _speaks_for(who))
    return render_template(
        "desk/inbox.html",
        waiting=[Seen(row) for row in waiting],
        tasks=tasks,
        offers=[(offer, room().desk.contracts[offer.contract_key]) for offer in offers],
        years=[(year, room().desk.contracts[year.contract_key]) for year in brought],
        news=[(message, place_of(message, number)) for message, number in news],
        who=who,
        roles=roles_of(who),
        role_names=role_names,
    )


def _speaks_for(who: Caller) -> dict[str, str]:
    """The party that the caller signs for, by contract."""
    names = {role.name for role in ROLES}
    return {one.contract_key: party_of(one.role) for one in who.mandates if one.role in names and one.contract_key}


class Seen:
    """A ticket in a list, with what its workflow says of it."""

    def __init__(self, row: Ticket) -> None:
        desk = room().desk
        self.row = row
        self.workflow: Workflow = desk.workflows[row.kind]
        self.contract = desk.contracts[row.contract_key]
        self.state = self.workflow.states.get(row.state)

    @property
    def roles(self) -> list[str]:
        """The roles of the awaited party that can move it on."""
        return [label("role", role.name) for role in roles_to_act(self.workflow, self.row.state, self.row.awaits)]

    @property
    def amber_seconds(self) -> int:
        due: datetime | None = self.row.due_at
        return max(60, int((due - self.row.changed_at) / timedelta(seconds=3))) if due else 0


def roles_of(who: Caller) -> list[str]:
    return [label("role", role) for role in dict.fromkeys(mandate.role for mandate in who.mandates)]


# --- the list --------------------------------------------------------------------------------------------------------


@blueprint.get("/tickets")
@policy(WITH_MANDATE)
def listed() -> Any:
    """The tickets that the caller may see, newest first, by key."""
    who, desk, queries = caller(), room().desk, room().queries
    kinds = offered_kinds(who)
    given = arguments("kind", "state", "party", "q", "open", "after")
    asked: dict[str, Any] = {name: value for name, value in given.items() if value and name != "after"}
    after = asking.whole_number(given["after"]) if given["after"] else None
    with queries.view() as session:
        chrome.take_pulse(who, session)
        found = queries.listed(
            who,
            kind=given["kind"] or None,
            state=given["state"] or None,
            awaits=given["party"] or None,
            q=given["q"] or None,
            after=after,
            open_only=bool(given["open"]),
            session=session,
        )
    known = desk.workflows.get(given["kind"])
    return render_template(
        "desk/list.html",
        found=[Seen(row) for row in found.tickets],
        given=given,
        kinds=kinds,
        parties=list(PARTIES),
        states=list(known.states) if known is not None and given["kind"] in kinds else [],
        filtered=bool(asked),
        following=url_for("desk.listed", **asked, after=found.after) if found.after is not None else None,
        first=url_for("desk.listed", **asked) if after is not None else None,
    )


def offered_kinds(who: Caller) -> list[str]:
    """The kinds that a ticket of the caller's contracts can be of."""
    desk = room().desk
    return list(dict.fromkeys(kind for key in who.contracts for kind in desk.offered(key)))


# --- what can be opened ----------------------------------------------------------------------------------------------


@blueprint.get("/tickets/new")
@policy(WITH_MANDATE)
def offered() -> Any:
    """The kinds of ticket that the caller's roles may open, contract by contract."""
    who = caller()
    with room().queries.view() as session:
        chrome.take_pulse(who, session)
    return render_template("desk/offered.html", contracts=openable(who))


def openable(who: Caller) -> Sequence[tuple[Any, list[tuple[Workflow, bool]]]]:
    """For each contract of the caller its workflows, and whether the caller's roles may open one."""
    desk = room().desk
    result = []
    for key in who.contracts:
        if key in desk.contracts:
            roles = {mandate.role for mandate in who.mandates if mandate.contract_key == key}
            kinds = [(w, bool(roles & {role.name for role in w.opening.by})) for w in desk.offered(key).values()]
            result.append((desk.contracts[key], kinds))
    return result


# --- notices ---------------------------------------------------------------------------------------------------------


@blueprint.get("/notices")
@policy(WITH_MANDATE)
def notices() -> Any:
    """What the desk told the caller's parties, newest first, by key; those that the caller has not read stand out."""
    who, queries = caller(), room().queries
    given = arguments("after", "new")
    after = asking.whole_number(given["after"]) if given["after"] else None
    with queries.view() as session:
        chrome.take_pulse(who, session)
        found = seen_notices.of_party(session, who, after=after, limit=PAGE + 1, new_only=bool(given["new"]))
    return render_template(
        "desk/notices.html",
        found=found[:PAGE],
        following=found[PAGE - 1].message.id if len(found) > PAGE else None,
        newest=next((one.message.id for one in found if one.is_new), None),
        after=after,
        new=bool(given["new"]),
    )
