"""The JSON API, version 1: the same rules and the same desk as the pages, for programs with a bearer token.

Reading takes a token or a signed-in browser; changing takes a token that may act, and a key for each request.
"""

from __future__ import annotations

from flask import Blueprint, Flask, Response, current_app, jsonify, send_file, url_for
from sqlalchemy import select

from auth import asking, sessions
from auth.policy import SIGNED_IN, WITH_MANDATE, policy
from auth.sessions import Caller
from database import reading
from tickets import (
    api_acts,
    api_answers,
    api_calendar,
    api_clocks,
    api_declared,
    api_duty,
    api_identity,
    api_notifications,
    api_openapi,
    api_problems,
    api_reports,
    room,
)
from tickets.api_problems import Problem
from tickets.api_request import (
    NAME,
    Answering,
    Bringing,
    Doing,
    HandingOver,
    HistoryQuery,
    KindQuery,
    ListQuery,
    NoQuery,
    NotificationQuery,
    Opening,
    Proving,
    ReportQuery,
    Signing,
    body,
    contract_of,
    key,
    query,
    whole,
    wrong,
)
from tickets.models import Event, Paper, Ticket
from tickets.queries import Sight, parties_of, visible
from tickets.speech import label, say
from workflow.canonical import plain
from workflow.declare import Words

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
blueprint.register_error_handler(Problem, api_problems.raised)
api_calendar.install(blueprint)  # Once: a blueprint takes no route after an application has it.
PAPER = "/tickets/<number>/papers/<int(max=2147483647):paper>"
"""A number beyond what a database holds is the number of nothing."""


def install(app: Flask) -> None:
    """Registers the routes and the form of errors under /api/."""
    app.register_blueprint(blueprint)
    api_problems.install(app)


def _caller() -> Caller:
    return sessions.caller()


def _fitting(*names: str) -> None:
    """A name out of the path that nothing here can have is not looked for."""
    if not all(NAME.fullmatch(name) for name in names):
        raise Problem("not-found")


# --- what is declared ----------------------------------------------------------------------------------------------------


@blueprint.get("/workflows")
@policy(SIGNED_IN)
def workflows() -> Response:
    query(NoQuery)
    who, desk = _caller(), room().desk
    told = []
    for kind, declared in desk.workflows.items():
        own = [desk.contracts[key] for key in who.contracts if key in desk.contracts and kind in desk.offered(key)]
        told.append(api_declared.wholly(declared, own, desk.now()))
    return jsonify(workflows=told)


@blueprint.get("/workflows/<kind>")
@policy(SIGNED_IN)
def workflow(kind: str) -> Response:
    """The declaration; for who can open such a ticket, with what the opening chooses from and what is missing for it."""
    sent, who, desk = query(KindQuery), _caller(), room().desk
    declared = desk.workflows.get(kind)
    if declared is None:
        raise Problem("not-found")
    own = [desk.contracts[one] for one in who.contracts if one in desk.contracts and kind in desk.offered(one)]
    named = contract_of(who, sent.contract) if sent.contract or len(own) == 1 else None
    blank = room().queries.blank(who, kind, named) if named else None
    told = api_declared.wholly(declared, own, desk.now(), blank.choices if blank else None)
    told["opening"] = {**api_answers.offer(declared.opening, blank.decision), "contract": named} if blank else None
    return jsonify(told)


@blueprint.get("/openapi.json")
@policy(SIGNED_IN)
def openapi() -> Response:
    query(NoQuery)
    return jsonify(api_openapi.document(room().desk.workflows))


# --- tickets -------------------------------------------------------------------------------------------------------------


@blueprint.get("/tickets")
@policy(WITH_MANDATE)
def tickets() -> Response:
    """Newest first. `next` leads on and is null on the last page; tickets that arrive meanwhile shift nothing."""
    sent, who, here = query(ListQuery), _caller(), room()
    declared = here.desk.workflows
    if sent.kind is not None and sent.kind not in declared:
        raise wrong("kind", Words("This is not one of the choices."))
    if sent.state is not None and not any(sent.state in one.states for one in declared.values()):
        raise wrong("state", Words("This is not one of the choices."))
    found = here.queries.listed(
        who,
        kind=sent.kind,
        state=sent.state,
        awaits=sent.party_to_act,
        q=sent.q,
        after=_place(who, sent.after),
        limit=whole(sent.limit, default=25, most=100, field="limit"),
    )
    asked = sent.model_dump(exclude_none=True)
    more = found.after is not None
    following = url_for("api.tickets", **{**asked, "after": found.tickets[-1].number}) if more else None
    return jsonify(tickets=[api_answers.listed(row, declared[row.kind]) for row in found.tickets], next=following)


