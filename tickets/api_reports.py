"""Reports and tasks as the API tells them: the same tables as on the pages, as data with the labels beside the names."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import url_for

from auth.sessions import Caller
from database import reading
from tickets import reports, reports_view, room
from tickets.api_problems import Problem
from tickets.api_request import wrong
from tickets.speech import label, say, sentence
from tickets.ticket_view import role_names
from workflow.canonical import plain
from workflow.contract import Contract
from workflow.declare import Words
from workflow.report import Report, month_named, month_of


def _contract(who: Caller, key: str) -> Contract:
    """A contract in which the caller has a mandate; any other is as good as none."""
    if key not in who.contracts or key not in room().desk.contracts:
        raise Problem("not-found")
    return room().desk.contracts[key]


def listed(who: Caller, key: str) -> list[dict[str, Any]]:
    """What reports there are in this contract."""
    return [
        {**reports_view.described(workflow.kind, report),
         "href": url_for("api.report", contract=key, kind=workflow.kind, name=report.name)}
        for workflow, report in reports.offered(room().desk, _contract(who, key))
    ]  # fmt: skip


def made(who: Caller, key: str, kind: str, name: str, month: str | None) -> dict[str, Any]:
    """One report: of the month that is named, else of the current one."""
    desk, contract = room().desk, _contract(who, key)
    found = reports.find(desk, contract, kind, name)
    if found is None:
        raise Problem("not-found")
    workflow, report = found
    at = desk.now()
    first = _month(report, month, month_of(contract.calendar, at))
    with reading(desk.engine) as session:
        return reports_view.told(reports.make(session, contract, workflow, report, at=at, month=first))


def _month(report: Report, text: str | None, this: date) -> date | None:
    if not report.by_month:
        if text is not None:
            raise wrong("month", Words("This report is not by month: it tells how things stand now."))
        return None
    if text is None:
        return this
    month = month_named(text)
    if month is None:
        raise wrong("month", Words("“%(text)s” is no month: write it as 2026-05.", text=text))
    return month


def tasks(who: Caller) -> list[dict[str, Any]]:
    """What the caller has to do that no ticket carries yet, soonest first."""
    desk = room().desk
    at = desk.now()
    with reading(desk.engine) as session:
        found = reports.standing(session, desk, who, at)
    return [
        {"contract": one.contract.key, "kind": one.workflow.kind, "kind_label": label("kind", one.workflow.kind),
         "name": one.task.name, "label": label("task", one.task.name), "clause": one.task.clause,
         "says": sentence(one.task.says), "about": say(one.owed.about) if one.owed.about else None,
         "due_at": plain(one.due_at), "last_day": plain(one.last_day),
         "overdue": one.is_overdue(at), "roles": [role.name for role in one.task.who], "role_labels": role_names(one.task.who)}
        for one in found
    ]  # fmt: skip
