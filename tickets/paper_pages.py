"""Brought files and receipts. A file is handed out as a download, never as a page; whoever may not see its ticket gets 404."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, send_file
from sqlalchemy import select

from auth import desk as base
from auth.policy import WITH_MANDATE, policy
from auth.sessions import caller
from database import reading
from tickets import chrome, room
from tickets.models import Event, Paper, Ticket
from tickets.queries import visible
from tickets.vault import TYPES

blueprint = Blueprint("paper", __name__)
FILE_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"


@blueprint.get("/papers/<int:number>/file")
@policy(WITH_MANDATE)
def file(number: int) -> Any:
    """The file of a paper. That its ticket may be seen is asked now, not when the link was made."""
    if number >= 2**31:
        abort(404)
    with reading(base().engine) as session:
        paper = session.scalar(
            select(Paper).join(Ticket, Ticket.id == Paper.ticket_id).where(Paper.id == number, visible(caller()))
        )
    if paper is None or paper.file_digest is None:
        abort(404)
    path = room().vault.path(paper.file_digest)
    if not path.is_file():
        abort(404)
    media_type = paper.file_type if paper.file_type in TYPES else "application/octet-stream"
    answer = send_file(
        path,
        mimetype=media_type,
        as_attachment=True,
        download_name=paper.file_name or "file",
        conditional=False,
        etag=False,
        last_modified=None,
        max_age=None,
    )
    answer.headers["Content-Security-Policy"] = FILE_POLICY
    return answer


@blueprint.get("/receipts/<number>/<int:sequence>")
@policy(WITH_MANDATE)
def receipt(number: str, sequence: int) -> Any:
    """Where an event stands in the contract's log."""
    if sequence >= 2**31:
        abort(404)
    who = caller()
    with room().queries.view() as session:
        chrome.take_pulse(who, session)
        found = session.execute(
            select(Event, Ticket)
            .join(Ticket, Ticket.id == Event.ticket_id)
            .where(Ticket.number == number, Event.sequence == sequence, visible(who))
        ).one_or_none()
    if found is None:
        abort(404)
    event, ticket = found
    return render_template("desk/receipt.html", event=event, ticket=ticket)