def _place(who: Caller, number: str | None) -> int | None:
    """Where the page before ended. Told by a ticket's number: a row's own key would tell how many there are in all."""
    if number is None:
        return None
    with reading(room().desk.engine) as session:
        place = session.scalar(select(Ticket.id).where(Ticket.number == number, visible(who)))
    if place is None:
        raise wrong("after", Words("This is not one of the choices."))
    return place


@blueprint.post("/tickets")
@policy(WITH_MANDATE)
def open_ticket() -> Response:
    query(NoQuery)
    return api_acts.open_ticket(_caller(), key(), body(Opening))


@blueprint.get("/tickets/<number>")
@policy(WITH_MANDATE)
def ticket(number: str) -> Response:
    query(NoQuery)
    _fitting(number)
    sight = _sight(who := _caller(), number)
    return jsonify(api_answers.whole(sight, parties_of(who).get(sight.row.contract_key, set())))


@blueprint.get("/tickets/<number>/clocks")
@policy(WITH_MANDATE)
def clocks(number: str) -> Response:
    """Why each limit is kept or missed, found anew from the events, and what would have been otherwise."""
    query(NoQuery)
    _fitting(number)
    return jsonify(api_clocks.whole(_sight(_caller(), number)))


def _sight(who: Caller, number: str) -> Sight:
    """The ticket as the caller sees it, told in the zone of its contract."""
    found = room().queries.sight(who, number)
    if found is None:
        raise Problem("not-found")
    asking.tell_in(found.contract.calendar.zone)
    return found


@blueprint.get("/tickets/<number>/calls")
@policy(WITH_MANDATE)
def calls(number: str) -> Response:
    """Who was called and who comes next. To acknowledge a call is an action like any other."""
    query(NoQuery)
    _fitting(number)
    sight = room().queries.sight(_caller(), number)
    if sight is None:
        raise Problem("not-found")
    return jsonify(api_duty.calls(sight))


@blueprint.post("/tickets/<number>/actions/<action>")
@policy(WITH_MANDATE)
def act(number: str, action: str) -> Response:
    query(NoQuery)
    _fitting(number, action)
    return api_acts.do(_caller(), key(), number, action, body(Doing))


@blueprint.get("/tickets/<number>/events")
@policy(WITH_MANDATE)
def events(number: str) -> Response:
    """The history in its order, refusals and all."""
    sent = query(HistoryQuery)
    _fitting(number)
    limit = whole(sent.limit, default=50, most=200, field="limit")
    who, desk = _caller(), room().desk
    with reading(desk.engine) as session:
        found = session.execute(
            select(Ticket.id, Event)
            .join(Event, (Event.ticket_id == Ticket.id) & (Event.sequence > int(sent.after or 0)), isouter=True)
            .where(Ticket.number == number, Ticket.kind.in_(desk.workflows), visible(who))
            .order_by(Event.sequence)
            .limit(limit + 1)
        ).all()
    if not found:
        raise Problem("not-found")
    rows = [event for _, event in found if event is not None]
    following = None
    if len(rows) > limit:
        rows = rows[:limit]
        following = url_for("api.events", number=number, after=rows[-1].sequence, limit=limit)
    return jsonify(events=api_answers.events(rows), next=following)


# --- papers --------------------------------------------------------------------------------------------------------------


@blueprint.post("/tickets/<number>/papers")
@policy(WITH_MANDATE)
def papers(number: str) -> Response:
    query(NoQuery)
    _fitting(number)
    return api_acts.file_paper(_caller(), key(), number)


@blueprint.post(f"{PAPER}/signatures")
@policy(WITH_MANDATE)
def signatures(number: str, paper: int) -> Response:
    query(NoQuery)
    _fitting(number)
    return api_acts.sign_paper(_caller(), key(), number, paper, body(Signing))


