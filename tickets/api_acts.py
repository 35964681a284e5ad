"""What a program does at the desk: opening, acting, filing, signing, proving who it acts for.

Each is one attempt at the one door and one answer, remembered under the request's key. A repeated request gets the first
answer again, in the language that is asked for now, provided that the ticket may still be seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import IO, Any

from flask import Response, current_app, jsonify, request, url_for
from sqlalchemy import select

from auth import asking
from auth.sessions import Caller
from database import reading
from tickets import Room, api_answers, room
from tickets.acts import Act, Outcome
from tickets.api_problems import OF_RESULT, Problem, answer
from tickets.api_request import Doing, Opening, Signing, contract_of, wrong
from tickets.models import Answer, Paper, Ticket
from tickets.queries import visible
from tickets.record import FileFact
from tickets.vault import FileRefused, safe_name
from workflow.declare import Action, Words, Workflow
from workflow.wording import to_data

DOOR, ATTACH = "api", "attach"
REPLAYED = "Idempotent-Replayed"
LONGEST_FORM_FIELD = 10_000


def open_ticket(caller: Caller, key: str, sent: Opening) -> Response:
    """201 with the new ticket's address."""
    contract = contract_of(caller, sent.contract)
    offered = room().desk.offered(contract)
    workflow = offered.get(sent.kind)
    if workflow is None:
        raise wrong("kind", Words("This contract has no such kind of ticket."))
    if workflow.opening.name != sent.action:
        raise wrong("action", Words("A ticket of this kind is opened by another action."))
    outcome = room().desk.act(
        Act(
            account=caller.person_id,
            action=sent.action,
            key=key,
            kind=sent.kind,
            contract=contract,
            fields=sent.fields,
            door=DOOR,
        )
    )
    return told(outcome, opened=True)


def do(caller: Caller, key: str, number: str, action: str, sent: Doing) -> Response:
    """One act on a ticket."""
    return told(
        room().desk.act(
            Act(
                account=caller.person_id,
                action=action,
                key=key,
                number=number,
                version=sent.version,
                fields=sent.fields,
                door=DOOR,
            )
        )
    )


def file_paper(caller: Caller, key: str, number: str) -> Response:
    """Keeps a brought file with the ticket, through the standing act. A file that is not taken is refused on record."""
    seen(caller, number)  # Before a byte is kept: the vault is no store for strangers.
    fields, brought = _multipart()
    kept, faults = _kept(*brought) if brought else (None, [])
    version = fields.pop("version", None)
    return told(
        room().desk.act(
            Act(
                account=caller.person_id,
                action=ATTACH,
                key=key,
                number=number,
                version=_version(version),
                fields=fields,
                file=kept,
                faults=faults,
                door=DOOR,
            )
        )
    )


def _multipart() -> tuple[dict[str, Any], tuple[IO[bytes], str] | None]:
    """The fields of a multipart body, each once, and its file."""
    if request.mimetype != "multipart/form-data":
        raise Problem("media-type", Words("Send the file as multipart/form-data."))
    fields: dict[str, Any] = {}
    for name, values in request.form.lists():
        if len(values) > 1 or len(values[0]) > LONGEST_FORM_FIELD or len(name) > 80 or not name.isprintable():
            raise wrong(name[:80], Words("Give this once."))
        fields[name] = values[0]
    files = [(name, one) for name, ones in request.files.lists() for one in ones]
    if not files:
        return fields, None
    if len(files) > 1 or files[0][0] != "file":
        raise wrong("file", Words("Send one file, in the part named “file”."))
    return fields, (files[0][1].stream, files[0][1].filename or "")


def _kept(stream: IO[bytes], name: str) -> tuple[FileFact, list[dict[str, Any]]]:
    limit = current_app.extensions["counterpart"].settings.upload_limit_bytes
    try:
        return room().vault.keep(stream, name, limit_bytes=limit), []
    except FileRefused as refused:
        # What was brought is told apart by its digest, so that another file under the same key is another request.
        stream.seek(0)
        digest, size = hashlib.sha256(), 0
        while block := stream.read(64 * 1024):
            digest.update(block)
            size += len(block)
        return FileFact(digest.hexdigest(), safe_name(name), "", size), [
            {"field": "file", "says": to_data(refused.says)}
        ]


