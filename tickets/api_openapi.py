"""The API described for machines (OpenAPI 3.1): from the operations below, the models that parse, and the declarations.

What each operation takes is the model that reads it, so the document cannot promise what the desk refuses. A test holds
the table below to the routes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tickets.api_forms import schema
from tickets.api_problems import KINDS, MEDIA_TYPE, TYPES
from tickets.api_request import (
    Answering,
    ApprovingYear,
    Bringing,
    BringingYear,
    CalendarQuery,
    Doing,
    HandingOver,
    HistoryQuery,
    KindQuery,
    ListQuery,
    NoQuery,
    NotificationQuery,
    Opening,
    Proving,
    ReckoningQuery,
    ReportQuery,
    Sent,
    Signing,
)
from tickets.speech import label, language, say
from workflow.declare import Action, Words, Workflow


@dataclass(frozen=True)
class Operation:
    """One row: where, what it is for, what it takes, what it gives when all is well."""

    method: str
    path: str
    name: str
    says: Words
    gives: str
    status: int = 200
    query: type[Sent] = NoQuery
    body: type[Sent] | None = None
    problems: tuple[int, ...] = ()


OPERATIONS = (
    Operation("get", "/workflows", "workflows", Words("The kinds of tickets."), "Workflows"),
    Operation("get", "/workflows/{kind}", "workflow", Words("One declaration: states, actions, guards, deadlines, papers."),
              "Workflow", query=KindQuery, problems=(404,)),
    Operation("get", "/openapi.json", "openapi", Words("This description."), "Description"),
    Operation("get", "/tickets", "tickets", Words("The tickets that you may see, newest first."), "Tickets", query=ListQuery),
    Operation("post", "/tickets", "open_ticket", Words("Opens a ticket."), "Done", 201, body=Opening, problems=(403, 409)),
    Operation("get", "/tickets/{number}", "ticket", Words("A ticket with everything on it, and what you can do about it."),
              "Ticket", problems=(404,)),
    Operation("post", "/tickets/{number}/actions/{action}", "act", Words("Does an act on a ticket."), "Done", body=Doing,
              problems=(403, 404, 409)),
    Operation("get", "/tickets/{number}/events", "events", Words("The history of a ticket, refusals included."), "Events",
              query=HistoryQuery, problems=(404,)),
    Operation("get", "/tickets/{number}/clocks", "clocks",
              Words("Why each limit of a ticket is kept or missed, and what would have been otherwise."), "Clocks",
              problems=(404,)),
    Operation("get", "/tickets/{number}/calls", "calls",
              Words("Who was called because nobody answered, whether it was acknowledged, and who is called next."), "Calls",
              problems=(404,)),
    Operation("post", "/tickets/{number}/papers", "papers", Words("Keeps a file with a ticket."), "Done",
              problems=(403, 404, 409)),
    Operation("post", "/tickets/{number}/papers/{paper}/signatures", "signatures", Words("Signs a document."), "Done",
              body=Signing, problems=(403, 404, 409)),
    Operation("get", "/tickets/{number}/papers/{paper}/file", "file", Words("A file that was brought, as a download."), "File",
              problems=(404,)),
    Operation("get", "/me", "me", Words("Who you are here: person, mandates, contracts."), "Me"),
    Operation("get", "/me/challenges", "challenges", Words("Your own open call-back challenges."), "Challenges"),
    Operation("get", "/me/tasks", "tasks", Words("What you have to do that no ticket carries yet, soonest first."), "Tasks"),
    Operation("get", "/me/notifications", "notifications", Words("What you were told in person, newest first."),
              "Notifications", query=NotificationQuery),
    Operation("get", "/contracts/{contract}/reports", "reports", Words("The reports of a contract."), "Reports",
              problems=(404,)),
    Operation("get", "/contracts/{contract}/reports/{kind}/{name}", "report",
              Words("A report: its rows, its summary, and whether it is complete."), "Report", query=ReportQuery,
              problems=(404,)),
    Operation("get", "/contracts/{contract}/duty", "duty",
              Words("Who is on duty: of your own party the whole roster, of the others who is there now and until when."),
              "Duty", problems=(404,)),
    Operation("post", "/contracts/{contract}/duty/rosters", "rosters",
              Words("Brings a roster of your party; with anything wrong in it none of it is taken."), "Brought", 201,
              body=Bringing, problems=(403, 404)),
    Operation("post", "/contracts/{contract}/duty/hand-overs", "hand_overs",
              Words("Offers your shift to a colleague; until it is accepted you remain on duty."), "Offered", 201,
              body=HandingOver, problems=(403, 404)),
    Operation("post", "/contracts/{contract}/duty/hand-overs/{offer}/answers", "hand_over_answers",
              Words("Accepts or declines what a colleague offers you."), "Answered", 201, body=Answering,
              problems=(403, 404, 409)),
    Operation("get", "/contracts/{contract}/calendar", "calendar",
              Words("The days of a year as they are in force, and every version that was brought."), "Calendar",
              query=CalendarQuery, problems=(404,)),
    Operation("get", "/contracts/{contract}/calendar/reckoning", "reckoning",
              Words("When a period ends, by the law of periods and the days of this contract. It binds nobody."), "Reckoning",
              query=ReckoningQuery, problems=(404,)),
    Operation("post", "/contracts/{contract}/calendar/versions", "bring_year",
              Words("Brings the notice of a year for your party; it waits for the other party."), "YearBrought", 201,
              body=BringingYear, problems=(403, 404)),
    Operation("post", "/contracts/{contract}/calendar/versions/{version}/approvals", "approve_year",
              Words("Approves a version of a year for the other party; limits that looked at it are counted again."),
              "YearApproved", 201, body=ApprovingYear, problems=(403, 404, 409)),
    Operation("post", "/identity-checks", "identity_checks",
              Words("Proves your second factor for one ticket as it reads now."), "IdentityCheck", 201, body=Proving,
              problems=(404, 409)),
)  # fmt: skip
UPLOAD = {
    "type": "object", "required": ["file", "note"], "additionalProperties": False,
    "properties": {
        "file": {"type": "string", "contentMediaType": "application/octet-stream"},
        "paper": {"type": "string", "examples": ["attachment"]}, "note": {"type": "string", "examples": ["盖章扫描件"]},
        "version": {"type": "string", "pattern": "^[0-9]{1,9}$"},
    },
}  # fmt: skip
MEMBERS = {
    "action": Words("Where several acts sign this document: the one that is meant."),
    "after": Words("Where the page before ended: the number of its last ticket, or the sequence of its last event."),
    "code": Words("The code that the authenticator shows. It serves once."),
    "contract": Words("May be left out by who has mandates in one contract only."),
    "fields": Words("What the form of the action asks for."),
    "limit": Words("How many entries a page has."),
    "month": Words("For a report by month: the month, as 2026-05; the current one when left out."),
    "party_to_act": Words("Whose turn it is."),
    "q": Words("Part of a number or of a headline."),
    "version": Words("The version of the ticket that you have seen."),
}
"""What the less obvious members of bodies and queries are for."""
TEXT, WHOLE, YES = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
INSTANT = {"type": "string", "format": "date-time"}
MAYBE_TEXT: dict[str, Any] = {"type": ["string", "null"]}
MAYBE_INSTANT: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}
ANYTHING: dict[str, Any] = {"type": "object"}
MAYBE_ANYTHING: dict[str, Any] = {"type": ["object", "null"]}
NOTIFICATION: dict[str, Any] = {
    "id": TEXT, "ticket": MAYBE_TEXT, "about": TEXT, "says": TEXT, "urgent": YES, "at": INSTANT, "party": TEXT,
    "contract": TEXT, "read_at": MAYBE_INSTANT, "href": TEXT,
}  # fmt: skip


def _many(of: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": dict(of)}


def _one(**members: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(members),
        "properties": {name: dict(one) for name, one in members.items()},
    }


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def document(workflows: Mapping[str, Workflow]) -> dict[str, Any]:
    """The whole document, in the language of the request."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(f"/api/v1{operation.path}", {})[operation.method] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Counterpart 履约台", "version": "1",
            "description": say(Words("The desk at which the parties perform a contract: the same rules as on its pages.")),
        },
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": {**_answers(), **_bodies(), **_forms(workflows)},
        },
    }  # fmt: skip