@blueprint.get(f"{PAPER}/file")
@policy(WITH_MANDATE)
def file(number: str, paper: int) -> Response:
    """The brought file, to be kept and not to be run: a download under a policy that allows it nothing."""
    query(NoQuery)
    _fitting(number)
    with reading(room().desk.engine) as session:
        found = session.scalar(
            select(Paper)
            .join(Ticket, Ticket.id == Paper.ticket_id)
            .where(Paper.id == paper, Paper.file_digest.is_not(None), Ticket.number == number, visible(_caller()))
        )
    if found is None or found.file_digest is None:
        raise Problem("not-found")
    path = room().vault.path(found.file_digest)
    if not path.exists():
        current_app.logger.error("the vault lacks a file that is on record: %s", found.file_digest)
        raise Problem(
            "not-found", Words("This file is on record, but is no longer in the store. Tell the administrator.")
        )
    response = send_file(
        path, mimetype=found.file_type, as_attachment=True, download_name=found.file_name, etag=False, conditional=False
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


# --- reports -------------------------------------------------------------------------------------------------------------


@blueprint.get("/contracts/<contract>/reports")
@policy(WITH_MANDATE)
def reports(contract: str) -> Response:
    query(NoQuery)
    _fitting(contract)
    return jsonify(reports=api_reports.listed(_caller(), contract))


@blueprint.get("/contracts/<contract>/reports/<kind>/<name>")
@policy(WITH_MANDATE)
def report(contract: str, kind: str, name: str) -> Response:
    """The whole table at once: it is bounded, and says when it could not take everything in."""
    sent = query(ReportQuery)
    _fitting(contract, kind, name)
    return jsonify(api_reports.made(_caller(), contract, kind, name, sent.month))


# --- duty --------------------------------------------------------------------------------------------------------------


@blueprint.get("/contracts/<contract>/duty")
@policy(WITH_MANDATE)
def duty(contract: str) -> Response:
    query(NoQuery)
    _fitting(contract)
    return jsonify(api_duty.whole(_caller(), contract))


@blueprint.post("/contracts/<contract>/duty/rosters")
@policy(WITH_MANDATE)
def rosters(contract: str) -> Response:
    query(NoQuery)
    _fitting(contract)
    return api_duty.bring(_caller(), key(), contract, body(Bringing))


@blueprint.post("/contracts/<contract>/duty/hand-overs")
@policy(WITH_MANDATE)
def hand_overs(contract: str) -> Response:
    query(NoQuery)
    _fitting(contract)
    return api_duty.hand_over(_caller(), key(), contract, body(HandingOver))


@blueprint.post("/contracts/<contract>/duty/hand-overs/<int(max=2147483647):offer>/answers")
@policy(WITH_MANDATE)
def hand_over_answers(contract: str, offer: int) -> Response:
    query(NoQuery)
    _fitting(contract)
    return api_duty.answer_offer(_caller(), key(), contract, offer, body(Answering))


# --- who calls -----------------------------------------------------------------------------------------------------------


@blueprint.get("/me")
@policy(SIGNED_IN)
def me() -> Response:
    query(NoQuery)
    who, desk = _caller(), room().desk
    return jsonify(
        {
            "person": {"id": who.person_id, "username": who.username, "name": who.name},
            "language": who.language.replace("_", "-"),
            "scopes": list(who.token_scopes),
            "mandates": [
                {
                    "contract": one.contract_key,
                    "role": one.role,
                    "label": label("role", one.role),
                    "party": one.party,
                    "scope": one.scope,
                    "starts_at": plain(one.starts_at),
                    "ends_at": plain(one.ends_at),
                }
                for one in who.mandates
            ],
            "contracts": [
                {"key": one, "title": say(desk.contracts[one].title), "kinds": list(desk.offered(one))}
                for one in who.contracts
                if one in desk.contracts
            ],
        }
    )


@blueprint.get("/me/challenges")
@policy(WITH_MANDATE)
def challenges() -> Response:
    """What to read out to who calls back on the number on record, and to nobody else."""
    query(NoQuery)
    return jsonify(challenges=api_identity.challenges(_caller()))


@blueprint.get("/me/tasks")
@policy(WITH_MANDATE)
def tasks() -> Response:
    query(NoQuery)
    return jsonify(tasks=api_reports.tasks(_caller()))


@blueprint.get("/me/notifications")
@policy(WITH_MANDATE)
def notifications() -> Response:
    """What the caller was told in person, newest first. `next` leads on and is null on the last page."""
    return jsonify(api_notifications.listed(_caller(), query(NotificationQuery)))


@blueprint.post("/identity-checks")
@policy(WITH_MANDATE)
def identity_checks() -> Response:
    query(NoQuery)
    return api_identity.prove(_caller(), key(), body(Proving))
