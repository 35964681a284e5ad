"""What the frame of every page shows of this room: where one can go, what waits, and whether the clock is alive."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Flask, g, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from auth import asking, desk
from auth.policy import WITH_MANDATE, allows
from auth.sessions import Caller, caller_or_none
from tickets import labels, room
from tickets.speech import label, language, length, moment, say, whole_seconds
from workflow.contract import Contract
from workflow.terms import yuan

OF_THE_CONTRACT = ("contract", "report", "calendar", "theatre")
"""Rooms whose pages hang on the contract's, whatever their address."""
ALIVE, LATE = timedelta(seconds=30), timedelta(minutes=5)


def install(app: Flask) -> None:
    """Hands the frame and the words to every template, and gives errors a page."""
    app.context_processor(frame)
    app.jinja_env.globals.update(say=say, zone_of=zone_of, label=label, cite=cite, read=read, labels=labels)
    app.jinja_env.filters.update(moment=shown_moment, iso=iso, yuan=yuan, length=length, whole_seconds=whole_seconds)
    app.register_error_handler(HTTPException, error_page)


def works_here(who: Caller | None) -> bool:
    """Whether the business pages are there for this caller."""
    return who is not None and allows((WITH_MANDATE,), who)


def take_pulse(who: Caller, session: Session | None = None) -> None:
    """Asks for the frame's figures within the page's own view, so that they cost one statement."""
    waiting, beat, loadings, unread = room().queries.pulse(who, session)
    room().contracts.told(loadings)
    g.pulse = waiting, beat, unread


def frame() -> dict[str, Any]:
    """Context of base.html. A page that did not take the pulse itself (an account, an error) has it taken here."""
    at = desk().now()
    shown: dict[str, Any] = {"now_iso": iso(at), "here": at}
    who = caller_or_none()
    if who is None or not works_here(who):
        return shown
    if "pulse" not in g:
        take_pulse(who)
    waiting, beat, unread = g.pulse
    return {
        **shown,
        "bell": _bell(unread),
        "navigation": _navigation(waiting),
        "heartbeat": heartbeat(beat, at),
        "account_url": url_for("auth.account"),
    }


def _navigation(waiting: int) -> list[dict[str, Any]]:
    entries = (
        (gettext("To do"), url_for("desk.inbox"), waiting),
        (gettext("Tickets"), url_for("desk.listed"), None),
        (gettext("New"), url_for("desk.offered"), None),
        (gettext("Contract"), url_for("contract.shown"), None),
        (gettext("Notices"), url_for("desk.notices"), None),
    )
    longest = max(
        (url for _, url, _ in entries if request.path == url or request.path.startswith(f"{url}/")), key=len, default=""
    )
    if not longest and request.blueprint in OF_THE_CONTRACT:
        longest = url_for("contract.shown")
    return [
        {"label": text, "url": url, "count": ("99+" if count and count > 99 else count), "current": url == longest}
        for text, url, count in entries
    ]


def _bell(unread: int) -> dict[str, Any]:
    """The bell: how many notices were not read yet, in a number and in words."""
    count = "99+" if unread > 99 else str(unread or "")
    says = gettext("Notices not read: %(count)s", count=count) if unread else gettext("Every notice is read")
    return {"url": url_for("desk.notices"), "count": count, "says": says}


def heartbeat(beat: datetime | None, at: datetime) -> dict[str, str]:
    """Whether deadlines are being watched: alive under 30 seconds, late under 5 minutes, else dead."""
    if beat is None:
        return {"state": "dead", "says": gettext("Deadlines not watched")}
    silent = max(at - beat, timedelta())
    if silent < ALIVE:
        return {"state": "alive", "says": gettext("Deadlines watched")}
    if silent < LATE:
        return {"state": "late", "says": gettext("Deadline watch %(time)s behind", time=length(whole_seconds(silent)))}
    return {"state": "dead", "says": gettext("Deadlines not watched for %(time)s", time=length(whole_seconds(silent)))}


def error_page(error: HTTPException) -> Any:
    """An error in words, inside the frame. Answers of the API and answers made on purpose keep their own form."""
    if request.path.startswith("/api/") or error.response is not None or error.code is None:
        return error
    says = {
        400: gettext("This request could not be read."),
        403: gettext("That is not yours to do."),
        404: gettext("There is nothing here for you."),
        405: gettext("This address does not take such a request."),
        413: gettext("That is larger than this desk takes."),
        422: error.description or gettext("The form was not filled in as this page offers it."),
        429: gettext("Too many attempts within a minute. This one was not looked at."),
        503: gettext("The records cannot be reached just now."),
    }.get(error.code, gettext("The desk cannot answer this."))
    remedy = {
        404: gettext("Perhaps the address is mistyped, or it belongs to another contract or another party."),
        400: gettext("Reload the page you came from and try again; what you typed is still there when you go back."),
        429: gettext("Wait a minute, go back and send it again: what you typed is still there."),
        503: gettext("Go back and send it again in a moment: if it was done the first time, it is not done twice."),
    }.get(error.code)
    answer = error.get_response()
    answer.data = render_template("error.html", status=error.code, says=says, remedy=remedy)
    answer.content_type = "text/html; charset=utf-8"
    return answer


# --- words for templates ---------------------------------------------------------------------------------------------


def read(text: str) -> str:
    """A declared sentence in the reader's language. Templates' own `_` would take a per cent sign in it for a place."""
    return str(gettext(text)) if text else ""


def iso(at: datetime | None) -> str:
    """For <time datetime> and the clocks in the page."""
    return "" if at is None else at.astimezone(asking.UTC).isoformat().replace("+00:00", "Z")


def shown_moment(at: datetime | str | None, *, exact: bool = False) -> str:
    """An instant with its zone."""
    if at is None:
        return ""
    instant = datetime.fromisoformat(at) if isinstance(at, str) else at
    return moment(instant, exact=exact)


def zone_of(key: str) -> str:
    """The zone of a contract, for what stands among things of others."""
    return str(room().desk.contracts[key].calendar.zone.key)


def cite(identifier: str, contract: Contract) -> dict[str, str]:
    """A clause as every page shows it: its id, its short wording, where it stands."""
    clause = contract.clauses.get(identifier)
    return {
        "id": identifier,
        "says": clause.text.for_language(language()) if clause else "",
        "url": url_for("contract.clause", identifier=identifier, contract=contract.key) if clause else "",
    }