def _operation(operation: Operation) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": operation.name, "summary": say(operation.says), "parameters": _parameters(operation),
        "responses": _responses(operation),
    }  # fmt: skip
    if operation.body is not None:
        told["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _ref(operation.body.__name__)}},
        }
    elif operation.method == "post":
        told["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": UPLOAD}}}
    return told


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    given: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": WHOLE if name in ("paper", "offer") else TEXT}
        for name in names
    ]
    for name, part in operation.query.model_json_schema().get("properties", {}).items():
        kept = {k: v for k, v in part.items() if k not in ("title", "default")}
        given.append({"name": name, "in": "query", "required": False, "schema": kept, **_described(name)})
    if operation.method == "post":
        given.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": True,
                "schema": {"type": "string", "pattern": "^[\\x21-\\x7e]{1,80}$"},
            }
        )
    languages = {"type": "string", "examples": ["zh-CN", "en"], "default": language()[:2]}
    return [*given, {"name": "Accept-Language", "in": "header", "required": False, "schema": languages}]


def _responses(operation: Operation) -> dict[str, Any]:
    media = "application/octet-stream" if operation.gives == "File" else "application/json"
    kind = {"type": "string"} if operation.gives == "File" else _ref(operation.gives)
    told: dict[str, Any] = {
        str(operation.status): {"description": say(operation.says), "content": {media: {"schema": kind}}}
    }
    refusals = {
        400,
        401,
        403,
        404,
        405,
        422,
        503,
        *operation.problems,
        *((409, 413, 415, 429) if operation.method == "post" else ()),
    }
    titles = dict(reversed(list(KINDS.values())))
    for status in sorted(refusals):
        title = titles.get(status, Words("Sign in first: this needs a valid bearer token."))
        told[str(status)] = {"description": say(title), "content": {MEDIA_TYPE: {"schema": _ref("Problem")}}}
    for status in told.keys() & {"429", "503"}:
        told[status]["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    return told


def _deadline() -> dict[str, Any]:
    """A timer of a ticket: its instants, how it stands, and what was said of it since."""
    return _one(
        name=TEXT, clause=TEXT, started_at=INSTANT, due_at=INSTANT, nominal_at=MAYBE_INSTANT, party=TEXT,
        status={"enum": ["running", "met", "missed", "dropped"]}, breached=YES, reminder=YES,
        stopped_at=MAYBE_INSTANT, struck_at=MAYBE_INSTANT, provisional=YES, calendar=MAYBE_TEXT,
        adjusted_due_at=MAYBE_INSTANT, likely_miss_told_at=MAYBE_INSTANT, foretold=MAYBE_ANYTHING
    )  # fmt: skip


def _answers() -> dict[str, Any]:
    """What answers hold. Members may be added in time; none is ever taken away within a version."""
    lacking = _one(guard=TEXT, label=TEXT, clause=TEXT, says=TEXT)
    summary = _one(number=TEXT, kind=TEXT, state=TEXT, state_label=TEXT, meaning=TEXT, version=WHOLE, final=YES)
    action = _one(name=TEXT, label=TEXT, clause=TEXT, by=_many(TEXT), enabled=YES, missing=_many(_ref("Missing")), form=ANYTHING,
                  binding=YES)  # fmt: skip
    column = _one(name=TEXT, label=TEXT)
    report = {"kind": TEXT, "name": TEXT, "label": TEXT, "clause": TEXT, "says": TEXT, "by_month": YES,
              "columns": _many(column), "summary": _many(column)}  # fmt: skip
    return {
        "Missing": {**lacking, "properties": {**lacking["properties"], "remedy": TEXT}},
        "Problem": {
            "type": "object", "required": ["title", "status", "detail"],
            "properties": {
                "type": {"type": "string", "examples": [TYPES + name for name in KINDS]}, "title": TEXT, "status": WHOLE,
                "detail": TEXT, "instance": TEXT, "missing": _many(_ref("Missing")),
                "errors": _many(_one(field=TEXT, says=TEXT)), "changed": _many(_ref("Event")), "ticket": _ref("Summary"),
                "receipt": ANYTHING,
            },
        },
        "Summary": summary,
        "Event": _one(sequence=WHOLE, at=INSTANT, action=TEXT, accepted=YES, reason=TEXT, name=TEXT, party=TEXT, role=TEXT,
                      fields=ANYTHING, missing=_many(_ref("Missing")), receipt=ANYTHING),
        "Done": _one(ticket=_ref("Summary"), event=_ref("Event"), receipt=ANYTHING),
        "Action": action,
        "Deadline": _deadline(),
        "Paper": _one(id=WHOLE, kind=TEXT, version=WHOLE, digest=TEXT, at=INSTANT, by=TEXT, signatures=_many(ANYTHING)),
        "Ticket": {"allOf": [_ref("Summary"), _one(
            fields=ANYTHING, headline=TEXT, must_act_next=MAYBE_ANYTHING, deadlines=_many(_ref("Deadline")),
            papers=_many(_ref("Paper")), links=_many(ANYTHING), notices=_many(TEXT), actions=_many(_ref("Action")))]},
        "Tickets": _one(tickets=_many(_ref("Summary")), next=MAYBE_TEXT),
        "Events": _one(events=_many(_ref("Event")), next=MAYBE_TEXT),
        "Workflows": _one(workflows=_many(_ref("Workflow"))),
        "Workflow": _one(kind=TEXT, clause=TEXT, says=TEXT, states=_many(ANYTHING), actions=_many(ANYTHING),
                         deadlines=_many(ANYTHING), papers=_many(ANYTHING)),
        "Description": ANYTHING, "Clocks": ANYTHING,
        **_duty(),
        "Me": _one(person=ANYTHING, language=TEXT, mandates=_many(ANYTHING), contracts=_many(ANYTHING)),
        "Challenges": _one(challenges=_many(_one(ticket=TEXT, digits=TEXT, expires_at=INSTANT))),
        "Tasks": _one(tasks=_many(_one(contract=TEXT, kind=TEXT, name=TEXT, label=TEXT, clause=TEXT, says=TEXT,
                                       about=MAYBE_TEXT, due_at=INSTANT, last_day=TEXT, overdue=YES, roles=_many(TEXT)))),
        "Notifications": _one(notifications=_many(_one(**NOTIFICATION)), next=MAYBE_TEXT),
        "Reports": _one(reports=_many(_one(**report, href=TEXT))),
        "Report": _one(**report, contract=TEXT, at=INSTANT, month=MAYBE_TEXT, until=MAYBE_INSTANT, complete=YES,
                       notice=MAYBE_TEXT, rows=_many(ANYTHING), values=ANYTHING),
        "IdentityCheck": _one(id=WHOLE, ticket=TEXT, version=WHOLE, content=TEXT, expires_at=INSTANT),
    }  # fmt: skip


def _duty() -> dict[str, Any]:
    """What answers about duty, calls and the calendar hold."""
    return {
        "Duty": _one(contract=TEXT, at=INSTANT, posts=_many(ANYTHING), rosters=_many(ANYTHING), hand_overs=_many(ANYTHING)),
        "Brought": _one(id=WHOLE, at=INSTANT, digest=TEXT, starts=INSTANT, ends=INSTANT),
        "Offered": _one(id=WHOLE, at=INSTANT, post=TEXT, to=TEXT), "Answered": _one(id=WHOLE, at=INSTANT, accepted=YES),
        "Calendar": _one(contract=TEXT, zone=TEXT, year=WHOLE, years=_many(WHOLE), status=TEXT, source=TEXT, digest=TEXT,
                         days_off=_many(TEXT), make_up_days=_many(TEXT), versions=_many(ANYTHING)),
        "Reckoning": _one(contract=TEXT, starts=INSTANT, length=WHOLE, unit=TEXT, due_at=INSTANT, nominal_at=INSTANT,
                          day=TEXT, rolled=YES, provisional=YES, calendar=TEXT, zone=TEXT),
        "YearBrought": _one(id=WHOLE, at=INSTANT, year=WHOLE, digest=TEXT, source=TEXT),
        "YearApproved": _one(id=WHOLE, at=INSTANT, year=WHOLE, version=WHOLE),
        "Calls": _one(calls=_many(ANYTHING), coming=_many(ANYTHING)),
    }  # fmt: skip


def _bodies() -> dict[str, Any]:
    told = {}
    for model in (Opening, Doing, Signing, Proving, Bringing, HandingOver, Answering, BringingYear, ApprovingYear):
        found = model.model_json_schema()
        within = found.pop("$defs", {})
        for name, part in found["properties"].items():
            part.pop("title", None)
            part.update(_described(name))
            if "$ref" in part.get("items", {}):  # What it points to lies within the model, not within this document.
                part["items"] = within[part["items"]["$ref"].rsplit("/", 1)[1]]
        told[model.__name__] = {name: value for name, value in found.items() if name not in ("title", "description")}
    return told


def _described(name: str) -> dict[str, str]:
    return {"description": say(MEMBERS[name])} if name in MEMBERS else {}


def _forms(workflows: Mapping[str, Workflow]) -> dict[str, Any]:
    """What `fields` takes, by kind and action: "reboot.request"."""
    return {
        f"{kind}.{a.name}": _form(a) for kind, one in workflows.items() for a in one.actions.values() if not a.by_clock
    }


def _form(action: Action) -> dict[str, Any]:
    return {"title": label("action", action.name), **schema(action)}