def _version(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise wrong("version", Words("This value does not fit."))
    return int(text)


def sign_paper(caller: Caller, key: str, number: str, paper_id: int, sent: Signing) -> Response:
    """Does the declared act that signs this paper from where the ticket stands now."""
    row, paper, newest, workflow = _signable(caller, number, paper_id)
    first, faults = first_answer(caller, key), list[dict[str, Any]]()
    if first is not None:
        # A repetition is resolved as it was the first time: by now the same paper may be signed by another act.
        action = str((first.get("event") or {}).get("action", ""))
    else:
        action = _signing(caller, workflow, row.state, row.contract_key, paper.kind, sent.action).name
        if newest != paper.id:
            says = Words("There is a newer version of this document; the older one can no longer be signed.")
            faults = [{"field": "paper", "says": to_data(says)}]
    return told(
        room().desk.act(
            Act(
                account=caller.person_id,
                action=action,
                key=key,
                number=number,
                version=sent.version,
                fields=sent.fields,
                faults=faults,
                about=f"paper {paper_id} {sent.action or ''}",
                door=DOOR,
            )
        )
    )


def _signable(caller: Caller, number: str, paper_id: int) -> tuple[Ticket, Paper, int, Workflow]:
    desk = room().desk
    with reading(desk.engine) as session:
        found = session.execute(
            select(Ticket, Paper)
            .join(Paper, Paper.ticket_id == Ticket.id)
            .where(Ticket.number == number, Ticket.kind.in_(desk.workflows), visible(caller))
            .order_by(Paper.version.desc(), Paper.id.desc())
        ).all()
    row, paper = next(((row, paper) for row, paper in found if paper.id == paper_id), (None, None))
    if row is None or paper is None:
        raise Problem("not-found")
    newest = next(one.id for _, one in found if one.kind == paper.kind)
    return row, paper, newest, desk.workflows[row.kind]


def _signing(caller: Caller, workflow: Workflow, state: str, contract: str, kind: str, named: str | None) -> Action:
    """The act that is meant: of the caller's own from here, else another's from here, else one of another state, so that
    the desk can say what is wrong with it. 422 where none or several could be meant."""
    signing = [a for a in workflow.actions.values() if a.signs and a.signs.name == kind and a.files != a.signs]
    if named is not None:
        signing = [action for action in signing if action.name == named]
    roles = {mandate.role for mandate in caller.mandates if mandate.contract_key == contract}
    here = [action for action in signing if action in workflow.actions_from(state)]
    mine_here, mine = ([a for a in ones if roles & {role.name for role in a.by}] for ones in (here, signing))
    if len(mine_here) > 1:
        says = Words(
            "Several acts sign this document; name one of: %(names)s.", names=", ".join(a.name for a in mine_here)
        )
        raise wrong("action", says)
    for ones in (mine_here, here, mine, signing):
        if ones:
            return ones[0]
    raise wrong("paper", Words("No act of this kind of ticket signs such a document."))


# --- answers -----------------------------------------------------------------------------------------------------------


def told(outcome: Outcome, *, opened: bool = False) -> Response:
    """What the desk answered, as a response."""
    here = room()
    ticket = None
    if outcome.ticket is not None:
        contract = here.desk.contracts.get(outcome.ticket.get("contract", ""))  # Older answers do not name it.
        if contract is not None:
            asking.tell_in(contract.calendar.zone)
        ticket = api_answers.summary(outcome.ticket, here.desk.workflows.get(str(outcome.ticket["kind"])))
    if not outcome.accepted:
        response = answer(
            OF_RESULT[outcome.result],
            ticket=ticket,
            missing=api_answers.missing(outcome.missing) or None,
            errors=api_answers.errors(outcome.errors) or None,
            changed=[api_answers.event(one) for one in outcome.changed] if outcome.result == "stale" else None,
            receipt=dict(outcome.receipt) if outcome.receipt else None,
        )
    else:
        assert outcome.event is not None
        response = jsonify(ticket=ticket, event=api_answers.event(outcome.event), receipt=dict(outcome.receipt or {}))
        if opened:
            response.status_code = 201
            response.headers["Location"] = url_for("api.ticket", number=outcome.number)
    return replayed(response) if outcome.replayed else response


def replayed(response: Response) -> Response:
    response.headers[REPLAYED] = "true"
    return response


def seen(caller: Caller, number: str) -> Ticket:
    """The ticket's row, or 404 when the caller may not see it."""
    here: Room = room()
    with reading(here.desk.engine) as session:
        row = session.scalar(
            select(Ticket).where(Ticket.number == number, Ticket.kind.in_(here.desk.workflows), visible(caller))
        )
    if row is None:
        raise Problem("not-found")
    return row


def first_answer(caller: Caller, key: str) -> Mapping[str, Any] | None:
    """What was answered to the first request with this key, if there was one."""
    with reading(room().desk.engine) as session:
        found = session.get(Answer, (caller.person_id, key))
        return found.outcome if found else None
