"""Tickets, events and papers as the API tells them: plain data, each name with its label in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import url_for

from tickets import limit_view, record
from tickets.acts import event_data, ticket_data
from tickets.api_forms import schema
from tickets.models import Event, Paper, Signature, Ticket, Timer
from tickets.queries import Sight
from tickets.speech import label, say, sentence
from workflow.canonical import plain
from workflow.decide import Accepted, Decision
from workflow.declare import CLOCK, DESK, Action, Workflow
from workflow.turn import roles_to_act


def missing(ones: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What was not there, each under its clause; `remedy` names what supplies it: a field, or a fresh "factor"."""
    return [
        {"guard": one["guard"], "label": label("guard", one["guard"]), "clause": one["clause"], "says": say(one["says"]),
         **({"remedy": one["remedy"]} if one.get("remedy") else {})}
        for one in ones
    ]  # fmt: skip


def errors(ones: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What does not fit, by field."""
    return [{"field": one["field"], "says": say(one["says"])} for one in ones]


def event(data: Mapping[str, Any], contract_key: str | None = None) -> dict[str, Any]:
    """An event, from `event_data`. What a refused attempt lacked stands under `missing`, what did not fit under `errors`."""
    told = {name: value for name, value in data.items() if name not in ("missing", "notices", "log_index", "leaf")}
    lacked = data["missing"]
    fits_not = data["reason"] == "invalid"
    told |= {
        "action_label": label("action", data["action"]),
        "missing": [] if fits_not else missing(lacked),
        "errors": errors(lacked) if fits_not else [],
        "notices": [say(one) for one in data["notices"]],
        "receipt": {
            **({"origin": f"counterpart/{contract_key}"} if contract_key else {}),
            "index": data["log_index"], "leaf": data["leaf"],
        },
    }  # fmt: skip
    return told


def events(rows: Sequence[Event]) -> list[dict[str, Any]]:
    return [event(event_data(row), row.contract_key) for row in rows]


def summary(data: Mapping[str, Any], workflow: Workflow | None) -> dict[str, Any]:
    """The ticket itself, from `ticket_data`."""
    state = workflow.states.get(data["state"]) if workflow else None
    return {
        **data,
        "kind_label": label("kind", data["kind"]), "state_label": label("state", data["state"]),
        "meaning": sentence(state.meaning) if state else "", "clause": state.clause if state else "",
    }  # fmt: skip


def listed(row: Ticket, workflow: Workflow) -> dict[str, Any]:
    """One line of a list."""
    told = summary(ticket_data(row), workflow)
    for name in ("fields", "content"):
        told.pop(name)
    return {**told, "contract": row.contract_key, "headline": row.headline, "must_act_next": must_act_next(row, workflow),
            "href": url_for("api.ticket", number=row.number)}  # fmt: skip


def must_act_next(row: Ticket, workflow: Workflow) -> dict[str, Any] | None:
    """The party whose turn it is, and which of its roles can do something about it; None when the ticket has ended."""
    if row.final:
        return None
    awaited = [role.name for role in roles_to_act(workflow, row.state, row.awaits)]
    roles = [CLOCK.name] if row.awaits == DESK.name else awaited
    return {"party": row.awaits, "label": label("party", row.awaits) if row.awaits else "", "roles": roles}


def whole(sight: Sight, own_parties: set[str]) -> dict[str, Any]:
    """Everything that one person may know of a ticket now, with what they can do about it."""
    row, rows = sight.row, sight.rows
    at = {one.id: one for one in rows.events}
    return {
        **summary(ticket_data(row), sight.workflow),
        "contract": row.contract_key, "headline": row.headline, "must_act_next": must_act_next(row, sight.workflow),
        "deadlines": [_deadline(one, sight) for one in rows.timers],
        "papers": [_paper(one, row, at.get(one.event_id), rows.signatures) for one in rows.papers],
        "links": [
            {"number": other.number, "kind": other.kind, "state": other.state, "final": other.final, "relation": relation}
            for relation, other in rows.links if not other.opener_only or other.opened_party in own_parties
        ],
        "notices": [say(one) for one in sight.notices],
        "actions": [_action(sight, name, decision) for name, decision in sight.previews.items()],
    }  # fmt: skip


def _deadline(timer: Timer, sight: Sight) -> dict[str, Any]:
    declared = sight.workflow.deadlines.get(timer.deadline)
    overdue = timer.shown == "running" and timer.due_at < sight.at
    reminder = declared is not None and declared.reminds  # Nothing is owed when a reminder runs out.
    beside = limit_view.said_of(sight, timer)
    return {
        "name": timer.deadline, "label": label("deadline", timer.deadline), "clause": timer.clause,
        "says": sentence(declared.says) if declared else "", "party": timer.party, "figure": timer.figure,
        "started_at": plain(timer.started_at), "due_at": plain(timer.due_at), "status": timer.shown,
        "provisional": timer.provisional, "nominal_at": plain(timer.nominal_at), "calendar": timer.calendar or None,
        "breached": (timer.shown == "missed" or overdue) and not reminder, "reminder": reminder,
        "stopped_at": plain(timer.stopped_at),
        "struck_at": plain(timer.struck_at),
        "adjusted_due_at": plain(beside.adjusted_due_at),
        "foretold": {"expected_at": plain(beside.foretold.expected_at), "reason": beside.foretold.reason}
        if beside.foretold else None,
        "likely_miss_told_at": plain(beside.likely_miss.at) if beside.likely_miss else None,
    }  # fmt: skip


def _paper(paper: Paper, row: Ticket, filed: Event | None, signatures: Sequence[Signature]) -> dict[str, Any]:
    return {
        "id": paper.id, "kind": paper.kind, "label": label("paper", paper.kind), "version": paper.version,
        "digest": paper.digest, "content": paper.content, "current": paper.content == row.content, "at": plain(paper.at),
        "by": filed.name if filed else "", "party": paper.party, "fields": paper.fields,
        "file": None if paper.file_digest is None else {
            "name": paper.file_name, "media_type": paper.file_type, "size": paper.file_size, "digest": paper.file_digest,
            "href": url_for("api.file", number=row.number, paper=paper.id),
        },
        "signatures": [
            {"name": one.name, "party": one.party, "role": one.role, "meaning": one.meaning,
             "label": label("action", one.meaning), "method": one.method, "digest": one.digest, "at": plain(one.at)}
            for one in signatures if one.paper_id == paper.id
        ],
    }  # fmt: skip


def _action(sight: Sight, name: str, decision: Decision) -> dict[str, Any]:
    action = sight.workflow.actions[name]
    return {**offer(action, decision), "form": schema(action, sight.choices)}


def offer(action: Action, decision: Decision) -> dict[str, Any]:
    """An action with whether it can be done now and, if not, everything that is missing."""
    enabled = isinstance(decision, Accepted)
    return {
        "name": action.name, "label": label("action", action.name), "says": sentence(action.says),
        "clause": action.clause, "by": [role.name for role in action.by], "enabled": enabled,
        "missing": [] if isinstance(decision, Accepted) else missing(record.shortfalls(decision.missing)),
        "binding": binding(action), "takes_file": action.takes_file, "quiet": action.quiet,
    }  # fmt: skip


def binding(action: Action) -> bool:
    """Whether the act asks for a fresh second factor."""
    return any(guard.name == "identified" for guard in action.guards)
