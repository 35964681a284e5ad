"""Reports of a contract on pages: which there are, one of them as a table, and the same as a file for a spreadsheet."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, render_template
from flask_babel import gettext
from sqlalchemy.orm import Session

from auth.policy import WITH_MANDATE, policy
from auth.sessions import caller
from tickets import chrome, reports, reports_view, room
from tickets.arguments import arguments, contract_of
from tickets.reports import Made
from workflow.calendar import add_months
from workflow.contract import Contract
from workflow.report import FIRST_YEAR, LAST_YEAR, Report, month_named, month_of, month_text

blueprint = Blueprint("report", __name__, url_prefix="/contracts/<key>/reports")


@blueprint.get("")
@policy(WITH_MANDATE)
def listed(key: str) -> Any:
    """Every report of the contract, each with what it counts."""
    who = caller()
    contract = contract_of(who, key)
    arguments()
    with room().queries.view() as session:
        chrome.take_pulse(who, session)
    found = list(reports.offered(room().desk, contract))
    return render_template("desk/reports.html", contract=contract, found=found)


@blueprint.get("/<kind>/<name>")
@policy(WITH_MANDATE)
def shown(key: str, kind: str, name: str) -> Any:
    """One report, by month or as it stands now."""
    who = caller()
    contract = contract_of(who, key)
    with room().queries.view() as session:
        made = _made(session, contract, kind, name)
        chrome.take_pulse(who, session)
    this = month_of(contract.calendar, made.at)
    return render_template(
        "desk/report.html",
        made=made,
        contract=contract,
        shown=reports_view.shown,
        form_of=reports_view.form_of,
        cut_short=reports_view.cut_short,
        month=month_text(made.month) if made.month else None,
        before=_month(made.month, -1),
        after=_month(made.month, 1),
        unfinished=made.month is not None and made.month >= this,
    )


@blueprint.get("/<kind>/<name>/csv")
@policy(WITH_MANDATE)
def exported(key: str, kind: str, name: str) -> Any:
    """The report as a file."""
    contract = contract_of(caller(), key)
    with room().queries.view() as session:
        made = _made(session, contract, kind, name)
    answer = Response(reports_view.as_csv(made), content_type="text/csv; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename=reports_view.file_name(made))
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _made(session: Session, contract: Contract, kind: str, name: str) -> Made:
    desk = room().desk
    found = reports.find(desk, contract, kind, name)
    if found is None:
        abort(404)
    workflow, report = found
    at = desk.now()
    given = arguments(*(("month",) if report.by_month else ()))
    month = _asked(report, given.get("month", ""), month_of(contract.calendar, at))
    return reports.make(session, contract, workflow, report, at=at, month=month)


def _asked(report: Report, text: str, this: date) -> date | None:
    """The month that is meant: the one named, else the current one; 422 in words for what is none."""
    if not report.by_month:
        return None
    if not text:
        return this
    month = month_named(text)
    if month is None:
        abort(422, description=gettext("“%(text)s” is no month: write it as 2026-05.", text=text))
    return month


def _month(month: date | None, months: int) -> str | None:
    """The month so many later or earlier, where there is one to ask for."""
    if month is None:
        return None
    moved = add_months(month, months)
    return month_text(moved) if FIRST_YEAR <= moved.year <= LAST_YEAR else None
